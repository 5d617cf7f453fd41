"""What workers run. Each may run twice, late, or die half-way without harm; arguments are keys."""

import logging
from collections.abc import Callable

from django.utils import timezone

from referrals import notifications, workflow
from referrals.models import Heartbeat

log = logging.getLogger(__name__)


def send_notification(pk: int) -> None:
    """Send one message, if nobody else has."""
    notification = notifications.claim(pk)
    if notification:
        notifications.send(notification)


def sweep_outbox() -> int:
    """Send whatever is due and unsent: what the bell of `send_notification` missed, and what is to be tried again."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
    return notifications.sweep()


def remind_due() -> int:
    """Remind every organisation whose reminder is due; return how many were."""
    return _each(workflow.remind, workflow.due_reminders())


def lapse_due() -> int:
    """Pass every missing answer on that is due; return how many were."""
    return _each(workflow.lapse, workflow.due_lapses())


def _each(verb: Callable[[int], bool], keys: list[int]) -> int:
    """One transaction each: what fails for one is logged by its key and holds up nobody else."""
    done = 0
    for key in keys:
        try:
            done += verb(key)
        except Exception:
            log.exception("%s failed for assignment %s", verb.__name__, key)
    return done
