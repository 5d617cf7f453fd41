"""What workers run. Each may run twice, late, or die half-way without harm; arguments are keys."""

import logging
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from referrals import accounts, freshness, notifications, public_changes, rate_limits, workflow
from referrals.import_export import uploads
from referrals.models import Heartbeat
from referrals.visitor_messages import card_requests, public_messages

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


def move_on_due() -> int:
    """Pass on what was asked of organisations that were leaving at that moment; return how many offers."""
    return _each(workflow.move_on, workflow.due_move_ons())


def ask_to_confirm_due() -> int:
    """Ask organisations to look at services that nobody has confirmed for long; return how many were asked."""
    return _each(freshness.ask_to_confirm, freshness.due_confirmations())


def answer_reset_request(pk: int) -> None:
    """Send the link for a new password, if the request is somebody's and has not been answered."""
    if not accounts.answer_reset_request(pk):
        log.info("nothing to send for reset request %s", pk)


def answer_reset_requests() -> int:
    """Answer who asked for a new password and was missed by the bell; return how many were."""
    return _each(accounts.answer_reset_request, accounts.waiting_reset_requests())


def work_on_table(pk: int) -> None:
    """Find out what an uploaded table would do, or do it, if nobody else has."""
    if not uploads.work_on_table(pk):
        log.info("nothing to do for table %s", pk)


def take_tables_up_again() -> int:
    """Enqueue uploaded tables whose task was lost or whose worker died; return how many there were."""
    return uploads.requeue_tables()


def forget_what_is_over() -> None:
    """Delete what is kept for a while only: requests, tries, uploaded tables, messages of the public, sessions."""
    accounts.prune_reset_requests()
    accounts.prune_tries()
    uploads.prune_uploaded_tables()
    public_messages.forget()
    card_requests.forget()
    public_changes.forget_old_changes()
    rate_limits.prune(public_messages.LIMITS + card_requests.LIMITS)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def publish_scheduled_pages() -> None:
    """Publish the CMS's pages whose time has come, and take down those whose time is over."""
    call_command("publish_scheduled")


def tell_of_lock(pk: int) -> None:
    """Tell whoever has the account that wrong passwords are tried at it, if anybody has."""
    if not accounts.tell_of_lock(pk):
        log.info("nobody to tell about refused sign-ins %s", pk)


def _each(verb: Callable[[int], bool], keys: list[int]) -> int:
    """One transaction each: what fails for one is logged by its key and holds up nobody else."""
    done = 0
    for key in keys:
        try:
            done += verb(key)
        except Exception:
            log.exception("%s failed for key %s", verb.__name__, key)
    return done
