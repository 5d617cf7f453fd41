"""What workers run. A task may run twice, late, or die half-way without harm; its argument is a key.

Other modules name a task by its dotted path and never import this one.
"""

import logging
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.core.management import call_command

from referrals import (
    accounts,
    digests,
    freshness,
    heartbeats,
    matching,
    notifications,
    public_changes,
    rate_limits,
    workflow,
)
from referrals.import_export import uploads
from referrals.visitor_messages import card_requests, public_messages

log = logging.getLogger(__name__)


def beat() -> None:
    """Do nothing. That it was executed and acknowledged is the worker's sign of life."""


def send_notification(pk: int) -> None:
    notifications.send_owed(pk)


def sweep_outbox(*, enqueue_rest: bool = True) -> int:
    """Send what is due, including what `send_notification` missed or failed."""
    return notifications.sweep(enqueue_rest=enqueue_rest)


def remind_due() -> int:
    """Remind those who have not answered, and those who expected to have a place from today."""
    reminded = _run_each(workflow.remind, workflow.due_reminders())
    return reminded + _run_each(workflow.end_wait, workflow.due_places())


def lapse_due() -> int:
    unread = list(workflow.unread_offers().order_by("pk").values_list("pk", flat=True))
    return _run_each(workflow.lapse, workflow.due_lapses()) + _run_each(workflow.lapse_unread, unread)


def read_return_mailbox() -> int:
    return notifications.read_return_mailbox()


def send_digests() -> int:
    to_organisations = _run_each(digests.send_to_organisation, digests.due_for_organisations())
    return to_organisations + _run_each(digests.send_to_network, digests.due_for_networks())


def pass_on_offers_of_leavers() -> int:
    """Pass on offers that crossed with their organisation leaving."""
    return _run_each(workflow.pass_on, workflow.stranded_offers())


def ask_to_confirm_due() -> int:
    return _run_each(freshness.ask_to_confirm, freshness.due_confirmations())


def refresh_track_records() -> None:
    matching.refresh_track_records()


def answer_reset_request(pk: int) -> None:
    if not accounts.answer_reset_request(pk):
        log.info("nothing to send for reset request %s", pk)


def answer_reset_requests() -> int:
    """Answer the requests that `answer_reset_request` missed."""
    return _run_each(accounts.answer_reset_request, accounts.waiting_reset_requests())


def ask_owners_due() -> int:
    """Ask about invitations that were open before an owner had to agree."""
    return _run_each(accounts.ask_if_unasked, accounts.unasked_invitations())


def work_on_table(pk: int) -> None:
    heartbeats.announce_long_task(uploads.TASK_TIMEOUT)
    if not uploads.work_on_table(pk):
        log.info("nothing to do for table %s", pk)


def resume_uploaded_tables() -> int:
    return uploads.requeue_tables()


def delete_expired() -> None:
    accounts.prune_reset_requests()
    uploads.prune_uploaded_tables()
    public_messages.delete_expired()
    card_requests.delete_expired()
    workflow.delete_old_answers()
    public_changes.delete_old_changes()
    public_changes.add_up_cells()
    rate_limits.prune(
        (*uploads.LIMITS, *accounts.LIMITS, *public_messages.LIMITS, *card_requests.LIMITS, *workflow.limits())
    )
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def publish_scheduled_pages() -> None:
    call_command("publish_scheduled")


def warn_account_owner(pk: int) -> None:
    if not accounts.warn_account_owner(pk):
        log.info("no account to warn for counter %s", pk)


def _run_each(verb: Callable[[int], bool], keys: list[int]) -> int:
    # One failure must not stop the others.
    done = 0
    for key in keys:
        try:
            done += verb(key)
        except Exception:
            log.exception("%s failed for key %s", verb.__name__, key)
    return done
