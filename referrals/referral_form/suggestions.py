"""Who is asked for what in one network, as the page of suggestions shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from referrals import matching
from referrals.models import Category, Network, Service
from referrals.translations import translate_field
from referrals.words import join_in_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What the referrer wants of the lists: keys and rows of services, and a name to look for."""

    preferred_id: int | None = None
    added_ids: Sequence[int] = ()
    removed: Sequence[Service] = ()
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class ShownPart:
    """Needs that are asked for together, with the organisations on the list for them.

    `summaries` has the sentences of public services, by key. Where nobody is listed, `why_nobody` says what stood in
    the way of those that offer it.
    """

    needs: Sequence[Category]
    suggestions: Sequence[matching.Suggestion]
    summaries: Mapping[int, str]
    is_urgent: bool
    why_nobody: Sequence[matching.NearMiss] = ()

    @property
    def names(self) -> str:
        return join_in_words([translate_field(category, "name") for category in self.needs])

    @property
    def offers(self) -> list[tuple[matching.Suggestion, str]]:
        return [(suggestion, self.summaries.get(suggestion.service_id, "")) for suggestion in self.suggestions]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """`removed` are services that were taken off; `found` has whoever was looked for by name."""

    network: Network
    parts: Sequence[ShownPart]
    removed: Sequence[Service]
    near_misses: Sequence[matching.NearMiss]
    found: Sequence[matching.NearMiss]

    @property
    def kept(self) -> list[matching.Suggestion]:
        return [suggestion for part in self.parts for suggestion in part.suggestions]

    @property
    def listed_ids(self) -> set[int]:
        return {suggestion.service_id for suggestion in self.kept}


def make_shortlist(
    network: Network,
    needs: Sequence[Category],
    person: matching.PersonFacts,
    wishes: Wishes,
    *,
    urgent_need_ids: Collection[int],
) -> Shortlist:
    planned = matching.plan_parts(
        network,
        [category.pk for category in needs],
        person,
        urgent_need_ids=urgent_need_ids,
        asked_for_ids=wishes.added_ids,
        preferred_id=wishes.preferred_id,
        exclude_organisation_ids=[service.organisation_id for service in wishes.removed],
    )

    def near_misses(need_ids: Sequence[int], **options: object) -> list[matching.NearMiss]:
        knows_load = network.shares_load
        return matching.find_near_misses(
            network, need_ids, person, knows_load=knows_load, for_insiders=False, **options
        )

    listed = [suggestion.service_id for part in planned for suggestion in part.suggestions]
    summaries = dict(Service.objects.filter(pk__in=listed, is_public=True).values_list("pk", "summary"))
    removed_ids = [service.pk for service in wishes.removed]
    parts = [
        ShownPart(
            [category for category in needs if category.pk in part.need_ids],
            part.suggestions,
            summaries,
            is_urgent=not {*part.need_ids}.isdisjoint(urgent_need_ids),
            why_nobody=() if part.suggestions else near_misses(part.need_ids, shown=removed_ids),
        )
        for part in planned
    ]
    all_needs = [category.pk for category in needs]
    return Shortlist(
        network,
        parts,
        removed=[service for service in wishes.removed if service.network_id == network.pk],
        # Without anybody on a list, the parts say why.
        near_misses=near_misses(all_needs, shown=[*listed, *removed_ids]) if listed else (),
        found=near_misses(all_needs, named=wishes.wanted) if wishes.wanted else (),
    )
