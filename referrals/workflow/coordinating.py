"""What only a coordinator of the strand's network can do."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format

from referrals import notifications
from referrals.access import can_coordinate
from referrals.enums import (
    ENDED_REFERRAL,
    LIVE_ASSIGNMENT,
    AssignmentStatus,
    EventKind,
    Outcome,
    StrandStatus,
    WhyCoordinator,
)
from referrals.models import Assignment, Event, Organisation, Strand, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import (
    append_event,
    can_accept_late,
    chosen_service,
    close_strand,
    lock,
    lock_for_assignment,
    lock_for_strand,
    move_assignment,
    move_strand,
    offer_next,
    offer_to,
    release,
    send_reminder,
    set_fields,
    tell_coordinator,
    tell_person,
    why_not_open,
)

WROTE_LATELY = timedelta(hours=1)


def _check_coordinator(strand: Strand, actor: User) -> None:
    if not can_coordinate(actor, strand.network_id):
        raise NotAllowed(f"Only a coordinator of {strand.network} can do this.")


@transaction.atomic
def remind_now(assignment_id: int, *, actor: User, at: datetime | None = None) -> Assignment:
    """Remind the organisation at once, at whatever hour. It then has as long to answer as after any reminder.

    If the coordinator was told already that no answer came, they are told again when that time is over.
    """
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_coordinator(assignment.strand, actor)
    if assignment.status != AssignmentStatus.OFFERED:
        raise Refusal(why_not_open(assignment, reader=actor))
    if assignment.place_from:
        words = date_format(assignment.place_from, "j F Y")
        raise Refusal(
            f"{assignment.organisation} expects to have a place from {words}, and is asked again on that day."
        )
    if locked.now - (assignment.reminded_at or assignment.offered_at) < WROTE_LATELY:
        raise AlreadyDone(f"{assignment.organisation} has been written to within the last hour.")
    set_fields(assignment, lapsed_at=None)
    send_reminder(locked, assignment)
    return assignment


@transaction.atomic
def assign(
    strand_id: int, *, actor: User, service_id: int, knowing_rejection: bool = False, at: datetime | None = None
) -> Assignment:
    """Ask a chosen service. If another organisation has the strand, it loses it and is told."""
    locked, strand = lock_for_strand(strand_id, actor=actor, at=at)
    _check_coordinator(strand, actor)
    if strand.status == StrandStatus.CLOSED:
        raise Refusal("This part of the referral is closed. Reopen it first.")
    live = locked.live_assignment(strand)
    if live and live.service_id == service_id:
        raise AlreadyDone(f"{live.organisation} has been asked already.")
    service = chosen_service(locked, strand, service_id, knowing_rejection=knowing_rejection)
    event = append_event(locked, EventKind.ASSIGNED, strand=strand, service=service.pk)
    if live:
        release(locked, live, event)
    if strand.status == StrandStatus.WITH_COORDINATOR:
        tell_person(locked)  # not told yet if it was held, or taken for spam
    return offer_to(locked, strand, service)


@transaction.atomic
def let_through(strand_id: int, *, actor: User, at: datetime | None = None) -> Strand:
    """Ask the list of a strand that was held, and tell the person, as if it had just been sent.

    So for the referral's other strands in the network: whoever has looked at one has looked at all.
    """
    locked, strand = lock_for_strand(strand_id, actor=actor, at=at)
    _check_coordinator(strand, actor)
    if strand.why_coordinator != WhyCoordinator.HELD:
        raise AlreadyDone("This has been dealt with already.")
    tell_person(locked)
    for held in locked.strands.values():
        if held.network_id == strand.network_id and held.why_coordinator == WhyCoordinator.HELD:
            append_event(locked, EventKind.LET_THROUGH, strand=held)
            move_strand(locked, held, StrandStatus.SEEKING)
            offer_next(locked, held)
    return strand


@transaction.atomic
def close_as_spam(referral_id: int, *, actor: User, at: datetime | None = None) -> list[Strand]:
    """Close as spam those strands of a referral that the actor coordinates; return them. Nobody is told.

    Refused once an organisation has accepted: it has spoken to somebody, and can close its case as spam itself.
    """
    locked = lock(referral_id, actor=actor, at=at)
    own = [strand for strand in locked.strands.values() if can_coordinate(actor, strand.network_id)]
    if not own:
        raise NotAllowed("Only a coordinator can do this.")
    strands = [strand for strand in own if strand.status != StrandStatus.CLOSED]
    if not strands:
        raise AlreadyDone("This is closed already.")
    live = {strand.pk: locked.live_assignment(strand) for strand in strands}
    for assignment in filter(None, live.values()):
        if assignment.status == AssignmentStatus.ACCEPTED:
            raise Refusal(f"{assignment.organisation} has accepted this. Ask it first: it can close its case as spam.")
    for strand in strands:
        append_event(locked, EventKind.CLOSED, strand=strand, outcome=Outcome.SPAM)
        if offered := live[strand.pk]:
            # Without its time it is no offer, in figures and in who was asked least recently.
            move_assignment(locked, offered, AssignmentStatus.WITHDRAWN, offered_at=None)
        close_strand(locked, strand, Outcome.SPAM)
    events = Event.objects.filter(referral=locked.referral)
    is_over = locked.referral.status in ENDED_REFERRAL
    notifications.cancel(events if is_over else events.filter(strand__in=strands))
    return strands


@transaction.atomic
def withdraw(assignment_id: int, *, actor: User, at: datetime | None = None) -> Assignment:
    """Take an organisation off the list, or its offer or case away; the strand then goes to the coordinator.

    Of a lapsed offer this ends only that it could still be accepted: the strand stays where it is.
    """
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_coordinator(assignment.strand, actor)
    if assignment.status == AssignmentStatus.WITHDRAWN:
        raise AlreadyDone(why_not_open(assignment, reader=actor, again=True))
    is_live = assignment.status in LIVE_ASSIGNMENT
    if not (is_live or assignment.status == AssignmentStatus.QUEUED or can_accept_late(assignment)):
        raise Refusal(why_not_open(assignment, reader=locked.actor))
    event = append_event(locked, EventKind.WITHDRAWN, assignment=assignment)
    if assignment.status == AssignmentStatus.QUEUED:
        move_assignment(locked, assignment, AssignmentStatus.WITHDRAWN)
    else:
        release(locked, assignment, event)
    if is_live:
        tell_coordinator(locked, assignment.strand, WhyCoordinator.WITHDRAWN)
    return assignment


@transaction.atomic
def reassign(assignment_id: int, *, actor: User, at: datetime | None = None) -> Strand:
    """Take an offer or a case from its organisation and ask the next on its list; without one, the coordinator."""
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_coordinator(assignment.strand, actor)
    if assignment.status == AssignmentStatus.WITHDRAWN:
        raise AlreadyDone(why_not_open(assignment, reader=actor, again=True))
    if assignment.status not in LIVE_ASSIGNMENT:
        raise Refusal(why_not_open(assignment, reader=actor))
    event = append_event(locked, EventKind.WITHDRAWN, assignment=assignment)
    release(locked, assignment, event)
    offer_next(locked, assignment.strand)
    return assignment.strand


def preview_reassign(assignment_id: int, *, actor: User) -> Organisation | None:
    """Return whom `reassign` would ask, by doing it and taking it back at once. Raises Refusal, as it does."""
    with transaction.atomic():
        strand = reassign(assignment_id, actor=actor)
        asked = Assignment.objects.filter(strand=strand, status=AssignmentStatus.OFFERED).select_related("organisation")
        organisation = next((assignment.organisation for assignment in asked), None)
        transaction.set_rollback(True)
    return organisation


@transaction.atomic
def reopen(strand_id: int, *, actor: User, at: datetime | None = None) -> Strand:
    locked, strand = lock_for_strand(strand_id, actor=actor, at=at)
    _check_coordinator(strand, actor)
    if strand.status != StrandStatus.CLOSED:
        raise AlreadyDone("This is open already.")
    append_event(locked, EventKind.REOPENED, strand=strand)
    tell_coordinator(locked, strand, WhyCoordinator.REOPENED)
    return strand
