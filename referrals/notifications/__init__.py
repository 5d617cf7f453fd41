"""The e-mail owed: recorded with its cause, rendered from templates, sent once by whichever worker claims it."""

from referrals.notifications.outbox import (
    MAX_ATTEMPTS,
    bell_silenced,
    claim,
    oldest_unsent,
    record,
    release_expired_claims,
    retry,
    send,
    settle_past,
    sweep,
)
from referrals.notifications.rendering import Rendered, render

__all__ = [
    "MAX_ATTEMPTS",
    "Rendered",
    "bell_silenced",
    "claim",
    "oldest_unsent",
    "record",
    "release_expired_claims",
    "render",
    "retry",
    "send",
    "settle_past",
    "sweep",
]
