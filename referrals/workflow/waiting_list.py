"""An organisation's answer that it has a place from a certain day: docs/decisions/0058-the-waiting-list.md.

The offer stays what it is, and nobody else is asked. Until that day it takes no place and is not reminded. Then it is
as if it had just been made: to be accepted, and reminded and given up if it is not.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from referrals.enums import AssignmentStatus, EventKind
from referrals.models import Assignment, User
from referrals.notification_kinds import NotificationKind
from referrals.refusals import AlreadyDone, Refusal
from referrals.workflow.answering import check_answerer, check_status
from referrals.workflow.core import (
    append_event,
    lock_for_assignment,
    offer_times,
    owe_message,
    set_fields,
)
from referrals.workflow.silence import list_in_daytime
from referrals.workflow.time_limits import DAY_BEGINS, AnswerCalendar
from referrals.workflow.undoing import undoable

LONGEST_WAIT = timedelta(days=366)


@transaction.atomic
def waitlist(assignment_id: int, *, actor: User, place_from: date, at: datetime | None = None) -> Assignment:
    """Answer an offer with the day from which there is a place, or give another day. The person is told."""
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    check_answerer(assignment, actor)
    check_status(locked, assignment, AssignmentStatus.OFFERED)
    today = timezone.localdate(locked.now)
    if place_from <= today:
        raise Refusal("Please choose a day after today. If you have a place now, accept it.")
    if place_from > today + LONGEST_WAIT:
        raise Refusal("Nobody should wait for longer than a year. Please reject it: then somebody else is asked.")
    if assignment.place_from == place_from:
        words = date_format(place_from, "j F Y")
        raise AlreadyDone(f"{assignment.organisation} has said already that it has a place from {words}.")
    with undoable(locked, assignment.strand):
        set_fields(
            assignment,
            place_from=place_from,
            waitlisted_at=assignment.waitlisted_at or locked.now,
            remind_at=_morning_of(place_from, assignment),
            reminded_at=None,
            lapse_at=None,
            lapsed_at=None,
        )
        event = append_event(locked, EventKind.WAITLISTED, assignment=assignment, place_from=place_from.isoformat())
        owe_message(locked, event, NotificationKind.PERSON_WAITLISTED, locked.referral.person.email)
    return assignment


def _morning_of(day: date, assignment: Assignment) -> datetime:
    begins = timezone.make_aware(datetime.combine(day, DAY_BEGINS))
    return AnswerCalendar.of(assignment.strand.network).add_days(begins, 0)


def due_places(*, at: datetime | None = None) -> list[int]:
    now = at or timezone.now()
    due = Assignment.objects.filter(status=AssignmentStatus.OFFERED, place_from__isnull=False, remind_at__lte=now)
    return list_in_daytime(due.order_by("remind_at", "pk"), now)


@transaction.atomic
def end_wait(assignment_id: int, *, at: datetime | None = None) -> bool:
    """Ask the organisation for the place that it expected to have by now. Return whether that was due."""
    locked, assignment = lock_for_assignment(assignment_id, actor=None, at=at)
    is_due = (
        assignment.status == AssignmentStatus.OFFERED
        and assignment.place_from is not None
        and assignment.remind_at <= locked.now
        and AnswerCalendar.of(assignment.strand.network).is_daytime(locked.now)
    )
    if not is_due:
        return False
    set_fields(assignment, place_from=None, **offer_times(locked, assignment.strand, locked.now))
    event = append_event(locked, EventKind.PLACE_DUE, assignment=assignment)
    owe_message(locked, event, NotificationKind.ORGANISATION_PLACE_DUE, assignment.organisation)
    return True
