"""The e-mail owed: recorded with its cause, rendered from templates, sent once by the worker that claims it."""

from referrals.notifications.outbox import (
    MAX_ATTEMPTS,
    cancel,
    claim,
    enqueueing_paused,
    mark_past_as_sent,
    oldest_unsent,
    record,
    retry,
    send,
    sweep,
)
from referrals.notifications.rendering import Rendered, render

__all__ = [
    "MAX_ATTEMPTS",
    "Rendered",
    "cancel",
    "claim",
    "enqueueing_paused",
    "mark_past_as_sent",
    "oldest_unsent",
    "record",
    "render",
    "retry",
    "send",
    "sweep",
]
