"""The one SQL statement that ranks, its parameters and its rows.

The arithmetic is in whole numbers, so that a tie is a tie on every machine, and in the slow reference of the tests too.
A service with room comes before a full one, whatever their points. Ties go to the organisation asked least recently,
then to the lowest key of a service. docs/matching.md explains the rule, and what it was measured to do.
"""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, NamedTuple

from referrals.hours import LOOK_AHEAD
from referrals.hours.sql import call_openings, openings_parameters
from referrals.hours.timetable import DAY
from referrals.matching.facts import PersonFacts
from referrals.matching.track_records import UNKNOWN_POINTS, Answers
from referrals.models import Network
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.models.referrals import TAKES_A_PLACE_SQL
from referrals.models.services import TAKES_PEOPLE_SQL

# Each factor runs from 0 to 10,000, and its weight is the network's.
# - Needs: the share that is met, where one met only by something beneath it ("Food" by "Community meals") counts for
#   nine tenths. Room: the share of places that are free.
# - Made for: all, when answers and age meet each restriction; half without restrictions; nothing when one of them still
#   has to be checked.
# - Distance: 10,000 at the door, half at two kilometres, a fifth at eight. Unknown or secret: half.
# - Opening: 10,000 when open now, falling to nothing in a week (604,800 seconds). Hours unknown: half.
# - Answers: the organisation's record, of the needs that it meets if there is one (`track_records`). None: half.
_POINTS = f"""
%(weight_needs)s * ((9000 * cardinality(loaded.needs_met) + 1000 * loaded.named) / %(need_count)s)
+ %(weight_room)s * (10000::bigint * greatest(loaded.capacity - loaded.live, 0) / loaded.capacity)
+ %(weight_made_for)s * CASE WHEN fit.is_unshown THEN 0 WHEN fit.option_ids IS NULL THEN 5000 ELSE 10000 END
+ %(weight_distance)s * (20000000 / (2000 + coalesce(loaded.metres, 2000)))
+ %(weight_opening)s
  * CASE WHEN waits.wait IS NULL AND hours.weekdays IS NULL THEN 5000
         ELSE coalesce(10000::bigint * (604800 - waits.wait) / 604800, 0) END
+ %(weight_answers)s * coalesce(loaded.answer_points, {UNKNOWN_POINTS})
"""

# Written into the statement, so that the planner sees the values; without a point the expression folds to NULL.
POINT = "ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4326)"

# Needs with all their ancestors, and with everything beneath them.
COVERING = """
above (need_id, category_id) AS (
    SELECT id, id FROM referrals_category WHERE id = ANY (%(needs)s::bigint[])
    UNION
    SELECT above.need_id, child.parent_id
    FROM above JOIN referrals_category child ON child.id = above.category_id
    WHERE child.parent_id IS NOT NULL
), beneath (need_id, category_id) AS (
    SELECT parent_id, id FROM referrals_category WHERE parent_id = ANY (%(needs)s::bigint[])
    UNION
    SELECT beneath.need_id, child.id
    FROM beneath JOIN referrals_category child ON child.parent_id = beneath.category_id
), covering AS (
    SELECT need_id, category_id, false AS is_beneath FROM above
    UNION ALL
    SELECT need_id, category_id, true FROM beneath
)"""

# The services in this network that offer one of those; then, for these few, how many people they have, how far away
# they are and how their organisations answer. Sub-selects instead of joins, because planning the joins would take
# longer than everything else.
_CANDIDATES = f"""
{COVERING}, candidate AS MATERIALIZED (
    SELECT service.id, service.organisation_id, service.activity_id, service.venue_id, service.capacity,
           service.by_appointment, service.closed_on_bank_holidays, array_agg(DISTINCT covering.need_id) AS needs_met,
           count(DISTINCT covering.need_id) FILTER (WHERE NOT covering.is_beneath) AS named
    FROM referrals_service service
    JOIN referrals_service_categories listed ON listed.service_id = service.id
    JOIN covering ON covering.category_id = listed.category_id
    WHERE service.network_id = %(network)s::bigint
      AND {TAKES_PEOPLE_SQL}
      AND (%(wherever)s OR ST_Covers(service.catchment, {POINT}) OR service.catchment IS NULL AND (
              %(x)s IS NULL OR (SELECT ST_Covers(boundary, {POINT}) FROM referrals_area WHERE id = %(area)s)))
      AND service.organisation_id <> ALL (%(excluded)s::bigint[])
      AND (%(services)s::bigint[] IS NULL OR service.id = ANY (%(services)s::bigint[]))
    GROUP BY service.id
), loaded AS MATERIALIZED (
    SELECT candidate.*,
           (SELECT count(*) FROM referrals_assignment assignment
            WHERE assignment.service_id = candidate.id AND {TAKES_A_PLACE_SQL}) AS live,
           (SELECT round(ST_Distance(venue.point::geography, {POINT}::geography))::int
            FROM referrals_venue venue WHERE venue.id = candidate.venue_id AND NOT venue.is_confidential) AS metres,
           (SELECT coalesce(sum(points) FILTER (WHERE category_id IS NOT NULL) / nullif(count(category_id), 0),
                            max(points))
            FROM referrals_trackrecord record
            WHERE record.organisation_id = candidate.organisation_id AND record.network_id = %(network)s::bigint
              AND (category_id IS NULL OR category_id = ANY (candidate.needs_met))) AS answer_points
    FROM candidate
    JOIN referrals_networkmembership membership ON membership.network_id = %(network)s::bigint
        AND membership.organisation_id = candidate.organisation_id AND {IS_ACTIVE_SQL}
)"""

