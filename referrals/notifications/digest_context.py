"""Template context of the weekly summaries: what waits, by reference, needs and postcode district."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from referrals.enums import AssignmentStatus, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Digest, Need, Strand
from referrals.notifications.links import absolute, message_links

SHOWN = 20  # of each list; the page shows them all
OPEN_FOR_LONG = timedelta(days=28)
_NEEDS = Prefetch("needs", Need.objects.select_related("category"))


@dataclass(frozen=True, slots=True)
class Line:
    """since: when it was asked, accepted, or handed to the coordinators."""

    reference: str
    link: str
    needs: str
    outcode: str
    is_urgent: bool
    since: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class WaitingList:
    title: str
    lines: list[Line]
    more: int


def anything_waits(digest: Digest) -> bool:
    return any(rows.exists() for _, rows in _lists(digest))


def digest_context(digest: Digest) -> dict[str, object]:
    lists = []
    for title, rows in _lists(digest):
        lines = [_line(row) for row in rows[:SHOWN]]
        if lines:
            lists.append(WaitingList(title, lines, max(rows.count() - SHOWN, 0)))
    return {
        "lists": lists,
        "place": digest.organisation or digest.network,
        "network": digest.network or digest.organisation.networks.order_by("pk").first(),
        "link": absolute(message_links().waiting_referrals()),
        "public_url": settings.PUBLIC_URL,
    }


def _lists(digest: Digest) -> list[tuple[str, QuerySet]]:
    """Return the lists with their titles, oldest first, as of the moment of the summary."""
    if digest.organisation_id:
        own = Assignment.objects.filter(organisation=digest.organisation_id).select_related("strand__referral")
        own = own.prefetch_related(Prefetch("strand__needs", Need.objects.select_related("category")))
        offers = own.filter(status=AssignmentStatus.OFFERED, place_from=None).order_by("offered_at", "pk")
        old = own.filter(status=AssignmentStatus.ACCEPTED, accepted_at__lte=digest.at - OPEN_FOR_LONG)
        return [
            ("Waiting for your answer", offers),
            (
                "Open for four weeks or more: closing what is over frees a place",
                old.order_by("accepted_at", "pk"),
            ),
        ]
    strands = Strand.objects.filter(network=digest.network_id).select_related("referral").prefetch_related(_NEEDS)
    with_you = strands.filter(status=StrandStatus.WITH_COORDINATOR).order_by("coordinator_told_at", "pk")
    unanswered = strands.filter(
        status=StrandStatus.SEEKING,
        pk__in=Assignment.objects.filter(status=AssignmentStatus.OFFERED, lapsed_at__isnull=False).values("strand"),
    )
    return [("With you", with_you), ("Not answered in time", unanswered.order_by("created_at", "pk"))]


def _line(row: Assignment | Strand) -> Line:
    strand = row.strand if isinstance(row, Assignment) else row
    referral = strand.referral
    if isinstance(row, Assignment):
        since, words = row.accepted_at or row.offered_at, ""
    else:
        since = row.coordinator_told_at or row.created_at
        words = WhyCoordinator(row.why_coordinator).label if row.why_coordinator else ""
    return Line(
        reference=referral.reference,
        link=absolute(referral.get_absolute_url()),
        needs=", ".join(need.category.name for need in strand.needs.all()),
        outcode=referral.outcode,
        is_urgent=referral.is_urgent,
        since=since,
        words=words,
    )
