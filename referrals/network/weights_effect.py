"""What other weights would do: the real ranking, asked again about the people of a network's last referrals."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from referrals import workflow
from referrals.enums import Outcome, ReferralStatus
from referrals.matching import suggest
from referrals.models import Need, Network, Referral

LATEST = 200
SHOWN = 3
SECONDS_AT_MOST = 5  # somebody waits for it


@dataclass(frozen=True, slots=True)
class WeightsEffect:
    """Numbers of referrals. `other_three`: of `other_first`, those with an organisation among the first three that is
    not among them now."""

    referrals: int
    without_suggestion: int  # with any weights: they only order what suits
    other_first: int
    other_three: int


def measure_effect(network: Network, weights: Mapping[str, int], *, at: datetime | None = None) -> WeightsEffect:
    """Rank for the last referrals as if each were sent now, with the network's own weights and with these.

    Two statements a referral: those of the form, so that what is counted is what would be suggested. If they take too
    long, only the latest of the referrals are counted.
    """
    now, began = at or timezone.now(), monotonic()
    changed = copy(network)
    for name, weight in weights.items():
        setattr(changed, name, weight)
    referrals = without_suggestion = other_first = other_three = 0
    for referral in _latest_referrals(network):
        if monotonic() - began > SECONDS_AT_MOST:
            break
        referrals += 1
        needs = [need.category_id for need in referral.needs_here]
        facts = workflow.facts_of(referral.person, now)
        before, after = (
            [one.organisation_id for one in suggest(ranking, needs, facts, at=now, limit=SHOWN)]
            for ranking in (network, changed)
        )
        without_suggestion += not before
        if before[:1] != after[:1]:
            other_first += 1
            other_three += set(before) != set(after)
    return WeightsEffect(referrals, without_suggestion, other_first, other_three)


def _latest_referrals(network: Network) -> QuerySet[Referral]:
    """Return the last that need something of the network, wherever they were sent, with `needs_here`; no spam."""
    needs = Need.objects.filter(strand__network=network).exclude(strand__outcome=Outcome.SPAM)
    found = Referral.objects.filter(Exists(needs.filter(referral=OuterRef("pk")).order_by()))
    return (
        found.exclude(status=ReferralStatus.SPAM)
        .select_related("person")
        .prefetch_related("person__options", Prefetch("needs", needs, to_attr="needs_here"))
        .order_by("-created_at", "-pk")[:LATEST]
    )
