"""What coordinators correct of a referral: the person's details, and how urgent it is."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from referrals.access import can_coordinate
from referrals.enums import AssignmentStatus, EventKind
from referrals.models import Correction, Person, Referral, User
from referrals.refusals import AlreadyDone, NotAllowed
from referrals.workflow.core import LockedReferral, append_event, lapse_time, lock, offer_times, set_fields

CORRECTABLE = (
    "name",
    "phone",
    "email",
    "contact_note",
    "safe_to_ring",
    "safe_to_write",
    "safe_to_leave_message",
    "others_may_see",
    "address",
)


def may_correct(actor: User, referral: Referral) -> bool:
    networks = referral.strands.values_list("network", flat=True)
    return any(can_coordinate(actor, network) for network in set(networks))


@transaction.atomic
def correct_person(
    referral_id: int, *, actor: User, changes: Mapping[str, str], at: datetime | None = None
) -> list[Correction]:
    """Change details of the referral's person (names of fields in CORRECTABLE), and keep what each of them was.

    Those that are so already are left out. Raises AlreadyDone if all are.
    """
    locked = _lock(referral_id, actor, at)
    person = Person.objects.select_for_update(no_key=True).get(pk=locked.referral.person_id)
    named = [name for name in CORRECTABLE if name in changes]
    changes = {name: changes[name] for name in named if changes[name] != getattr(person, name)}
    if not changes:
        raise AlreadyDone("That is how it stands already. Nothing was changed.")
    corrections = Correction.objects.bulk_create(
        Correction(person=person, field=name, before=getattr(person, name), actor=actor, at=locked.now)
        for name in changes
    )
    set_fields(person, **changes)
    append_event(locked, EventKind.DETAILS_CORRECTED, fields=list(changes))
    return corrections


@transaction.atomic
def set_urgent(referral_id: int, *, actor: User, is_urgent: bool, at: datetime | None = None) -> Referral:
    """Say whether it cannot wait. Offers that nobody has answered are due sooner, or later, from now on."""
    locked = _lock(referral_id, actor, at)
    if locked.referral.is_urgent == is_urgent:
        raise AlreadyDone(f"It is marked as {'urgent' if is_urgent else 'not urgent'} already.")
    set_fields(locked.referral, is_urgent=is_urgent)
    append_event(locked, EventKind.URGENCY_CHANGED, is_urgent=is_urgent)
    for assignment in locked.assignments.values():
        if assignment.status != AssignmentStatus.OFFERED or assignment.place_from or assignment.lapsed_at:
            continue
        if assignment.reminded_at:
            set_fields(assignment, lapse_at=lapse_time(locked, assignment.strand, assignment.reminded_at))
        else:
            set_fields(assignment, **offer_times(locked, assignment.strand, assignment.offered_at))
    return locked.referral


def _lock(referral_id: int, actor: User, at: datetime | None) -> LockedReferral:
    locked = lock(referral_id, actor=actor, at=at)
    if not any(can_coordinate(actor, strand.network_id) for strand in locked.strands.values()):
        raise NotAllowed("Only a coordinator can do this.")
    return locked
