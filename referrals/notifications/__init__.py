"""The e-mail owed: recorded with its cause, rendered from templates, sent once by the worker that claims it."""

from referrals.notifications.bounces import take_bounce
from referrals.notifications.digest_context import anything_waits
from referrals.notifications.health import is_mail_going_out, lacks_mail_server
from referrals.notifications.outbox import (
    MAX_ATTEMPTS,
    cancel,
    claim,
    enqueueing_paused,
    has_mail_server,
    mark_past_as_sent,
    record,
    record_for,
    retry,
    send,
    send_owed,
    sweep,
)
from referrals.notifications.recipients import find_recipients, suppressed
from referrals.notifications.rendering import Rendered, render
from referrals.notifications.return_mailbox import read_return_mailbox

__all__ = [
    "MAX_ATTEMPTS",
    "Rendered",
    "anything_waits",
    "cancel",
    "claim",
    "enqueueing_paused",
    "find_recipients",
    "has_mail_server",
    "is_mail_going_out",
    "lacks_mail_server",
    "mark_past_as_sent",
    "read_return_mailbox",
    "record",
    "record_for",
    "render",
    "retry",
    "send",
    "send_owed",
    "suppressed",
    "sweep",
    "take_bounce",
]