# A person meets a demographic with any of the answers that the service supports. `refused`: of the demographics that
# the service restricts and the person answered, fewer are met than there are; or the age does not suit. `is_unshown`:
# of all that it restricts, age among them, some is not answered.
_FIT = """
SELECT count(DISTINCT answer.demographic_id) FILTER (WHERE answer.demographic_id = ANY (ARRAY(
               SELECT demographic_id FROM referrals_demographicoption WHERE id = ANY (%(options)s::bigint[]))))
           > count(DISTINCT answer.demographic_id) FILTER (WHERE answer.id = ANY (%(options)s::bigint[]))
           OR coalesce(bool_or(NOT %(age)s::int BETWEEN coalesce(age_from, 0) AND coalesce(age_to, 32767))
                       FILTER (WHERE answer.id IS NULL), false) AS refused,
       count(DISTINCT answer.demographic_id)
           > count(DISTINCT answer.demographic_id) FILTER (WHERE answer.id = ANY (%(options)s::bigint[]))
           OR coalesce(bool_or(answer.id IS NULL AND %(age)s::int IS NULL), false) AS is_unshown,
       array_agg(answer.id) AS option_ids, array_agg(answer.demographic_id) AS demographic_ids,
       array_agg(answer.name) AS option_names, array_agg(answer.plural) AS option_plurals,
       max(age_from) AS age_from, min(age_to) AS age_to
FROM referrals_restriction restriction
LEFT JOIN referrals_demographicoption answer ON answer.id = restriction.option_id
WHERE restriction.service_id = loaded.id
"""

# Seconds until the service opens, 0 when it is open; no row when it stays closed for a week.
_WAITS = f"""
waits AS (
    SELECT service_id AS id, min(greatest(extract(epoch FROM starts - %(now)s::timestamp)::int, 0)) AS wait
    FROM {call_openings("ARRAY(SELECT id FROM loaded)")}
    WHERE ends > %(now)s::timestamp AND starts <= %(now)s::timestamp + interval '7 days'
    GROUP BY service_id
)"""

# For the reasons: weekly hours, and exceptions that are not over. Yesterday's may have hours past midnight.
_HOURS = """
SELECT array_agg(weekday) AS weekdays, array_agg(opens) AS opens, array_agg(closes) AS closes,
       array_agg(valid_from) AS valid_from, array_agg(valid_to) AS valid_to
FROM referrals_openinghours WHERE service_id = loaded.id
"""
_EXCEPTIONS = """
SELECT array_agg(first_day) AS first_days, array_agg(last_day) AS last_days, array_agg(opens) AS exceptional_opens,
       array_agg(closes) AS exceptional_closes, array_agg(note) AS notes
FROM referrals_openingexception WHERE service_id = best.id AND last_day >= %(calendar_first_day)s
"""

