"""/healthz: whether everything runs, for a monitor that cannot sign in."""

from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from referrals.models import Heartbeat
from referrals.notifications import oldest_unsent
from referrals.view_access import public

WORKER_SILENT = timedelta(minutes=5)
MAIL_LATE = timedelta(minutes=30)


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if database, migrations, worker and outbox are well; otherwise 503, with the one that is not."""
    try:
        checks = {"database": True, **_checks()}
    except DatabaseError:
        checks = {"database": False}
    is_well = all(checks.values())
    response = JsonResponse({"status": "ok" if is_well else "unwell", **checks}, status=200 if is_well else 503)
    response["Cache-Control"] = "no-store"
    return response


def _checks() -> dict[str, bool]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return {"migrations": False}
    now = timezone.now()
    heartbeat = Heartbeat.objects.filter(name="worker").first()
    waiting_since = oldest_unsent()
    return {
        "migrations": True,
        "worker": heartbeat is not None and now - heartbeat.at < WORKER_SILENT,
        "outbox": waiting_since is None or now - waiting_since < MAIL_LATE,
    }
