"""How organisations answer offers, in a few words: "usually replies within a day, accepts 9 of 10"."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import ceil, isinf

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from referrals.access.reach import reach_of
from referrals.enums import TAKEN_AWAY, AssignmentStatus, RejectReason
from referrals.models import Assignment, NetworkMembership, Organisation, User

SPAN = relativedelta(months=12)
FEWEST = 5  # offers that have been answered or have lapsed; fewer would speak of single cases
TOO_FEW = "too few offers yet to say"

HOUR, DAY = 3600, 24 * 3600
_SPANS = (
    (HOUR, "within an hour"),
    (8 * HOUR, "within a few hours"),
    (DAY, "within a day"),
    (2 * DAY, "within two days"),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of an organisation's offers. `seconds` is the median time of the answer: half came as fast or faster.

    An offer that got no answer in time counts as slower than any answer, so that the median may be infinite.
    """

    offers: int
    accepted: int
    seconds: float | None  # None without offers

    @property
    def in_words(self) -> str:
        if self.offers < FEWEST:
            return TOO_FEW
        return f"{_speed_in_words(self.seconds)}, accepts {self._tenths} of 10"

    @property
    def _tenths(self) -> int:
        """Rounded, but 10 only if it accepted all, and 0 only if none."""
        rounded = (20 * self.accepted + self.offers) // (2 * self.offers)
        lowest, highest = min(self.accepted, 1), 10 if self.accepted == self.offers else 9
        return max(lowest, min(rounded, highest))


def _speed_in_words(seconds: float) -> str:
    if isinf(seconds):
        return "usually gives no answer in time"
    for longest, words in _SPANS:
        if seconds <= longest:
            return f"usually replies {words}"
    days = ceil(seconds / DAY)
    if days > 7:
        return "usually takes more than a week to reply"
    return f"usually replies within {'a week' if days == 7 else f'{days} days'}"


# Accepted late, after the time for it, is accepted. Left out is what was withdrawn, what another organisation accepted
# before the time was over, and what still may be answered in time.
_STATEMENT = f"""
    SELECT membership.organisation_id, count(offer.id), count(offer.accepted_at),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY offer.seconds) FILTER (WHERE offer.id IS NOT NULL)
    FROM referrals_networkmembership membership
    JOIN referrals_network network ON network.id = membership.network_id
    LEFT JOIN (
        SELECT assignment.*, strand.network_id, CASE
            WHEN accepted_at IS NOT NULL THEN extract(epoch FROM accepted_at - offered_at)::float
            WHEN assignment.status = '{AssignmentStatus.REJECTED}'
                THEN extract(epoch FROM ended_at - offered_at)::float
            ELSE 'infinity'::float END AS seconds
        FROM referrals_assignment assignment
        JOIN referrals_strand strand ON strand.id = assignment.strand_id
        WHERE offered_at > %(since)s AND assignment.status NOT IN {tuple(map(str, TAKEN_AWAY))}
          AND (assignment.status <> '{AssignmentStatus.OFFERED}' OR lapsed_at IS NOT NULL)
    ) offer ON offer.organisation_id = membership.organisation_id AND offer.network_id = membership.network_id
    WHERE membership.organisation_id = ANY (%(organisations)s) AND membership.network_id = ANY (%(networks)s)
      AND (%(knows_all)s OR network.shares_load OR membership.network_id = ANY (%(overseen)s)
           OR membership.organisation_id = ANY (%(own)s))
    GROUP BY membership.organisation_id
"""


def read_answers(
    user: User, organisations: Collection[int], networks: Collection[int], *, now: datetime | None = None
) -> dict[int, Answers]:
    """Return how each organisation answered its offers of the last 12 months in these networks, in one statement.

    Those who know how full a service is know this too (`knows_load`): its organisation, those who oversee the network
    and, where the network shares it, all its organisations. Organisations of which the user may not know are left out.
    """
    reach = reach_of(user)
    parameters = {
        "since": (now or timezone.now()) - SPAN,
        "organisations": list(organisations),
        "networks": list(networks),
        "knows_all": user.is_superuser,
        "overseen": list(reach.overseen),
        "own": list(reach.own),
    }
    with connection.cursor() as cursor:
        rows = cursor.execute(_STATEMENT, parameters).fetchall()
    return {organisation: Answers(*figures) for organisation, *figures in rows}


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    offers: int
    accepted: int
    rejected: list[tuple[str, int]]  # by reason in words, the commonest first
    unanswered: int  # no answer in time
    withdrawn: int
    released: int  # another organisation accepted
    open: int  # still to be answered


def count_answers_since(since: datetime, organisation: Organisation, user: User) -> AnswerCounts | None:
    """Count what became of the offers made since; None for all but the organisation and coordinators of its networks.

    Coordinators have those of their own networks.
    """
    reach = reach_of(user)
    offers = Assignment.objects.filter(organisation=organisation, offered_at__gte=since).order_by()
    if not (user.is_superuser or organisation.pk in reach.own):
        memberships = NetworkMembership.objects.filter(organisation=organisation, network__in=reach.coordinated)
        if not memberships.exists():
            return None
        offers = offers.filter(strand__network__in=reach.coordinated)
    by_reason: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    rows = offers.values_list("status", "reject_reason", Q(accepted_at__isnull=False), Q(lapsed_at__isnull=False))
    for status, reason, is_accepted, has_lapsed, number in rows.annotate(number=Count("pk")):
        counts["offers"] += number
        if status in TAKEN_AWAY:
            counts[status] += number
        elif is_accepted:
            counts["accepted"] += number
        elif status == AssignmentStatus.REJECTED:
            by_reason[RejectReason(reason).label] += number
        elif status == AssignmentStatus.LAPSED or has_lapsed:
            counts["unanswered"] += number
        else:
            counts["open"] += number
    figures = {name: counts[name] for name in ("offers", "accepted", "unanswered", "withdrawn", "released", "open")}
    return AnswerCounts(**figures, rejected=by_reason.most_common())
