"""The suggestions of each network, and which of them the referrer has kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from referrals import matching
from referrals.models import Category, Network
from referrals.words import join_in_words


@dataclass(frozen=True, slots=True)
class ShownSuggestion:
    """A suggestion on the page. `position` counts from 1 among those kept; None if removed."""

    suggestion: matching.Suggestion
    position: int | None


@dataclass(frozen=True, slots=True)
class Shortlist:
    """One network's suggestions. `unmet` are the needs that no kept service meets."""

    network: Network
    shown: Sequence[ShownSuggestion]
    unmet: Sequence[Category]

    @property
    def kept(self) -> list[matching.Suggestion]:
        return [shown.suggestion for shown in self.shown if shown.position]

    @property
    def unmet_names(self) -> str:
        return join_in_words([category.name for category in self.unmet])


def suggest_with_preferred(
    network: Network, need_ids: Sequence[int], facts: matching.PersonFacts, preferred_id: int | None
) -> list[matching.Suggestion]:
    """Return the suggestions with the preferred service first, if it suits at all."""
    ranked = matching.suggest(network, need_ids, facts)
    if preferred_id is None:
        return ranked
    preferred = [suggestion for suggestion in ranked if suggestion.service_id == preferred_id]
    # It can suit and yet be missing: another service of its organisation ranks higher, or the list is full.
    preferred = preferred or matching.suggest(network, need_ids, facts, limit=1, service_ids=[preferred_id])
    organisations = {suggestion.organisation_id for suggestion in preferred}
    others = [suggestion for suggestion in ranked if suggestion.organisation_id not in organisations]
    return [*preferred, *others][: network.suggestion_count]


def make_shortlist(
    network: Network, suggestions: Sequence[matching.Suggestion], needs: Sequence[Category], removed: set[int]
) -> Shortlist:
    shown, position = [], 0
    met: set[int] = set()
    for suggestion in suggestions:
        if suggestion.service_id in removed:
            shown.append(ShownSuggestion(suggestion, None))
            continue
        position += 1
        met.update(suggestion.needs_met)
        shown.append(ShownSuggestion(suggestion, position))
    return Shortlist(network, shown, [category for category in needs if category.pk not in met])
