"""The state of a strand as the user sees it: "Waiting for you" to one, "Asked: Legal Corner" to others."""

from collections.abc import Iterable
from dataclasses import dataclass

from backoffice.user_context import UserContext
from referrals.enums import AssignmentStatus, StrandStatus
from referrals.models import Assignment, Strand


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    tone: str = ""
    weight: int = 0  # the list shows the chip of the heaviest strand of a referral


def chip_of(strand: Strand, live: Assignment | None, own_late: Assignment | None, user_context: UserContext) -> Chip:
    """`own_late`: a lapsed offer that the user's organisation can still accept."""
    if strand.status == StrandStatus.CLOSED:
        return Chip(f"Closed: {strand.get_outcome_display().lower()}", weight=0)
    if own_late:
        return Chip("You can still accept", "wait", weight=7)
    if strand.status == StrandStatus.WITH_COORDINATOR:
        if user_context.coordinates(strand.network_id):
            return Chip("With you", "wait", weight=8)
        return Chip("With the coordinator", "wait", weight=3)
    if live is None:
        return Chip(strand.get_status_display(), weight=1)
    own = live.organisation_id in {organisation.pk for organisation in user_context.organisations}
    if live.status == AssignmentStatus.ACCEPTED:
        return Chip("Accepted", "good", weight=6) if own else Chip(f"With {live.organisation}", weight=1)
    if live.place_from:
        return Chip("On your waiting list", weight=4) if own else Chip(f"Waiting list: {live.organisation}", weight=2)
    if own:
        return Chip("Reminder sent" if live.reminded_at else "Waiting for you", "wait", weight=9)
    if live.lapsed_at:
        return Chip(f"No answer: {live.organisation}", "wait", weight=5)
    return Chip(f"Asked: {live.organisation}", weight=2)


def leading_chip(chips: Iterable[Chip]) -> Chip | None:
    return max(chips, key=lambda chip: chip.weight, default=None)
