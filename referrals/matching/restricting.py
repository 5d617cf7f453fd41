"""Which answers about a person decide who is suggested: the form asks for no others unless it must."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import connection

from referrals.matching.rank_sql import COVERING, POINT
from referrals.models import Network
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.models.services import TAKES_PEOPLE_SQL

# The candidates of the ranking, of several networks at once. A restriction without an option is one of age.
_STATEMENT = f"""
WITH RECURSIVE {COVERING}, candidate AS (
    SELECT service.id
    FROM referrals_service service
    JOIN referrals_network network ON network.id = service.network_id
    WHERE service.network_id = ANY (%(networks)s::bigint[])
      AND {TAKES_PEOPLE_SQL}
      AND EXISTS (SELECT FROM referrals_service_categories listed JOIN covering USING (category_id)
                  WHERE listed.service_id = service.id)
      AND EXISTS (SELECT FROM referrals_networkmembership membership
                  WHERE membership.network_id = service.network_id AND {IS_ACTIVE_SQL}
                    AND membership.organisation_id = service.organisation_id)
      AND (%(x)s IS NULL OR ST_Covers(service.catchment, {POINT}) OR service.catchment IS NULL AND network.area_id IN (
              SELECT id FROM referrals_area WHERE ST_Covers(boundary, {POINT})))
)
SELECT DISTINCT answer.demographic_id
FROM candidate
JOIN referrals_restriction restriction ON restriction.service_id = candidate.id
LEFT JOIN referrals_demographicoption answer ON answer.id = restriction.option_id
"""


@dataclass(frozen=True, slots=True)
class Restricting:
    """The demographics, by key, that some candidate suits only in part; whether one is for some ages only."""

    demographic_ids: frozenset[int] = frozenset()
    asks_age: bool = False


def restricting_demographics(
    networks: Collection[Network], need_ids: Collection[int], point: Point | None = None
) -> Restricting:
    """Return what the services that could be suggested for one of the needs are particular about. One query.

    Without a `point`, services count wherever they help.
    """
    if not need_ids:
        return Restricting()
    parameters = {
        "networks": [network.pk for network in networks],
        "needs": list(need_ids),
        "x": point.x if point else None,
        "y": point.y if point else None,
    }
    with connection.cursor() as cursor:
        found = {demographic for (demographic,) in cursor.execute(_STATEMENT, parameters).fetchall()}
    return Restricting(frozenset(found - {None}), asks_age=None in found)
