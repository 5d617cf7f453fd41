"""Services that whoever fills in the form asks for by name: docs/decisions/0050-nobody-waits-behind-another-need.md."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy

from referrals.matching.exclusions import find_exclusions
from referrals.matching.facts import PersonFacts, Suggestion
from referrals.matching.ranking import suggest
from referrals.models import Network, Service

ASKED_FOR = gettext_lazy("Asked for by the referrer")


def suggest_asked_for(
    network: Network,
    need_ids: Collection[int],
    person: PersonFacts,
    service_ids: Sequence[int],
    *,
    at: datetime | None = None,
) -> list[Suggestion]:
    """Return those of the services that may be asked, in the order given.

    They are in the directory, and suit but for where the person lives, which their first reason says. No query without
    services or needs.
    """
    if not service_ids or not need_ids:
        return []
    services = (
        Service.objects.listed()
        .filter(network=network)
        .select_related("organisation", "network__area")
        .prefetch_related("restrictions__option__demographic")
        .defer("catchment", "description", "network__area__boundary")
        .in_bulk(service_ids)
    )
    if not services:
        return []
    found = suggest(network, need_ids, person, at=at, limit=len(services), service_ids=[*services], wherever=True)
    exclusions = find_exclusions([services[one.service_id] for one in found], need_ids, person)
    asked = [_say_that_asked_for(one, [row.reason for row in exclusions[one.service_id]]) for one in found]
    return sorted(asked, key=lambda one: service_ids.index(one.service_id))


def _say_that_asked_for(suggestion: Suggestion, obstacles: Sequence[str]) -> Suggestion:
    if not obstacles:
        return _with_first_reasons(suggestion, str(ASKED_FOR))
    # What the ranking says first is that the place is covered.
    obstacle = obstacles[0].rstrip(".")
    return _with_first_reasons(suggestion, f"{ASKED_FOR}: {obstacle[0].lower()}{obstacle[1:]}", instead_of=1)


def _with_first_reasons(suggestion: Suggestion, reason: str, *, instead_of: int = 0) -> Suggestion:
    return replace(
        suggestion,
        reasons=(reason, *suggestion.reasons[instead_of:]),
        shared_reasons=(reason, *suggestion.shared_reasons[instead_of:]),
    )
