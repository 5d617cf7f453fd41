"""What an organisation does with an offer or a case. Coordinators can act for it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from referrals.access import can_add_note, can_answer, can_coordinate, own_organisations
from referrals.enums import (
    AssignmentStatus,
    EventKind,
    Outcome,
    RejectReason,
    StrandStatus,
    WhyCoordinator,
)
from referrals.models import Assignment, Need, Note, PersonTag, Referral, Service, Strand, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import (
    LockedReferral,
    append_event,
    chosen_service,
    close_strand,
    lock_for_assignment,
    lock_for_strand,
    move_assignment,
    move_strand,
    offer_next,
    offer_to,
    release,
    tell_coordinator,
    why_not_open,
)
from referrals.workflow.lists import facts_of, store_list

PRESSED_TWICE_WITHIN = timedelta(minutes=1)


def _check_answerer(assignment: Assignment, actor: User) -> None:
    if not can_answer(actor, assignment):
        raise NotAllowed(f"You cannot answer for {assignment.organisation}.")


def _check_status(
    case: LockedReferral, assignment: Assignment, expected: AssignmentStatus, *, done: AssignmentStatus
) -> None:
    if assignment.status == done:
        raise AlreadyDone(why_not_open(assignment, reader=case.actor))
    if assignment.status != expected:
        raise Refusal(why_not_open(assignment, reader=case.actor))


@transaction.atomic
def accept(assignment_id: int, *, actor: User, at: datetime | None = None) -> Assignment:
    case, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_answerer(assignment, actor)
    _check_status(case, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.ACCEPTED)
    _accept(case, assignment)
    return assignment


def _accept(case: LockedReferral, assignment: Assignment) -> None:
    move_assignment(case, assignment, AssignmentStatus.ACCEPTED)
    append_event(case, EventKind.ACCEPTED, assignment=assignment)
    move_strand(case, assignment.strand, StrandStatus.PLACED)
    activity_id = Service.objects.values_list("activity", flat=True).get(pk=assignment.service_id)
    PersonTag.objects.get_or_create(
        person_id=case.referral.person_id,
        activity_id=activity_id,
        defaults={"organisation_id": assignment.organisation_id, "created_at": case.now},
    )


@transaction.atomic
def reject(
    assignment_id: int, *, actor: User, reason: RejectReason, note: str = "", at: datetime | None = None
) -> Assignment:
    """Reject an offer. The next organisation is asked at once, unless the person declined all help."""
    reason = RejectReason(reason)
    case, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_answerer(assignment, actor)
    _check_status(case, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.REJECTED)
    move_assignment(case, assignment, AssignmentStatus.REJECTED, reject_reason=reason, reject_note=note)
    append_event(case, EventKind.REJECTED, assignment=assignment, reason=reason)
    if reason == RejectReason.PERSON_DECLINED:
        close_strand(case, assignment.strand, Outcome.PERSON_DECLINED)
    else:
        offer_next(case, assignment.strand)
    return assignment


@transaction.atomic
def split(
    assignment_id: int, *, actor: User, keep: Collection[int], service_id: int, at: datetime | None = None
) -> Strand:
    """Accept the needs in `keep` (category keys) and hand the rest to a chosen service, as a new strand.

    If that organisation rejects, those on the old list that meet these needs are asked in turn.
    """
    case, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_answerer(assignment, actor)
    _check_status(case, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.ACCEPTED)
    old = assignment.strand
    needs = set(Need.objects.filter(strand=old).values_list("category", flat=True))
    kept, handed = needs & set(keep), needs - set(keep)
    if not kept or not handed:
        raise Refusal("Keep at least one need, and hand over at least one.")
    service = chosen_service(old, service_id, not_organisation_id=assignment.organisation_id)
    new = _split_off(case, old, handed)
    append_event(case, EventKind.SPLIT, assignment=assignment, new_strand=new.pk, handed_over=sorted(handed))
    _accept(case, assignment)
    offer_to(case, new, service)
    asked = {assignment.organisation_id, service.organisation_id}
    order = {a.service_id: a.position for a in case.queued_on(old) if a.organisation_id not in asked}
    store_list(case, new, handed, order, facts_of(case.referral.person, case.now), first_position=2)
    return new


def _split_off(case: LockedReferral, old: Strand, needs: set[int]) -> Strand:
    new = Strand.objects.create(
        referral=case.referral,
        network=old.network,
        split_from=old,
        status=StrandStatus.SEEKING,
        created_at=case.now,
    )
    case.strands[new.pk] = new
    Need.objects.filter(strand=old, category__in=needs).update(strand=new)
    return new


@transaction.atomic
def refer_on(
    assignment_id: int, *, actor: User, service_id: int | None, at: datetime | None = None
) -> Assignment | None:
    """Close an accepted case and hand it to another service or, with None, to the coordinator."""
    case, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    _check_answerer(assignment, actor)
    _check_status(case, assignment, AssignmentStatus.ACCEPTED, done=AssignmentStatus.REFERRED_ON)
    strand = assignment.strand
    service = None
    if service_id is not None:
        service = chosen_service(strand, service_id, not_organisation_id=assignment.organisation_id)
    move_assignment(case, assignment, AssignmentStatus.REFERRED_ON)
    append_event(case, EventKind.REFERRED_ON, assignment=assignment)
    if service is None:
        tell_coordinator(case, strand, WhyCoordinator.REFERRED_ON)
        return None
    return offer_to(case, strand, service)


@transaction.atomic
def close(strand_id: int, *, actor: User, outcome: Outcome, at: datetime | None = None) -> Strand:
    """Close a strand: its organisation once it has accepted, a coordinator at any time."""
    outcome = Outcome(outcome)
    case, strand = lock_for_strand(strand_id, actor=actor, at=at)
    live = case.live_assignment(strand)
    holds = live is not None and live.status == AssignmentStatus.ACCEPTED and can_answer(actor, live)
    may_close = holds or can_coordinate(actor, strand.network_id)
    if strand.status == StrandStatus.CLOSED and (may_close or _had_case(case, strand, actor)):
        raise AlreadyDone("This is closed already.")
    if not may_close:
        raise NotAllowed("Only the organisation that accepted this, or a coordinator, can close it.")
    if outcome == Outcome.SPAM and not holds:
        raise Refusal("Nobody has accepted this. Use Spam instead, which tells nobody.")
    accepted = live if live and live.status == AssignmentStatus.ACCEPTED else None
    event = append_event(case, EventKind.CLOSED, strand=strand, assignment=accepted, outcome=outcome)
    if accepted:
        move_assignment(case, accepted, AssignmentStatus.CLOSED, outcome=outcome)
    elif live:
        release(case, live, AssignmentStatus.WITHDRAWN, event)
    close_strand(case, strand, outcome)
    return strand


def _had_case(case: LockedReferral, strand: Strand, actor: User) -> bool:
    own = set(own_organisations(actor).values_list("pk", flat=True))
    return any(a.status == AssignmentStatus.CLOSED and a.organisation_id in own for a in case.assignments_on(strand))


@transaction.atomic
def add_note(
    referral_id: int, *, actor: User, text: str, organisation_id: int | None = None, at: datetime | None = None
) -> Note:
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    if not can_add_note(actor, referral):
        raise NotAllowed("You cannot add a note here.")
    if not text.strip():
        raise Refusal("Please write something first.")
    if organisation_id and not own_organisations(actor).filter(pk=organisation_id).exists():
        raise NotAllowed("You do not belong to this organisation.")
    case = LockedReferral(referral, {}, {}, actor, at or timezone.now())
    written = {"author": actor, "organisation": organisation_id, "text": text.strip()}
    if referral.notes.filter(**written, created_at__gt=case.now - PRESSED_TWICE_WITHIN).exists():
        raise AlreadyDone("Your note was added. It is there once, however often you pressed.")
    note = Note.objects.create(
        referral=referral, author=actor, organisation_id=organisation_id, text=text.strip(), created_at=case.now
    )
    append_event(case, EventKind.NOTE_ADDED, note=note.pk)
    return note
