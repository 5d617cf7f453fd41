"""Uploaded tables: previewed, then confirmed in the same session, then applied once exactly as previewed.

A small table is processed in the request, a large one by a worker, through the same steps. The library's own confirm
step is not used: it keeps the file on a local disk, under a name that the confirming form sends, and applies whatever
the file does by then.
"""

import logging
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_q.tasks import async_task

from referrals.access.reach import keep_reach
from referrals.enums import TableState
from referrals.import_export.formulas import without_controls
from referrals.import_export.reading import read_table
from referrals.import_export.resource import ChangedRowResult, ScopedResource
from referrals.import_export.services import ServiceResource
from referrals.import_export.small_tables import ActivityResource, CategoryResource, OrganisationResource, VenueResource
from referrals.models import UploadedTable
from referrals.rate_limits import Limit, count
from referrals.refusals import AlreadyDone, Refusal
from referrals.words import join_in_words

log = logging.getLogger(__name__)

RESOURCES: dict[str, type[ScopedResource]] = {
    resource._meta.model._meta.label: resource
    for resource in (ActivityResource, CategoryResource, OrganisationResource, ServiceResource, VenueResource)
}
TABLES_BY_ONE_USER = Limit("tables-by-user", 40, timedelta(hours=1))  # far more than anybody needs
LIMITS = (TABLES_BY_ONE_USER,)
UNFINISHED = (TableState.WAITING, TableState.CONFIRMED)
KEPT_FOR = timedelta(days=1)
MAX_ATTEMPTS = 3
TASK_IS_LATE = timedelta(minutes=1)
TASK_TIMEOUT = 900  # seconds: several times what the longest table takes
GIVEN_UP = "This could not be done, and nothing was changed. Please try again; if it happens again, tell us."
NO_USER = "Your account is not in use any more. Nothing was changed."
OUTCOME_CHANGED = "Something has changed since you looked. Nothing was done; this is what it would do now."


def receive_table(resource: ScopedResource, content: bytes, *, name: str, session: str) -> UploadedTable:
    """Keep and preview a table. Raises Unreadable, and TooMany for a user who sends one after another."""
    with transaction.atomic():
        count([(TABLES_BY_ONE_USER, str(resource.user.pk))], at=timezone.now())
    table = UploadedTable.objects.create(
        user=resource.user,
        session=_digest(session),
        model=resource.model._meta.label,
        name=without_controls(name)[:200],
        rows=read_table(content, resource.column_names, resource.older_columns),
    )
    _start(table)
    return table


def find_tables(resource: ScopedResource, session: str) -> QuerySet:
    return _tables_of(resource).filter(session=_digest(session))


def was_in_another_session(resource: ScopedResource, session: str, pk: int) -> bool:
    return _tables_of(resource).filter(pk=pk).exclude(session=_digest(session)).exists()


def confirm_table(table: UploadedTable) -> None:
    """Start applying the preview. Raise AlreadyDone if it was confirmed before, Refusal if it cannot be applied."""
    if table.state == TableState.SHOWN and not is_applicable(table.changes):
        raise Refusal("Nothing can be done with this table as it is.")
    previewed = UploadedTable.objects.filter(pk=table.pk, state=TableState.SHOWN)
    if not previewed.update(state=TableState.CONFIRMED, confirmed_at=timezone.now(), attempts=0, problem=""):
        raise AlreadyDone("This table has been confirmed before. Nothing was done twice.")
    _start(table)


def is_applicable(changes: list[dict]) -> bool:
    """Whether there is anything to do and no row is refused: it is all or nothing."""
    kinds = {change["kind"] for change in changes}
    return "refused" not in kinds and bool(kinds & {"new", "changed"})


def work_on_table(pk: int) -> bool:
    """Do the next step: preview the table or, once confirmed, apply it.

    False if there is nothing to do or another worker is at it. The attempt is counted in a transaction of its own; the
    row stays locked during the work, so a worker that dies releases it.
    """
    with transaction.atomic():
        table = _lock_due(pk=pk).first()
        if table is None:
            return False
        UploadedTable.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    with transaction.atomic(), keep_reach():
        table = _lock_tables(pk=pk, state=table.state).select_related("user").first()
        if table is None:
            return False
        if not table.user.is_active:
            _finish(table, TableState.FAILED, problem=NO_USER)
        elif table.state == TableState.WAITING:
            changes = RESOURCES[table.model](table.user).apply(table.rows, dry_run=True)
            _store_preview(table, _as_json(changes))
        else:
            _apply_as_previewed(table)
    return True


