"""The e-mail owed: recorded with its cause, rendered from templates, sent once by the worker that claims it."""

from referrals.notifications.health import is_mail_going_out, lacks_mail_server
from referrals.notifications.outbox import (
    MAX_ATTEMPTS,
    cancel,
    claim,
    enqueueing_paused,
    has_mail_server,
    mark_past_as_sent,
    record,
    retry,
    send,
    send_owed,
    sweep,
)
from referrals.notifications.rendering import Rendered, render

__all__ = [
    "MAX_ATTEMPTS",
    "Rendered",
    "cancel",
    "claim",
    "enqueueing_paused",
    "has_mail_server",
    "is_mail_going_out",
    "lacks_mail_server",
    "mark_past_as_sent",
    "record",
    "render",
    "retry",
    "send",
    "send_owed",
    "sweep",
]