_STATEMENT = f"""
WITH RECURSIVE {_CANDIDATES}, {_WAITS}, scored AS (
    SELECT loaded.*, loaded.live < loaded.capacity AS has_room, fit.*, hours.*, {_POINTS} AS points
    FROM loaded CROSS JOIN LATERAL ({_FIT}) fit CROSS JOIN LATERAL ({_HOURS}) hours
    LEFT JOIN waits USING (id)
    WHERE NOT fit.refused
), best AS (
    SELECT * FROM (
        SELECT DISTINCT ON (organisation_id) * FROM scored
        ORDER BY organisation_id, has_room DESC, points DESC, id
    ) one_each
    ORDER BY has_room DESC, points DESC FETCH FIRST %(limit)s ROWS WITH TIES
)
SELECT id, organisation_id, (SELECT name FROM referrals_organisation WHERE id = best.organisation_id),
       (SELECT name FROM referrals_activity WHERE id = best.activity_id), needs_met, points, capacity, live, metres,
       by_appointment, CASE WHEN closed_on_bank_holidays THEN %(country)s::text END AS bank_holidays_of,
       option_ids, demographic_ids, option_names, option_plurals, age_from, age_to,
       weekdays, opens, closes, valid_from, valid_to, first_days, last_days,
       exceptional_opens, exceptional_closes, notes,
       (SELECT array_agg(ARRAY[id::text, name] ORDER BY position, name, id)
        FROM referrals_category WHERE id = ANY (%(needs)s::bigint[])),
       (SELECT array_agg(ARRAY[need_id::text, category.name] ORDER BY category.position, category.name, category.id)
        FROM beneath JOIN referrals_service_categories listed USING (category_id)
        JOIN referrals_category category ON category.id = category_id
        WHERE listed.service_id = best.id AND need_id NOT IN (
            SELECT need_id FROM above JOIN referrals_service_categories named USING (category_id)
            WHERE named.service_id = best.id)),
       record.offers, record.accepted, record.seconds
FROM best CROSS JOIN LATERAL ({_EXCEPTIONS}) exceptions
LEFT JOIN LATERAL (
    SELECT offers, accepted, seconds FROM referrals_trackrecord record
    WHERE record.organisation_id = best.organisation_id AND record.network_id = %(network)s::bigint
      AND category_id IS NULL
) record ON true
ORDER BY has_room DESC, points DESC, (
    SELECT offered_at FROM referrals_assignment assignment
    WHERE assignment.organisation_id = best.organisation_id AND assignment.offered_at IS NOT NULL
    ORDER BY offered_at DESC LIMIT 1
) NULLS FIRST, id LIMIT %(limit)s
"""

STATEMENT = " ".join(_STATEMENT.split())


# The same for many people in one statement: `asked` is a JSON list of what is known of each. The rows come in the order
# of the list, since nothing sorts them, and as they are worked out.
_OF_EACH = {
    "needs": "asked.needs",
    "need_count": "cardinality(asked.needs)",
    "x": "asked.x",
    "y": "asked.y",
    "age": "asked.age",
    "options": "asked.options",
}
FIRST_OF_EACH = f"""
SELECT best_of_all.organisation_id
FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked
    (needs bigint[], x float8, y float8, age int, options bigint[])
LEFT JOIN LATERAL ({STATEMENT}) best_of_all ON true
"""
for _name, _column in _OF_EACH.items():
    FIRST_OF_EACH = FIRST_OF_EACH.replace(f"%({_name})s", _column)


class RankedRow(NamedTuple):
    """What the statement returns of one service. Arrays of no rows are None."""

    service_id: int
    organisation_id: int
    organisation_name: str
    activity_name: str
    needs_met: list[int]
    points: int
    capacity: int
    live: int
    metres: int | None
    by_appointment: bool
    bank_holidays_of: str | None
    option_ids: list[int | None] | None
    demographic_ids: list[int | None] | None
    option_names: list[str | None] | None
    option_plurals: list[str | None] | None
    age_from: int | None
    age_to: int | None
    weekdays: list[int] | None
    opens: list[time]
    closes: list[time]
    valid_from: list[date | None]
    valid_to: list[date | None]
    first_days: list[date] | None
    last_days: list[date]
    exceptional_opens: list[time | None]
    exceptional_closes: list[time | None]
    notes: list[str]
    needs: list[list[str]] | None
    beneath: list[list[str]] | None  # what the service does of a need that it is not listed at: the need's key, a name
    answered_offers: int | None
    answered_accepted: int | None
    answered_seconds: float | None

    @property
    def has_room(self) -> bool:
        return self.live < self.capacity

    @property
    def answers(self) -> Answers:
        return Answers(self.answered_offers or 0, self.answered_accepted or 0, self.answered_seconds)


def statement_parameters(
    network: Network,
    need_ids: Collection[int],
    person: PersonFacts,
    now: datetime,
    *,
    limit: int | None = None,
    exclude_organisation_ids: Collection[int] = (),
    service_ids: Collection[int] | None = None,
    wherever: bool = False,
) -> dict[str, Any]:
    needs, today = sorted(set(need_ids)), now.date()
    return {
        "network": network.pk,
        "area": network.area_id,
        "needs": needs,
        "need_count": len(needs),
        "x": person.point.x if person.point else None,
        "y": person.point.y if person.point else None,
        "age": person.age,
        "options": sorted(person.option_ids),
        "now": now.replace(microsecond=0),
        "country": network.country,
        # What opened yesterday may still be open.
        **openings_parameters([network], today - DAY, today + LOOK_AHEAD),
        "limit": network.suggestion_count if limit is None else limit,
        "excluded": list(exclude_organisation_ids),
        "services": None if service_ids is None else list(service_ids),
        "wherever": wherever,
        "weight_needs": network.weight_needs,
        "weight_room": network.weight_room,
        "weight_made_for": network.weight_made_for,
        "weight_distance": network.weight_distance,
        "weight_opening": network.weight_opening,
        "weight_answers": network.weight_answers,
    }
