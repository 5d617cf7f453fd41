"""What an organisation does with an offer or a case. Coordinators can act for it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from referrals.access import can_add_note, can_answer, can_coordinate, changeable_by, own_organisations, visible_to
from referrals.enums import AssignmentStatus, EventKind, Outcome, RejectReason, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Need, Note, PersonTag, Referral, Service, Strand, User
from referrals.notification_kinds import NotificationKind
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import (
    LockedReferral,
    append_event,
    can_accept_late,
    chosen_service,
    close_strand,
    lock_for_assignment,
    lock_for_strand,
    lock_services,
    move_assignment,
    move_strand,
    offer_next,
    offer_to,
    owe_message,
    release,
    set_fields,
    tell_coordinator,
    tell_referrer,
    why_not_open,
)
from referrals.workflow.lists import facts_of, store_list
from referrals.workflow.undoing import undoable

PRESSED_TWICE_WITHIN = timedelta(minutes=1)


def check_answerer(assignment: Assignment, actor: User) -> None:
    if not can_answer(actor, assignment):
        raise NotAllowed(f"You cannot answer for {assignment.organisation}.")


def check_status(
    locked: LockedReferral, assignment: Assignment, expected: AssignmentStatus, *, done: AssignmentStatus | None = None
) -> None:
    if assignment.status in (done, AssignmentStatus.RELEASED):
        raise AlreadyDone(why_not_open(assignment, reader=locked.actor, again=True))
    if assignment.status != expected:
        raise Refusal(why_not_open(assignment, reader=locked.actor))


@transaction.atomic
def accept(assignment_id: int, *, actor: User, at: datetime | None = None) -> Assignment:
    """Accept an offer or, while nobody else has accepted, one that lapsed; whoever was asked meanwhile is released."""
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    check_answerer(assignment, actor)
    if assignment.status != AssignmentStatus.LAPSED:
        check_status(locked, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.ACCEPTED)
    elif not can_accept_late(assignment):
        raise AlreadyDone(why_not_open(assignment, reader=actor))
    with undoable(locked, assignment.strand):
        _accept(locked, assignment)
    return assignment


def _accept(locked: LockedReferral, assignment: Assignment) -> None:
    strand, asked_meanwhile = assignment.strand, locked.live_assignment(assignment.strand)
    event = append_event(locked, EventKind.ACCEPTED, assignment=assignment)
    if asked_meanwhile and asked_meanwhile != assignment:
        move_assignment(locked, asked_meanwhile, AssignmentStatus.RELEASED)
        append_event(locked, EventKind.RELEASED, assignment=asked_meanwhile)
        owe_message(locked, event, NotificationKind.ORGANISATION_NOT_NEEDED, asked_meanwhile.organisation)
    if strand.status == StrandStatus.WITH_COORDINATOR:
        owe_message(locked, event, NotificationKind.COORDINATOR_NOT_NEEDED, strand.network)
    tell_referrer(locked, event, NotificationKind.REFERRER_TOLD_ACCEPTED)
    move_assignment(locked, assignment, AssignmentStatus.ACCEPTED)
    move_strand(locked, strand, StrandStatus.PLACED)
    activity_id = Service.objects.values_list("activity", flat=True).get(pk=assignment.service_id)
    PersonTag.objects.get_or_create(
        person_id=locked.referral.person_id,
        activity_id=activity_id,
        defaults={"organisation_id": assignment.organisation_id, "created_at": locked.now},
    )


@transaction.atomic
def reject(
    assignment_id: int,
    *,
    actor: User,
    reason: RejectReason,
    note: str = "",
    capacity: int | None = None,
    at: datetime | None = None,
) -> Assignment:
    """Reject an offer. The next organisation is asked at once, unless the person declined all help.

    `capacity`: how many people the service takes from now on, if `actor` may change it.
    """
    reason = RejectReason(reason)
    if capacity is not None:
        lock_services(Assignment.objects.filter(pk=assignment_id).values("service"))
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    check_answerer(assignment, actor)
    check_status(locked, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.REJECTED)
    service = None if capacity is None else changeable_by(actor, Service).filter(pk=assignment.service_id).first()
    with undoable(locked, assignment.strand, service=service):
        move_assignment(locked, assignment, AssignmentStatus.REJECTED, reject_reason=reason, note_for_next=note)
        event = append_event(locked, EventKind.REJECTED, assignment=assignment, reason=reason)
        if service:
            set_fields(service, capacity=capacity, capacity_set_on=timezone.localdate(locked.now))
        if reason == RejectReason.PERSON_DECLINED:
            tell_referrer(locked, event, NotificationKind.REFERRER_TOLD_CLOSED)
            close_strand(locked, assignment.strand, Outcome.PERSON_DECLINED)
        else:
            offer_next(locked, assignment.strand)
    return assignment


@transaction.atomic
def split(
    assignment_id: int,
    *,
    actor: User,
    keep: Collection[int],
    service_id: int,
    knowing_rejection: bool = False,
    at: datetime | None = None,
) -> Strand:
    """Accept the needs in `keep` (category keys) and hand the rest to a chosen service, as a new strand.

    If that organisation rejects, those on the old list that meet these needs are asked in turn. Without
    `knowing_rejection`, an organisation that has rejected these needs is refused; so it is in `refer_on` and `assign`.
    """
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    check_answerer(assignment, actor)
    check_status(locked, assignment, AssignmentStatus.OFFERED, done=AssignmentStatus.ACCEPTED)
    old = assignment.strand
    needs = set(Need.objects.filter(strand=old).values_list("category", flat=True))
    kept, handed = needs & set(keep), needs - set(keep)
    if not kept or not handed:
        raise Refusal("Keep at least one need, and hand over at least one.")
    service = chosen_service(
        locked,
        old,
        service_id,
        knowing_rejection=knowing_rejection,
        not_organisation_id=assignment.organisation_id,
    )
    with undoable(locked, old):
        new = _split_off(locked, old, handed)
        append_event(locked, EventKind.SPLIT, assignment=assignment, new_strand=new.pk, handed_over=sorted(handed))
        _accept(locked, assignment)
        offer_to(locked, new, service)
        asked = {assignment.organisation_id, service.organisation_id}
        order = {a.service_id: a.position for a in locked.queued_on(old) if a.organisation_id not in asked}
        store_list(locked, new, handed, order, facts_of(locked.referral.person, locked.now), first_position=2)
    return new


def _split_off(locked: LockedReferral, old: Strand, needs: set[int]) -> Strand:
    new = Strand.objects.create(
        referral=locked.referral,
        network=old.network,
        split_from=old,
        status=StrandStatus.SEEKING,
        created_at=locked.now,
    )
    locked.strands[new.pk] = new
    Need.objects.filter(strand=old, category__in=needs).update(strand=new)
    return new


@transaction.atomic
def refer_on(
    assignment_id: int,
    *,
    actor: User,
    service_id: int | None,
    note: str = "",
    knowing_rejection: bool = False,
    at: datetime | None = None,
) -> Assignment | None:
    """Close an accepted case and hand it to another service or, with None, to the coordinator. They read the `note`."""
    locked, assignment = lock_for_assignment(assignment_id, actor=actor, at=at)
    check_answerer(assignment, actor)
    check_status(locked, assignment, AssignmentStatus.ACCEPTED, done=AssignmentStatus.REFERRED_ON)
    strand = assignment.strand
    service = None
    if service_id is not None:
        service = chosen_service(
            locked,
            strand,
            service_id,
            knowing_rejection=knowing_rejection,
            not_organisation_id=assignment.organisation_id,
        )
    with undoable(locked, strand):
        move_assignment(locked, assignment, AssignmentStatus.REFERRED_ON, note_for_next=note)
        append_event(locked, EventKind.REFERRED_ON, assignment=assignment)
        if service:
            return offer_to(locked, strand, service)
        tell_coordinator(locked, strand, WhyCoordinator.REFERRED_ON)
    return None


@transaction.atomic
def close(strand_id: int, *, actor: User, outcome: Outcome, note: str = "", at: datetime | None = None) -> Strand:
    """Close a strand: its organisation once it has accepted, a coordinator at any time.

    The `note` is kept with the case of the organisation; of a strand that nobody has accepted there is none.
    """
    outcome = Outcome(outcome)
    locked, strand = lock_for_strand(strand_id, actor=actor, at=at)
    live = locked.live_assignment(strand)
    accepted = live if live and live.status == AssignmentStatus.ACCEPTED else None
    is_own_case = accepted is not None and can_answer(actor, accepted)
    may_close = is_own_case or can_coordinate(actor, strand.network_id)
    if strand.status == StrandStatus.CLOSED and (may_close or _had_case(locked, strand, actor)):
        raise AlreadyDone("This is closed already.")
    if not may_close:
        raise NotAllowed("Only the organisation that accepted this, or a coordinator, can close it.")
    if outcome == Outcome.SPAM and not is_own_case:
        raise Refusal("Nobody has accepted this. Use Spam instead, which tells nobody.")
    with undoable(locked, strand):
        event = append_event(locked, EventKind.CLOSED, strand=strand, assignment=accepted, outcome=outcome)
        if accepted:
            move_assignment(locked, accepted, AssignmentStatus.CLOSED, outcome=outcome, note_for_next=note)
        elif live:
            release(locked, live, event)
        if outcome != Outcome.SPAM:
            tell_referrer(locked, event, NotificationKind.REFERRER_TOLD_CLOSED)
        close_strand(locked, strand, outcome)
    return strand


def _had_case(locked: LockedReferral, strand: Strand, actor: User) -> bool:
    own = set(own_organisations(actor).values_list("pk", flat=True))
    return any(a.status == AssignmentStatus.CLOSED and a.organisation_id in own for a in locked.assignments_on(strand))


@transaction.atomic
def add_note(
    referral_id: int,
    *,
    actor: User,
    text: str,
    organisation_id: int | None = None,
    open_to: int | None = None,
    at: datetime | None = None,
) -> Note:
    """Add a note, for holders of the referral and coordinators, or for every organisation of the network `open_to`."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    if not can_add_note(actor, referral):
        raise NotAllowed("You cannot add a note here.")
    if not text.strip():
        raise Refusal("Please write something first.")
    if organisation_id and not own_organisations(actor).filter(pk=organisation_id).exists():
        raise NotAllowed("You do not belong to this organisation.")
    if open_to and not visible_to(actor, Strand).filter(referral=referral, network=open_to).exists():
        raise NotAllowed("This network has no part of the referral.")
    locked = LockedReferral(referral, {}, {}, actor, at or timezone.now())
    written = {"author": actor, "organisation_id": organisation_id, "open_to_id": open_to, "text": text.strip()}
    if referral.notes.filter(**written, created_at__gt=locked.now - PRESSED_TWICE_WITHIN).exists():
        raise AlreadyDone("Your note was added. It is there once, however often you pressed.")
    note = Note.objects.create(referral=referral, created_at=locked.now, **written)
    append_event(locked, EventKind.NOTE_ADDED, note=note.pk)
    return note
