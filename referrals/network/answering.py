"""How organisations answer offers: in a few words for those who may know, and counted for themselves."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from referrals.access.reach import reach_of
from referrals.enums import TAKEN_AWAY, AssignmentStatus, RejectReason
from referrals.matching.track_records import Answers
from referrals.models import Assignment, NetworkMembership, Organisation, User

_STATEMENT = """
    SELECT DISTINCT ON (membership.organisation_id)
           membership.organisation_id, coalesce(offers, 0), coalesce(accepted, 0), seconds
    FROM referrals_networkmembership membership
    JOIN referrals_network network ON network.id = membership.network_id
    LEFT JOIN referrals_trackrecord record ON record.organisation_id = membership.organisation_id
        AND record.network_id = membership.network_id AND record.category_id IS NULL
    WHERE membership.organisation_id = ANY (%(organisations)s) AND membership.network_id = ANY (%(networks)s)
      AND (%(knows_all)s OR network.shares_load OR membership.network_id = ANY (%(overseen)s)
           OR membership.organisation_id = ANY (%(own)s))
    ORDER BY membership.organisation_id, offers DESC NULLS LAST, membership.network_id
"""


def read_answers(user: User, organisations: Collection[int], networks: Collection[int]) -> dict[int, Answers]:
    """Return how each organisation answered its latest offers in one of these networks: that with most offers.

    Those who know how full a service is know this too (`knows_load`): its organisation, those who oversee the network
    and, where the network shares it, all its organisations. Organisations of which the user may not know are left out.
    """
    reach = reach_of(user)
    parameters = {
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
