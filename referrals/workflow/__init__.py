"""The only code that writes a status. Every verb is one transaction: lock, check, change, event, notifications.

A verb that raises Refusal has changed nothing; its text is for the person who asked. `at` is now, except in the
demonstration, which writes history.
"""

from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.answering import accept, add_note, close, refer_on, reject, split
from referrals.workflow.brake import Sender, limits
from referrals.workflow.casework import add_case_note, find_supporters, strike_case_note, tag_person, untag_person
from referrals.workflow.categories import count_uses, merge_categories, retire_category, take_category_back
from referrals.workflow.coordinating import (
    assign,
    close_as_spam,
    let_through,
    preview_reassign,
    reassign,
    remind_now,
    reopen,
    withdraw,
)
from referrals.workflow.core import askable, why_not_open
from referrals.workflow.correcting import CORRECTABLE, correct_person, may_correct, set_urgent
from referrals.workflow.lists import facts_of
from referrals.workflow.membership import (
    leave,
    live_without_membership,
    pass_on,
    reinstate,
    stranded_offers,
    suspend,
)
from referrals.workflow.own_cases import finish_next_action, plan_next_action, release_cases, set_case_owner
from referrals.workflow.people import merge_people, say_same, undo_merge
from referrals.workflow.rejections import describe_rejection, load_rejections
from referrals.workflow.sent_before import is_what_was_sent
from referrals.workflow.services import archive, pause, restore, resume
from referrals.workflow.silence import due_lapses, due_reminders, lapse, lapse_unread, remind, unread_offers
from referrals.workflow.submission import AnswerGiven, Part, PersonDetails, Submission
from referrals.workflow.submitting import get_or_submit, submit
from referrals.workflow.time_limits import AnswerCalendar
from referrals.workflow.undoing import ANSWERED, ask_to_undo, delete_old_answers, find_undoable, undo
from referrals.workflow.waiting_list import LONGEST_WAIT, due_places, end_wait, waitlist

__all__ = [
    "ANSWERED",
    "CORRECTABLE",
    "LONGEST_WAIT",
    "AlreadyDone",
    "AnswerCalendar",
    "AnswerGiven",
    "NotAllowed",
    "Part",
    "PersonDetails",
    "Refusal",
    "Sender",
    "Submission",
    "accept",
    "add_case_note",
    "add_note",
    "archive",
    "ask_to_undo",
    "askable",
    "assign",
    "close",
    "close_as_spam",
    "correct_person",
    "count_uses",
    "delete_old_answers",
    "describe_rejection",
    "due_lapses",
    "due_places",
    "due_reminders",
    "end_wait",
    "facts_of",
    "find_supporters",
    "find_undoable",
    "finish_next_action",
    "get_or_submit",
    "is_what_was_sent",
    "lapse",
    "lapse_unread",
    "leave",
    "let_through",
    "limits",
    "live_without_membership",
    "load_rejections",
    "may_correct",
    "merge_categories",
    "merge_people",
    "pass_on",
    "pause",
    "plan_next_action",
    "preview_reassign",
    "reassign",
    "refer_on",
    "reinstate",
    "reject",
    "release_cases",
    "remind",
    "remind_now",
    "reopen",
    "restore",
    "resume",
    "retire_category",
    "say_same",
    "set_case_owner",
    "set_urgent",
    "split",
    "stranded_offers",
    "strike_case_note",
    "submit",
    "suspend",
    "tag_person",
    "take_category_back",
    "undo",
    "undo_merge",
    "unread_offers",
    "untag_person",
    "waitlist",
    "why_not_open",
    "withdraw",
]
