"""What workers run. Each may run twice, run late or die half-way without harm; arguments are keys.

Others name a task by its dotted path in a string and never import this module.
"""

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
    """Send one message, unless another worker has."""
    notification = notifications.claim(pk)
    if notification:
        notifications.send(notification)


def sweep_outbox() -> int:
    """Send what is due: what `send_notification` missed, and what has to be tried again. Also notes the heartbeat."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
    return notifications.sweep()


def remind_due() -> int:
    """Send the reminders that are due; return how many."""
    return _each(workflow.remind, workflow.due_reminders())


def lapse_due() -> int:
    """Lapse the offers whose time to answer is over; return how many."""
    return _each(workflow.lapse, workflow.due_lapses())


def pass_on_offers_of_leavers() -> int:
    """Pass on offers made to organisations that were leaving just then; return how many."""
    return _each(workflow.move_on, workflow.due_move_ons())


def ask_to_confirm_due() -> int:
    """Ask organisations to confirm services that have not been confirmed for long; return how many were asked."""
    return _each(freshness.ask_to_confirm, freshness.due_confirmations())


def answer_reset_request(pk: int) -> None:
    """Send the link for a new password, if there is such an account and the request has not been answered."""
    if not accounts.answer_reset_request(pk):
        log.info("nothing to send for reset request %s", pk)


def answer_reset_requests() -> int:
    """Answer the requests for a new password that `answer_reset_request` missed; return how many."""
    return _each(accounts.answer_reset_request, accounts.waiting_reset_requests())


def work_on_table(pk: int) -> None:
    """Preview or import an uploaded table, unless another worker has."""
    if not uploads.work_on_table(pk):
        log.info("nothing to do for table %s", pk)


def resume_uploaded_tables() -> int:
    """Enqueue uploaded tables again that no worker took or whose worker died; return how many."""
    return uploads.requeue_tables()


def delete_expired() -> None:
    """Delete what is kept only for a time: requests, failed sign-ins, uploads, visitors' messages, sessions."""
    accounts.prune_reset_requests()
    uploads.prune_uploaded_tables()
    public_messages.delete_expired()
    card_requests.delete_expired()
    public_changes.delete_old_changes()
    rate_limits.prune(accounts.LIMITS + public_messages.LIMITS + card_requests.LIMITS)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def publish_scheduled_pages() -> None:
    """Publish pages of the CMS whose time has come, and unpublish those whose time is over."""
    call_command("publish_scheduled")


def tell_of_lock(pk: int) -> None:
    """Tell the owner of an account that somebody is trying passwords, if there is such an account."""
    if not accounts.tell_of_lock(pk):
        log.info("nobody to tell about refused sign-ins %s", pk)


def _each(verb: Callable[[int], bool], keys: list[int]) -> int:
    """Call `verb` for each key; return how often it did something. A failure is logged and does not stop the others."""
    done = 0
    for key in keys:
        try:
            done += verb(key)
        except Exception:
            log.exception("%s failed for key %s", verb.__name__, key)
    return done
