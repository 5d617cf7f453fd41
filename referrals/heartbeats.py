"""Signs of life of background workers: a row for each, renewed when it has finished a task.

django-q2's monitor reports a task once a worker has run it and it is off the queue. A row therefore stays fresh only
while every part of the cluster works.
"""

import os
import socket
from datetime import timedelta

from django.utils import timezone
from django_q.models import OrmQ

from referrals.models import Heartbeat

NAME_VARIABLE = "WORKER_NAME"  # by which `manage.py work` tells the processes of its cluster which row is theirs
RENEWED_AFTER = timedelta(seconds=5)
SILENT = timedelta(minutes=3)  # longer than `manage.py work` takes to notice and start again
TOO_LONG = timedelta(minutes=10)


def worker_name() -> str:
    return os.environ.get(NAME_VARIABLE) or socket.gethostname()[:40]


def renew_heartbeat(**signal: object) -> None:
    """Note that a task was executed and acknowledged, at most every few seconds."""
    now = timezone.now()
    recent = Heartbeat.objects.filter(name=worker_name(), quiet_until=None, at__gt=now - RENEWED_AFTER, at__lte=now)
    if not recent.exists():
        _store(quiet_until=None, quiet_process=None)


def announce_long_task(seconds: int) -> None:
    """Say that this worker may finish nothing for so many seconds: all its processes may be at long tasks."""
    _store(quiet_until=timezone.now() + timedelta(seconds=seconds), quiet_process=os.getpid())


def is_at_long_task(heartbeat: Heartbeat) -> bool:
    """Whether the long task may still be running. Only for a worker on this machine, whose processes can be seen."""
    if not heartbeat.quiet_process or not heartbeat.quiet_until or heartbeat.quiet_until <= timezone.now():
        return False
    try:
        os.kill(heartbeat.quiet_process, 0)  # signal 0 only tests whether it exists
    except OSError:
        return False
    return True


def _store(**fields: object) -> None:
    Heartbeat.objects.update_or_create(name=worker_name(), defaults={"at": timezone.now(), **fields})


def is_a_worker_alive() -> bool:
    newest = Heartbeat.objects.order_by("-at").first()
    if newest is None:
        return False
    return timezone.now() < (newest.quiet_until or newest.at) + SILENT


def is_queue_moving() -> bool:
    """Whether no task has waited for long. `lock` is when a worker could first take it."""
    return not OrmQ.objects.filter(lock__lt=timezone.now() - TOO_LONG).exists()
