"""What only a coordinator of the strand's network can do."""

from datetime import datetime

from django.db import transaction

from referrals.access import can_coordinate
from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, EventKind, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Strand, User
from referrals.workflow.core import (
    AlreadyDone,
    NotAllowed,
    Refusal,
    append_event,
    chosen_service,
    lock_for_assignment,
    lock_for_strand,
    move_assignment,
    offer_to,
    release,
    tell_coordinator,
    why_not_open,
)


def _check_coordinator(strand: Strand, actor: User) -> None:
    if not can_coordinate(actor, strand.network_id):
        raise NotAllowed(f"Only a coordinator of {strand.network} can do this.")


@transaction.atomic
def assign(strand_id: int, *, actor: User, service_id: int, at: datetime | None = None) -> Assignment:
    """Ask a chosen service. If another organisation has the strand, it loses it and is told."""
    case, strand = lock_for_strand(strand_id, actor=actor, at=at)
    _check_coordinator(strand, actor)
    if strand.status == StrandStatus.CLOSED:
        raise Refusal("This part of the referral is closed. Reopen it first.")
    live = case.live_assignment(strand)
    if live and live.service_id == service_id:
        raise AlreadyDone(f"{live.organisation} has been asked already.")
    service = chosen_service(strand, service_id)
    event = append_event(case, EventKind.ASSIGNED, strand=strand, service=service.pk)
    if live:
        release(case, live, AssignmentStatus.WITHDRAWN, event)
    return offer_to(case, strand, service)


@transaction.atomic
def withdraw(assignment_id: int, *, actor: User, at: datetime | None = None) -> Assignment:
    """Take an organisation off the list, or its offer or case away; the strand then goes to the coordinator."""
    case, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_coordinator(assignment.strand, actor)
    if assignment.status == AssignmentStatus.WITHDRAWN:
        raise AlreadyDone(why_not_open(assignment, reader=case.actor))
    if assignment.status not in (*LIVE_ASSIGNMENT, AssignmentStatus.QUEUED):
        raise Refusal(why_not_open(assignment, reader=case.actor))
    event = append_event(case, EventKind.WITHDRAWN, assignment=assignment)
    if assignment.status == AssignmentStatus.QUEUED:
        move_assignment(case, assignment, AssignmentStatus.WITHDRAWN)
    else:
        release(case, assignment, AssignmentStatus.WITHDRAWN, event)
        tell_coordinator(case, assignment.strand, WhyCoordinator.WITHDRAWN)
    return assignment


@transaction.atomic
def reopen(strand_id: int, *, actor: User, at: datetime | None = None) -> Strand:
    case, strand = lock_for_strand(strand_id, actor=actor, at=at)
    _check_coordinator(strand, actor)
    if strand.status != StrandStatus.CLOSED:
        raise AlreadyDone("This is open already.")
    append_event(case, EventKind.REOPENED, strand=strand)
    tell_coordinator(case, strand, WhyCoordinator.REOPENED)
    return strand
