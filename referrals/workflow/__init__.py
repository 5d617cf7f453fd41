"""The only writer of a status. Every verb is one transaction: lock, check, change, event, notifications.

Verbs raise Refusal, whose text is for the person who asked, and then nothing has changed. Each takes `at`, the
moment it happens, which is now unless history is being told.
"""

from referrals.workflow.answering import accept, add_note, close, refer_on, reject, split
from referrals.workflow.coordinating import assign, reopen, withdraw
from referrals.workflow.core import AlreadyDone, NotAllowed, Refusal, askable, why_not_open
from referrals.workflow.membership import (
    due_move_ons,
    held_without_membership,
    leave,
    move_on,
    resume,
    suspend,
)
from referrals.workflow.services import archive, pause, restore, take_up
from referrals.workflow.silence import due_lapses, due_reminders, lapse, remind
from referrals.workflow.submission import AnswerGiven, PersonDetails, Submission
from referrals.workflow.submitting import facts_of, submit

__all__ = [
    "AlreadyDone",
    "AnswerGiven",
    "NotAllowed",
    "PersonDetails",
    "Refusal",
    "Submission",
    "accept",
    "add_note",
    "archive",
    "askable",
    "assign",
    "close",
    "due_lapses",
    "due_move_ons",
    "due_reminders",
    "facts_of",
    "held_without_membership",
    "lapse",
    "leave",
    "move_on",
    "pause",
    "refer_on",
    "reject",
    "remind",
    "reopen",
    "restore",
    "resume",
    "split",
    "submit",
    "suspend",
    "take_up",
    "why_not_open",
    "withdraw",
]
