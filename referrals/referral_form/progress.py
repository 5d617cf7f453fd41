"""What has become of a referral, for the referrer. Shows no details of the person."""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import Prefetch
from django.urls import reverse

from referrals.enums import AssignmentStatus, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Network, Referral, Strand
from referrals.referral_form.errors import FormUnavailable

_COLOURS = {
    StrandStatus.SEEKING: "wait",
    StrandStatus.PLACED: "good",
    StrandStatus.WITH_COORDINATOR: "wait",
    StrandStatus.CLOSED: "",
}
SALT = "referrals.intake.sent"  # keeps this package's former name: links with it have been given out


def sent_url(referral: Referral, *, embedded: bool = False) -> str:
    """The address contains the referral's key, signed."""
    token = signing.dumps(referral.pk, salt=SALT)
    return reverse("referral_sent", args=[token]) + ("?embed=1" if embedded else "")


def find_sent_referral(token: str) -> Referral:
    """The address works for as long as the referral exists."""
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
class StrandProgress:
    """state: the strand's status; chip: its label; next_in_line: how many organisations are still to be asked.

    is_held: coordinators have to look at it before anybody is asked. is_late: no answer in time, as coordinators know.
    """

    network: Network
    state: str
    chip: str
    organisation: str = ""
    answer_by: datetime | None = None
    next_in_line: int = 0
    is_held: bool = False
    is_late: bool = False

    @property
    def colour(self) -> str:
        return _COLOURS[self.state]


def list_progress(referral: Referral) -> list[StrandProgress]:
    """No query after `find_sent_referral`."""
    progress = []
    for strand in referral.strands.all():
        chip = StrandStatus(strand.status).label
        assignments = list(strand.assignments.all())
        live = {AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED}
        current = next((assignment for assignment in assignments if assignment.status in live), None)
        if current is None:
            is_held = strand.why_coordinator == WhyCoordinator.HELD
            progress.append(StrandProgress(strand.network, strand.status, chip, is_held=is_held))
            continue
        queued = sum(assignment.status == AssignmentStatus.QUEUED for assignment in assignments)
        answer_by = current.answer_by if current.status == AssignmentStatus.OFFERED else None
        name, is_late = current.organisation.name, current.lapsed_at is not None
        progress.append(StrandProgress(strand.network, strand.status, chip, name, answer_by, queued, is_late=is_late))
    return progress
