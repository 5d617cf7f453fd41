"""/healthz: whether everything runs, for a monitor that cannot sign in."""

import functools
from uuid import uuid4

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from referrals.heartbeats import is_a_worker_alive, is_queue_moving
from referrals.models import Heartbeat
from referrals.notifications import is_mail_going_out, lacks_mail_server
from referrals.view_access import public

KEPT_SECONDS = 5


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if all is well; otherwise 503, with what is not. It says nothing that a stranger could use.

    The answer is kept for KEPT_SECONDS: to find it writes to the disk, and anybody may ask.
    """
    checks = cache.get_or_set("healthz", _run_checks, KEPT_SECONDS)
    is_well = all(checks.values())
    response = JsonResponse({"status": "ok" if is_well else "unwell", **checks}, status=200 if is_well else 503)
    response["Cache-Control"] = "no-store"
    return response


def _run_checks() -> dict[str, bool]:
    try:
        return {"database": True, **_checks()}
    except (DatabaseError, InterfaceError):
        return {"database": False}


def _checks() -> dict[str, bool]:
    try:
        _check_migrations()
    except _NotMigratedError:
        return {"migrations": False}
    return {
        "migrations": True,
        "disk": can_write(),
        "worker": is_a_worker_alive(),
        "queue": is_queue_moving(),
        "mail_server": not lacks_mail_server(),
        "outbox": is_mail_going_out(),
    }


class _NotMigratedError(Exception):
    pass


@functools.cache
def _check_migrations() -> None:
    # Once they are applied they stay so for this process, and reading them all from disk takes a while.
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _NotMigratedError


def can_write() -> bool:
    """Write a row and roll back. One row may fit even on a full disk, so make a query spill some kilobytes as well."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            Heartbeat.objects.create(name=f"health {uuid4().hex}"[:40], at=timezone.now())
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute("SELECT count(*) FROM generate_series(1, 5000)")
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True
