"""Who is asked for what: one organisation for all needs, or else several at once, so that no need waits for another.

Why needs are divided so: docs/decisions/0050-nobody-waits-behind-another-need.md.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from referrals.matching.asked_for import suggest_asked_for
from referrals.matching.facts import PersonFacts, Suggestion
from referrals.matching.ranking import suggest
from referrals.models import Network

Rank = Callable[..., list[Suggestion]]


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """Needs that are asked for together. The first suggestion meets all of them; there is none where nobody suits."""

    need_ids: tuple[int, ...]
    suggestions: tuple[Suggestion, ...]


def plan_parts(
    network: Network,
    need_ids: Sequence[int],
    person: PersonFacts,
    *,
    urgent_need_ids: Collection[int] = (),
    asked_for_ids: Sequence[int] = (),
    preferred_id: int | None = None,
    exclude_organisation_ids: Collection[int] = (),
    limit: int | None = None,
    at: datetime | None = None,
) -> list[PlannedPart]:
    """Return parts that together have each need once: urgent ones first, needs that nobody meets last.

    The preferred service is asked first for what it meets, if it suits, and then those asked for. At most three queries
    a part; six more for services by name.
    """

    def rank(needs: Sequence[int], **options: object) -> list[Suggestion]:
        options = {"limit": limit, "exclude_organisation_ids": exclude_organisation_ids, "at": at} | options
        return _put_whole_first(suggest(network, needs, person, **options), len(needs))

    preferred = rank(need_ids, service_ids=[preferred_id], limit=1) if preferred_id else []
    asked_for = suggest_asked_for(network, need_ids, person, asked_for_ids, at=at)
    wanted = _one_each([*preferred, *(one for one in asked_for if one.organisation_id not in exclude_organisation_ids)])
    left, parts = list(need_ids), []
    while left:
        first, ranked = _pick_first(left, urgent_need_ids, wanted, rank)
        if first is None:
            parts.append(PlannedPart(tuple(left), ()))
            break
        taken = [need for need in left if need in first.needs_met]
        if taken != left or not ranked:
            ranked = rank(taken)
        also_wanted = [one for one in wanted if set(one.needs_met) & set(taken)]
        again = {one.organisation_id: one for one in [*ranked, *wanted]}  # with reasons that are about these needs
        listed = [again.get(one.organisation_id, one) for one in _one_each([first, *also_wanted, *ranked])]
        parts.append(PlannedPart(tuple(taken), tuple(listed[: limit or network.suggestion_count])))
        left = [need for need in left if need not in taken]
    return sorted(parts, key=lambda part: (not part.suggestions, not set(part.need_ids) & set(urgent_need_ids)))


def _put_whole_first(suggestions: list[Suggestion], need_count: int) -> list[Suggestion]:
    """Of those with room, and of those without, put whoever meets all needs before whoever meets some."""
    return sorted(suggestions, key=lambda one: (not one.has_room, len(one.needs_met) < need_count))


def _one_each(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Keep the first of each organisation."""
    listed: dict[int, Suggestion] = {}
    for one in suggestions:
        listed.setdefault(one.organisation_id, one)
    return list(listed.values())


def _pick_first(
    left: Sequence[int], urgent_need_ids: Collection[int], wanted: Sequence[Suggestion], rank: Rank
) -> tuple[Suggestion | None, list[Suggestion]]:
    """Return who is asked first for some of the needs that are left, and the list for all of these if it was read."""
    for one in wanted:
        if set(one.needs_met) & set(left):
            return one, []
    ranked = rank(left)
    urgent = set(left) & set(urgent_need_ids)
    for_urgent = [one for one in ranked if set(one.needs_met) & urgent]
    if urgent and not for_urgent:
        for_urgent = rank(sorted(urgent))  # the list above holds the best for all needs, and may be full of others
    return next(iter(for_urgent or ranked), None), ranked
