"""Working on an uploaded table: finding out what it would do, then doing it; in the request when it is small, else by
a worker, through the same steps. Done twice, late or half-way, it is done once."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from referrals.enums import TableState
from referrals.import_export import job_claims
from referrals.import_export.changes import Change, is_applicable
from referrals.import_export.job_claims import Claim, Lost
from referrals.import_export.others import ActivityResource, CategoryResource, OrganisationResource, VenueResource
from referrals.import_export.resource import ScopedResource
from referrals.import_export.services import OpeningHoursResource, ServiceResource
from referrals.models import UploadedTable

log = logging.getLogger(__name__)

TIMEOUT = 900  # seconds: what the longest table takes, several times
STALE = "Something has changed since you looked. Nothing was done; this is what it would do now."
NO_USER = "Your account is not in use any more. Nothing was changed."

RESOURCES: dict[str, type[ScopedResource]] = {
    resource._meta.model._meta.label: resource
    for resource in (
        ActivityResource,
        CategoryResource,
        OpeningHoursResource,
        OrganisationResource,
        ServiceResource,
        VenueResource,
    )
}

Tick = Callable[[int], None]


def start(table: UploadedTable) -> None:
    """Do the next step at once, or ring for a worker when the table is large."""
    if len(table.rows) > settings.UPLOADED_TABLE_ROWS_AT_ONCE:
        ring(table.pk)
    elif claim := Claim.take(table.pk):
        _work(claim, _unwatched)


def ring(pk: int) -> None:
    async_task("referrals.tasks.work_on_table", pk, timeout=TIMEOUT)


def ring_again() -> int:
    """Ring for what no bell was heard for and what dead workers left; return how many tables that were."""
    now = timezone.now()
    job_claims.give_up(now)
    late = job_claims.overdue(now)
    for pk in late:
        ring(pk)
    return len(late)


def work(pk: int) -> bool:
    """Do the next step of a table and say meanwhile how far it is. False when there is nothing to do."""
    claim = Claim.take(pk)
    if claim is None:
        return False
    with claim.progress() as progress:
        _work(claim, progress)
    return True


def _unwatched(rows_done: int) -> None:
    """Nobody looks on: the answer to the request says it."""


def _work(claim: Claim, tick: Tick) -> None:
    """Raise what went wrong unforeseen, with the table free for the next attempt."""
    step = _look if claim.state == TableState.WAITING else _do
    try:
        if claim.table.user.is_active:
            step(claim, tick)
        else:
            _fail(claim, NO_USER)
    except Lost:
        log.info("table %s was taken over by another worker", claim.table.pk)
    except Exception:
        claim.write()
        raise


def _look(claim: Claim, tick: Tick) -> None:
    table = claim.table
    changes = _as_json(_resource_of(table).apply(table.rows, dry_run=True, tick=tick))
    _show(claim, changes)


def _do(claim: Claim, tick: Tick) -> None:
    """Do what was shown, all of it; or, with nothing done, show what it would do now."""
    table, resource = claim.table, _resource_of(claim.table)
    with transaction.atomic():
        changes = _as_json(resource.apply(table.rows, dry_run=False, tick=tick))
        is_as_shown = changes == table.changes and is_applicable(changes)
        if is_as_shown:
            _log(resource)
            if not claim.write(state=TableState.DONE, rows=[], changes=[], rows_done=len(table.rows)):
                raise Lost
        else:
            transaction.set_rollback(True)
    if not is_as_shown:
        _show(claim, changes, problem=STALE)


def _show(claim: Claim, changes: list[dict], *, problem: str = "") -> None:
    fields = {"changes": changes, "problem": problem, "confirmed_at": None, "attempts": 0, "rows_done": 0}
    claim.write(state=TableState.SHOWN, **fields)


def _fail(claim: Claim, problem: str) -> None:
    claim.write(state=TableState.FAILED, problem=problem, rows=[], changes=[])


def _resource_of(table: UploadedTable) -> ScopedResource:
    return RESOURCES[table.model](table.user)


def _log(resource: ScopedResource) -> None:
    for rows, flag in ((resource.added, ADDITION), (resource.changed, CHANGE)):
        if rows:
            LogEntry.objects.log_actions(resource.user.pk, rows, flag, "With an uploaded table.")


def _as_json(changes: list[Change]) -> list[dict]:
    return [change.as_json() for change in changes]
