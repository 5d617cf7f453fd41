"""Uploaded tables that wait for their confirmation: what was shown is what is done, once, by whoever saw it."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals.models import UploadedTable
from referrals.resources.changes import Change
from referrals.resources.formulas import without_controls
from referrals.resources.reading import read_table
from referrals.resources.scoped import ScopedResource
from referrals.workflow import AlreadyDone, Refusal

KEPT = timedelta(days=1)


class Stale(Refusal):
    """It would do something else now than what was shown: nothing was done. `changes` is what it would do."""

    def __init__(self, changes: list[dict]) -> None:
        super().__init__("Something has changed since you looked. Nothing was done; this is what it would do now.")
        self.changes = changes


def _digest(session: str) -> str:
    return salted_hmac("referrals.uploaded_table", session, algorithm="sha256").hexdigest()


def receive(resource: ScopedResource, content: bytes, *, name: str, session: str) -> UploadedTable:
    """Keep a table and what it would do, for the session with this key. Nothing else changes.

    Raise Unreadable when it is no table with the columns of `resource`.
    """
    rows = read_table(content, resource.heads)
    return UploadedTable.objects.create(
        user=resource.user,
        session=_digest(session),
        model=resource.model._meta.label,
        name=without_controls(name)[:200],
        rows=rows,
        changes=_as_json(resource.apply(rows, dry_run=True)),
    )


def tables_of(resource: ScopedResource, session: str) -> QuerySet:
    """Return the tables that the user has uploaded for these rows in this session."""
    return UploadedTable.objects.filter(user=resource.user, session=_digest(session), model=resource.model._meta.label)


def is_applicable(changes: list[dict]) -> bool:
    """Whether there is anything to do, and nothing refused: it is all or nothing."""
    kinds = {change["kind"] for change in changes}
    return "refused" not in kinds and bool(kinds & {"new", "changed"})


@transaction.atomic
def confirm(resource: ScopedResource, table: UploadedTable, *, then: Callable[[], object]) -> None:
    """Do what was shown, all of it, and `then` in the same transaction. Raise AlreadyDone or Stale when not."""
    locked = UploadedTable.objects.select_for_update(no_key=True).get(pk=table.pk)
    if locked.confirmed_at:
        raise AlreadyDone("This table has been confirmed before. Nothing was done twice.")
    changes = _do(resource, locked, then)
    if changes is not None:
        raise Stale(changes)
    locked.rows, locked.changes, locked.confirmed_at = [], [], timezone.now()
    locked.save()


def _do(resource: ScopedResource, table: UploadedTable, then: Callable[[], object]) -> list[dict] | None:
    """Return nothing, or, with nothing done, what it would do now instead of what was shown."""
    with transaction.atomic():
        changes = _as_json(resource.apply(table.rows, dry_run=False))
        if changes != table.changes or not is_applicable(changes):
            transaction.set_rollback(True)
            return changes
        then()
    return None


def show_again(table: UploadedTable, stale: Stale) -> None:
    """Keep what it would do now as what is shown."""
    UploadedTable.objects.filter(pk=table.pk, confirmed_at=None).update(changes=stale.changes)


def prune_uploaded_tables() -> int:
    """Forget what was uploaded more than a day ago, confirmed or not; return how many tables that were."""
    return UploadedTable.objects.filter(uploaded_at__lt=timezone.now() - KEPT).delete()[0]


def _as_json(changes: list[Change]) -> list[dict]:
    return [change.as_json() for change in changes]
