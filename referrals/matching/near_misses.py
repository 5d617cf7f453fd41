"""What stood in the way of the services that offer a need and are not suggested."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from referrals.matching.exclusions import find_exclusions
from referrals.matching.facts import PersonFacts
from referrals.matching.rank_sql import COVERING, POINT
from referrals.models import Network, Service
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.models.referrals import TAKES_A_PLACE_SQL
from referrals.models.services import TAKES_PEOPLE_SQL

MOST = 20
ALIKE = 0.6  # how alike a name has to be to what was typed: "kilburn pantri" finds Kilburn Pantry
SUITS = gettext_lazy("It suits, but others come first.")

# Nearest first: by the venue or, if there is none or its address is secret, by how far outside its area they live. A
# secret address has no part in the order.
_STATEMENT = f"""
WITH RECURSIVE {COVERING}
SELECT service.id, service.capacity, (
           SELECT count(*) FROM referrals_assignment assignment
           WHERE assignment.service_id = service.id AND {TAKES_A_PLACE_SQL})
FROM referrals_service service
JOIN referrals_networkmembership membership ON membership.network_id = service.network_id
    AND membership.organisation_id = service.organisation_id AND {IS_ACTIVE_SQL}
LEFT JOIN referrals_venue venue ON venue.id = service.venue_id AND NOT venue.is_confidential
WHERE service.network_id = %(network)s AND service.archived_at IS NULL AND service.id <> ALL (%(shown)s::bigint[])
  AND (%(for_insiders)s OR service.is_public OR {TAKES_PEOPLE_SQL})
  AND {{condition}}
ORDER BY coalesce(ST_Distance(venue.point::geography, {POINT}::geography),
                  ST_Distance(service.catchment::geography, {POINT}::geography)), service.id
LIMIT {MOST}
"""
# An array is made first: otherwise the distance of every service in the network is worked out.
_OFFERS_A_NEED = """service.id = ANY (ARRAY(
    SELECT service_id FROM referrals_service_categories JOIN covering USING (category_id)))"""
# The first comparison has an index, the second leaves out those whose categories are called so.
_IS_CALLED_SO = f"""service.id IN (
    SELECT service_id FROM referrals_publiclisting
    WHERE is_listed AND %(named)s <%% names AND word_similarity(%(named)s, title) >= {ALIKE})"""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """`obstacles` are sentences, at least one; `takes_people` says whether members can ask it by hand all the same.

    `referrer_may_ask`: so can whoever fills in the form (`asked_for`).
    """

    service_id: int
    organisation_id: int
    organisation_name: str
    activity_name: str
    obstacles: tuple[str, ...]
    takes_people: bool
    referrer_may_ask: bool


class _Found(NamedTuple):
    service: int
    capacity: int
    live: int


def find_near_misses(
    network: Network,
    need_ids: Collection[int],
    person: PersonFacts,
    *,
    shown: Collection[int] = (),
    refusals: Mapping[int, str] | None = None,
    knows_load: bool,
    for_insiders: bool,
    named: str = "",
) -> list[NearMiss]:
    """Return services of the network that offer a need, without those `shown`, nearest first; MOST of them at most.

    With `named`, return those in the directory whose organisation or activity is called so, whatever they offer.

    `refusals` has a sentence by organisation. Only with `knows_load` do the obstacles say how full a service is. Only
    insiders are told of services that take nobody and are not in the directory.
    """
    parameters = {
        "network": network.pk,
        "needs": list(need_ids),
        "shown": list(shown),
        "for_insiders": for_insiders,
        "named": named,
        "x": person.point.x if person.point else None,
        "y": person.point.y if person.point else None,
    }
    with connection.cursor() as cursor:
        statement = _STATEMENT.format(condition=_IS_CALLED_SO if named else _OFFERS_A_NEED)
        found = [_Found._make(row) for row in cursor.execute(statement, parameters).fetchall()]
    if not found:
        return []
    services = (
        Service.objects.select_related("activity", "organisation", "network__area")
        .prefetch_related("restrictions__option__demographic")
        .defer("catchment", "description", "network__area__boundary")
        .in_bulk([one.service for one in found])
    )
    exclusions = find_exclusions([*services.values()], need_ids, person)
    near_misses = []
    for one in found:
        service = services[one.service]
        obstacles = [exclusion.reason for exclusion in exclusions[one.service]]
        if knows_load and 0 < one.capacity <= one.live:
            obstacles = [_full_in_words(one), *obstacles]
        if refusal := (refusals or {}).get(service.organisation_id):
            obstacles = [refusal, *obstacles]
        near_misses.append(
            NearMiss(
                service_id=service.pk,
                organisation_id=service.organisation_id,
                organisation_name=service.organisation.name,
                activity_name=service.activity.name,
                obstacles=tuple(obstacles) or (str(SUITS),),
                takes_people=service.takes_people,
                referrer_may_ask=service.is_public and all(one.is_of_place for one in exclusions[service.pk]),
            )
        )
    return near_misses


def _full_in_words(one: _Found) -> str:
    if one.live > one.capacity:
        words = ngettext(
            "Full: %(live)s people for %(capacity)s place.",
            "Full: %(live)s people for %(capacity)s places.",
            one.capacity,
        )
    else:
        words = _("Full: %(live)s of %(capacity)s places taken.")
    return words % {"live": one.live, "capacity": one.capacity}
