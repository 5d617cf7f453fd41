"""When an organisation does not answer: first a reminder, then the coordinator.

Schedules run these, perhaps twice, late, or at the same time. So each verb checks again, under its lock, what the list
of due rows checked without one: change both together. At night, or on a day that does not count, nothing is due.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from referrals import notifications
from referrals.enums import AssignmentStatus, EventKind, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Network, Notification
from referrals.models.notifications import IS_UNREAD_OFFER
from referrals.notification_kinds import NotificationKind
from referrals.workflow.core import (
    LockedReferral,
    append_event,
    lock_for_assignment,
    move_assignment,
    offer_next,
    send_reminder,
    set_fields,
    tell_coordinator,
)
from referrals.workflow.time_limits import AnswerCalendar


def due_reminders(*, at: datetime | None = None) -> list[int]:
    now = at or timezone.now()
    due = Assignment.objects.filter(
        status=AssignmentStatus.OFFERED, reminded_at=None, remind_at__lte=now, place_from=None
    )
    return list_in_daytime(due.order_by("remind_at", "pk"), now)


def due_lapses(*, at: datetime | None = None) -> list[int]:
    now = at or timezone.now()
    due = Assignment.objects.filter(
        Q(remind_at=None) | Q(reminded_at__isnull=False),
        status=AssignmentStatus.OFFERED,
        lapsed_at=None,
        lapse_at__lte=now,
    )
    return list_in_daytime(due.order_by("lapse_at", "pk"), now)


def list_in_daytime(due: QuerySet[Assignment], now: datetime) -> list[int]:
    rows = list(due.values_list("pk", "strand__network"))
    networks = Network.objects.in_bulk({network for _, network in rows})
    awake = {key for key, network in networks.items() if AnswerCalendar.of(network).is_daytime(now)}
    return [pk for pk, network in rows if network in awake]


@transaction.atomic
def remind(assignment_id: int, *, at: datetime | None = None) -> bool:
    locked, assignment = lock_for_assignment(assignment_id, actor=None, at=at)
    is_due = (
        assignment.status == AssignmentStatus.OFFERED
        and assignment.place_from is None
        and assignment.reminded_at is None
        and assignment.remind_at is not None
        and assignment.remind_at <= locked.now
        and AnswerCalendar.of(assignment.strand.network).is_daytime(locked.now)
    )
    if not is_due:
        return False
    send_reminder(locked, assignment)
    return True


@transaction.atomic
def lapse(assignment_id: int, *, at: datetime | None = None) -> bool:
    """Tell the coordinator about a missing answer and, if the network wants it, ask the next organisation.

    Otherwise the offer stays open. In both cases the organisation may still accept. Return whether the lapse was due.
    """
    locked, assignment = lock_for_assignment(assignment_id, actor=None, at=at)
    is_due = (
        assignment.status == AssignmentStatus.OFFERED
        and assignment.lapsed_at is None
        and (assignment.remind_at is None or assignment.reminded_at is not None)
        and assignment.lapse_at is not None
        and assignment.lapse_at <= locked.now
        and AnswerCalendar.of(assignment.strand.network).is_daytime(locked.now)
    )
    if not is_due:
        return False
    _lapse(locked, assignment, WhyCoordinator.NO_ANSWER)
    return True


def _lapse(locked: LockedReferral, assignment: Assignment, why: WhyCoordinator) -> None:
    strand = assignment.strand
    set_fields(assignment, lapsed_at=locked.now)
    event = append_event(locked, EventKind.LAPSED, assignment=assignment, why=why)
    if strand.network.lapse_asks_next:
        move_assignment(locked, assignment, AssignmentStatus.LAPSED)
        notifications.record_for(event, NotificationKind.ORGANISATION_LATE, assignment.organisation)
        offer_next(locked, strand)
    # If the strand is with the coordinator by now, `offer_next` has just told them that the list is exhausted.
    if strand.status != StrandStatus.WITH_COORDINATOR:
        tell_coordinator(locked, strand, why, assignment=assignment, takes_over=False)


def unread_offers() -> QuerySet[Assignment]:
    """Return the offers of which no e-mail can have been read: each was refused or came back, or was not even sent."""
    asked = Notification.objects.filter(
        event__assignment=OuterRef("pk"),
        event__at__gte=OuterRef("offered_at"),
        kind=NotificationKind.ORGANISATION_ASKED,
    )
    lost = Notification.objects.filter(IS_UNREAD_OFFER)
    return Assignment.objects.filter(
        ~Exists(asked.exclude(IS_UNREAD_OFFER)),
        Exists(asked),
        status=AssignmentStatus.OFFERED,
        lapsed_at=None,
        place_from=None,
        pk__in=lost.values("event__assignment"),
    )


@transaction.atomic
def lapse_unread(assignment_id: int, *, at: datetime | None = None) -> bool:
    """Treat an offer that cannot have been read as one without an answer, now."""
    locked, assignment = lock_for_assignment(assignment_id, actor=None, at=at)
    if not unread_offers().filter(pk=assignment_id).exists():
        return False
    _lapse(locked, assignment, WhyCoordinator.UNREACHABLE)
    return True
