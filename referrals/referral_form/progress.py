"""What became of a referral, in words for whoever sent it: no detail of the person is in them."""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import Prefetch
from django.urls import reverse

from referrals.enums import AssignmentStatus, StrandStatus
from referrals.models import Assignment, Network, Referral, Strand
from referrals.referral_form.errors import FormUnavailable

_COLOURS = {
    StrandStatus.SEEKING: "wait",
    StrandStatus.PLACED: "good",
    StrandStatus.WITH_COORDINATOR: "wait",
    StrandStatus.CLOSED: "",
}
SALT = "referrals.intake.sent"  # as links that were given out were signed


def sent_url(referral: Referral, *, embedded: bool = False) -> str:
    """Return the address of the page; it holds the key, signed, and nothing of the person."""
    token = signing.dumps(referral.pk, salt=SALT)
    return reverse("referral_sent", args=[token]) + ("?embed=1" if embedded else "")


def find_sent(token: str) -> Referral:
    """Return the referral with its strands and their lists. The address holds for as long as the referral does."""
    try:
        key = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise FormUnavailable("unknown", 404) from None
    lists = Prefetch("assignments", Assignment.objects.select_related("organisation").order_by("position"))
    strands = Prefetch("strands", Strand.objects.select_related("network").prefetch_related(lists).order_by("pk"))
    referral = (
        Referral.objects.select_related("network", "referral_link").prefetch_related(strands).filter(pk=key).first()
    )
    if referral is None:
        raise FormUnavailable("unknown", 404)
    return referral


@dataclass(frozen=True, slots=True)
class ReferralProgress:
    """Where one strand stands. state: seeking, placed, with_coordinator or closed."""

    network: Network
    state: str
    chip: str
    organisation: str = ""
    answer_by: datetime | None = None
    next_in_line: int = 0

    @property
    def colour(self) -> str:
        return _COLOURS[self.state]


def progress_of(referral: Referral) -> list[ReferralProgress]:
    return [_progress(strand) for strand in referral.strands.all()]


def _progress(strand: Strand) -> ReferralProgress:
    assignments = list(strand.assignments.all())
    live = {AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED}
    held = next((assignment for assignment in assignments if assignment.status in live), None)
    waiting = sum(assignment.status == AssignmentStatus.QUEUED for assignment in assignments)
    chip = StrandStatus(strand.status).label
    if held is None:
        return ReferralProgress(strand.network, strand.status, chip)
    by = held.answer_by if held.status == AssignmentStatus.OFFERED else None
    return ReferralProgress(strand.network, strand.status, chip, held.organisation.name, by, waiting)
