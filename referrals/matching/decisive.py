"""What some service has to know about the person before it is clear whether it suits."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import connection

from referrals.matching.rank_sql import COVERING, COVERS_PERSON
from referrals.models import Network
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.models.services import TAKES_PEOPLE_SQL

_STATEMENT = f"""
WITH RECURSIVE {COVERING}, candidate AS MATERIALIZED (
    SELECT DISTINCT service.id, service.organisation_id
    FROM referrals_service service
    JOIN referrals_service_categories listed ON listed.service_id = service.id
    JOIN covering ON covering.category_id = listed.category_id
    WHERE service.network_id = %(network)s::bigint AND {TAKES_PEOPLE_SQL} AND {COVERS_PERSON}
)
SELECT DISTINCT answer.demographic_id
FROM candidate
JOIN referrals_networkmembership membership ON membership.network_id = %(network)s::bigint
    AND membership.organisation_id = candidate.organisation_id AND {IS_ACTIVE_SQL}
JOIN referrals_restriction restriction ON restriction.service_id = candidate.id
LEFT JOIN referrals_demographicoption answer ON answer.id = restriction.option_id
"""


@dataclass(frozen=True, slots=True)
class DecisiveFacts:
    """`demographic_ids` may hold demographics of other networks, which the service's own form does not ask."""

    demographic_ids: frozenset[int] = frozenset()
    asks_age: bool = False

    def __or__(self, other: "DecisiveFacts") -> "DecisiveFacts":
        return DecisiveFacts(self.demographic_ids | other.demographic_ids, self.asks_age or other.asks_age)


def find_decisive_facts(network: Network, need_ids: Collection[int], point: Point | None) -> DecisiveFacts:
    """Return what restricts some service that could be suggested: which demographics, and whether age. One query."""
    if not need_ids:
        return DecisiveFacts()
    parameters = {
        "network": network.pk,
        "area": network.area_id,
        "needs": list(need_ids),
        "x": point.x if point else None,
        "y": point.y if point else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, parameters)
        found = {key for (key,) in cursor.fetchall()}
    return DecisiveFacts(frozenset(found - {None}), None in found)
