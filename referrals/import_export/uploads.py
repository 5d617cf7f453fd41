"""Uploaded tables that wait for their confirmation: what was shown is what is done, once, by whoever saw it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals.enums import TableState
from referrals.import_export import jobs
from referrals.import_export.changes import is_applicable
from referrals.import_export.formulas import without_controls
from referrals.import_export.reading import read_table
from referrals.import_export.resource import ScopedResource
from referrals.models import UploadedTable
from referrals.workflow import AlreadyDone, Refusal

KEPT = timedelta(days=1)


def _digest(session: str) -> str:
    return salted_hmac("referrals.uploaded_table", session, algorithm="sha256").hexdigest()


def receive(resource: ScopedResource, content: bytes, *, name: str, session: str) -> UploadedTable:
    """Keep a table for the session with this key and begin to find out what it would do. Nothing else changes.

    Raise Unreadable when it is no table with the columns of `resource`.
    """
    table = UploadedTable.objects.create(
        user=resource.user,
        session=_digest(session),
        model=resource.model._meta.label,
        name=without_controls(name)[:200],
        rows=read_table(content, resource.heads),
    )
    jobs.start(table)
    return table


def tables_of(resource: ScopedResource, session: str) -> QuerySet:
    """Return the tables that the user has uploaded for these rows in this session."""
    return UploadedTable.objects.filter(user=resource.user, session=_digest(session), model=resource.model._meta.label)


def confirm(table: UploadedTable) -> None:
    """Begin to do what was shown. Raise AlreadyDone when that was begun before, Refusal when nothing can be done."""
    if table.state == TableState.SHOWN and not is_applicable(table.changes):
        raise Refusal("Nothing can be done with this table as it is.")
    with transaction.atomic():
        shown = UploadedTable.objects.filter(pk=table.pk, state=TableState.SHOWN)
        begun = {"confirmed_at": timezone.now(), "claimed_at": None, "attempts": 0, "rows_done": 0, "problem": ""}
        if not shown.update(state=TableState.CONFIRMED, **begun):
            raise AlreadyDone("This table has been confirmed before. Nothing was done twice.")
    jobs.start(table)


def prune_uploaded_tables() -> int:
    """Forget what was uploaded more than a day ago, confirmed or not; return how many tables that were."""
    return UploadedTable.objects.filter(uploaded_at__lt=timezone.now() - KEPT).delete()[0]