def requeue_tables() -> int:
    """Enqueue tables whose task was lost or whose worker died; fail those tried too often.

    Return how many were enqueued. Tables being processed are locked, so they are skipped.
    """
    with transaction.atomic():
        for table in _lock_tables(state__in=UNFINISHED, attempts__gte=MAX_ATTEMPTS):
            _finish(table, TableState.FAILED, problem=GIVEN_UP)
        asked_at = Coalesce("confirmed_at", "uploaded_at")
        late = _lock_due().annotate(asked_at=asked_at).filter(asked_at__lt=timezone.now() - TASK_IS_LATE)
        keys = list(late.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        _enqueue(pk)
    return len(keys)


def is_late(table: UploadedTable) -> bool:
    """Whether no worker has started on the table although it has waited for long."""
    return not table.attempts and timezone.now() - (table.confirmed_at or table.uploaded_at) > TASK_IS_LATE


def prune_uploaded_tables() -> int:
    return UploadedTable.objects.filter(uploaded_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _tables_of(resource: ScopedResource) -> QuerySet:
    return UploadedTable.objects.filter(user=resource.user, model=resource.model._meta.label)


def _digest(session: str) -> str:
    return salted_hmac("referrals.uploaded_table", session, algorithm="sha256").hexdigest()


def _start(table: UploadedTable) -> None:
    letters = sum(len(cell or "") for _, cells in table.rows for cell in cells)
    if len(table.rows) > settings.UPLOADED_TABLE_ROWS_AT_ONCE or letters > settings.UPLOADED_TABLE_LETTERS_AT_ONCE:
        _enqueue(table.pk)
    else:
        work_on_table(table.pk)


def _enqueue(pk: int) -> None:
    async_task("referrals.tasks.work_on_table", pk, timeout=TASK_TIMEOUT)


def _lock_tables(**which: object) -> QuerySet:
    return UploadedTable.objects.select_for_update(skip_locked=True, of=("self",)).filter(**which)


def _lock_due(**which: object) -> QuerySet:
    return _lock_tables(state__in=UNFINISHED, attempts__lt=MAX_ATTEMPTS, **which)


def _apply_as_previewed(table: UploadedTable) -> None:
    """Apply what was previewed; if the outcome has changed, roll back and preview it again."""
    resource = RESOURCES[table.model](table.user)
    with transaction.atomic():
        changes = _as_json(resource.apply(table.rows, dry_run=False))
        is_as_previewed = changes == table.changes and is_applicable(changes)
        if not is_as_previewed:
            transaction.set_rollback(True)
    if is_as_previewed:
        _log_changes(resource)
        _finish(table, TableState.DONE)
    else:
        _store_preview(table, changes, problem=OUTCOME_CHANGED)


def _store_preview(table: UploadedTable, changes: list[dict], *, problem: str = "") -> None:
    _save(table, state=TableState.SHOWN, changes=changes, problem=problem, confirmed_at=None, attempts=0)


def _finish(table: UploadedTable, state: TableState, *, problem: str = "") -> None:
    """Empty the table: only that it existed, and its outcome, is kept."""
    _save(table, state=state, problem=problem, rows=[], changes=[])


def _save(table: UploadedTable, **values: object) -> None:
    for name, value in values.items():
        setattr(table, name, value)
    table.save(update_fields=list(values))


def _log_changes(resource: ScopedResource) -> None:
    """Write each row's history: that a table added it, or which columns the table changed."""
    content_type = ContentType.objects.get_for_model(resource.model)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=resource.user.pk,
            content_type=content_type,
            object_id=row.instance.pk,
            object_repr=str(row.instance)[:200],
            action_flag=ADDITION if row.is_new() else CHANGE,
            change_message=f"{_change_in_words(row)} with an uploaded table.",
        )
        for row in resource.saved
    )


def _change_in_words(row: ChangedRowResult) -> str:
    return "Added" if row.is_new() else f"Changed {join_in_words([column for column, *_ in row.cells])}"


def _as_json(changes: list) -> list[dict]:
    return [asdict(change) for change in changes]
