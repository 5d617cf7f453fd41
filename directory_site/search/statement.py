"""The SQL of the directory: the services found, how many there would be for each filter, and where they are.

`candidate` holds the services that words and place find, each with the filters that it fails; `checked` adds the hours
and the filters that depend on them (`missed`). A result fails none. The number beside a choice counts the candidates
that fail no filter other than the choice's own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory_site.search.counts import COUNTS, counts_parameters
from directory_site.search.filters import Filters
from directory_site.search.places import Place
from directory_site.search.query import AGE_BANDS, PAGE_SIZE, Search, Sort
from directory_site.search.words import Query, Words, in_parts
from referrals.hours.sql import openings_parameters, openings_sql
from referrals.hours.timetable import DAY
from referrals.models import Network
from referrals.models.listings import CELLS, SUM_SCALE
from referrals.models.services import IS_SHOWN_SQL
from referrals.words import METRES_PER_MILE

CELL_PIXELS = 64  # the side of a cluster's square on the map
POINT = "ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4326)"

# The services whose catchment covers the place, and the networks whose area does.
_SERVING = f"""
serving AS MATERIALIZED (
    SELECT id FROM referrals_service service WHERE {IS_SHOWN_SQL} AND ST_Covers(catchment, {POINT})
), covering_area AS MATERIALIZED (
    SELECT network.id FROM referrals_network network JOIN referrals_area area ON area.id = network.area_id
    WHERE network.id = ANY (%(networks)s::bigint[]) AND ST_Covers(area.boundary, {POINT})
)"""
_SERVES = """(CASE WHEN has_catchment THEN service_id IN (SELECT id FROM serving)
                   ELSE network_id IN (SELECT id FROM covering_area) END)"""
# As in the index `listing_place`, which is not used for any other way of writing it.
_GEOGRAPHY = "point::geography(Point,4326)"
# Within the miles or, where nobody knows how far away it is, serving the place. Both parts are found by indexes.
_WITHIN = f"""(
    ST_DWithin({_GEOGRAPHY}, {POINT}::geography, %(metres)s)
    OR point IS NULL AND service_id = ANY (ARRAY(
        SELECT id FROM serving
        UNION ALL
        SELECT service_id FROM referrals_publiclisting
        WHERE is_listed AND point IS NULL AND NOT has_catchment AND network_id IN (SELECT id FROM covering_area))))"""


def _opened(*, are_few: bool, are_filtered: bool) -> str:
    """Return CTEs for the weekdays on which services open, of the seven days from today, and whether they are open now.

    are_few: far fewer services are asked about than there are. are_filtered: by their hours.
    """
    # Nobody asks about a candidate that fails another filter or, where hours are filtered by, two others. PostgreSQL
    # expects that such a condition leaves little, and looks up the hours of each instead of reading them all.
    asked = f"(SELECT * FROM candidate WHERE cardinality(missed_so_far) {'IN (0, 1)' if are_filtered else '= 0'})"
    asked = asked if are_few else "candidate"
    return f"""{openings_sql(asked)}, opened AS (
        SELECT service_id AS id, array_agg(DISTINCT weekday) FILTER (WHERE day >= %(today)s::date) AS days,
               bool_or(starts <= %(now)s::timestamp AND ends > %(now)s::timestamp) AS is_open
        FROM opening GROUP BY service_id
    )"""


_PASSES = "missed = '{}'"

# How well a service fits, from 0 to 1: the weighted average over all words of the best part of the service that has the
# word ("own"), or only a synonym of it ("wide"). Its parts are its name, the names of its categories, its summary and
# all the rest: A to D in `referrals_list_services`.
_PARTS = {"name": "A", "categories": "AB", "summary": "ABC"}
_POINTS = [
    ("own_name", 1.0),
    ("own_categories", 0.8),
    ("wide_name", 0.55),
    ("wide_categories", 0.5),
    ("own_summary", 0.4),
    ("wide_summary", 0.3),
    ("wide_rest", 0.1),
]
# How close a service is to what was typed: 1 to 3, and 4 for one that only mentions it.
_BAND = "CASE WHEN fit >= 0.6 THEN 1 WHEN fit >= 0.45 THEN 2 WHEN fit >= 0.2 THEN 3 ELSE 4 END"
_MENTIONS = "band = 4"

# Whether it takes people of the ages that were typed, and whether it is just for such people.
_TAKES_AGES = "(coalesce(age_from, 0) <= %(oldest)s AND coalesce(age_to, 32767) >= %(youngest)s)"
_IS_FOR_AGES = f"({_TAKES_AGES} AND (age_to IS NOT NULL OR coalesce(age_from, 0) > 25))"
_FIT_OF_AGES = f"(CASE WHEN {_IS_FOR_AGES} THEN 1 WHEN {_TAKES_AGES} THEN 0.5 ELSE 0 END)"
_IS_FOR_SOME = "(demographics <> '{}' OR coalesce(age_from, 0) > 25 OR age_to IS NOT NULL)"

_NO_RANK = "0::real AS rank"
_NO_FIT = f"1 AS fit, 0 AS matched, {_NO_RANK}, false AS is_for_some"

# In every order, what only mentions the words comes last (`_order`). Best match: who serves the place and takes the
# ages that were typed; how close it is to the words, in bands, so that miles count only among services that fit alike;
# what is for everybody before what is for particular people; miles; fit. See docs/decisions/0027. Title and key make
# the order complete, so that no service is on two pages.
_ORDERS = {
    Sort.BEST: "serves IS FALSE OR NOT takes_ages, band, is_for_some, {near}fit DESC, rank DESC, title, id",
    Sort.NEAREST: "metres NULLS LAST, serves DESC, fit DESC, title, id",
    Sort.NAME: "title, id",
}


@dataclass(frozen=True, slots=True)
class SearchInput:
    """`now` is local time. `any_words`: a service need not have all of the words."""

    search: Search
    networks: Collection[Network]
    filters: Filters
    words: Words
    place: Place | None
    now: datetime
    any_words: bool = False


def find_statement(given: SearchInput) -> str:
    """Return the SQL for rows of (kind, key, number, metres, serves): the hits of a page in order, and the counts."""
    return _without_line_breaks(f"""
    WITH {_checked(given, with_counts=True)}
    SELECT * FROM (SELECT 'hit', id::text, row_number() OVER (ORDER BY {_order(given)}), metres, serves
                   FROM checked WHERE {_PASSES}
                   ORDER BY {_order(given)} LIMIT {PAGE_SIZE} OFFSET %(offset)s) hits
    UNION ALL {COUNTS}
    """)


def squares_a_side(zoom: int) -> int:
    """Return into how many squares of clusters a side of the world's map is cut."""
    return 256 * 2**zoom // CELL_PIXELS


def clusters_statement(given: SearchInput, zoom: int) -> str:
    """Return the SQL for clusters: rows of (number, east, south, keys, titles), the last two for small ones only."""
    finds_all = not _conditions(given) and not _filter_conditions(given)
    is_kept = finds_all and squares_a_side(zoom) <= CELLS
    return _without_line_breaks(_CLUSTERS_OF_CELLS if is_kept else _clusters_of_listings(given))


# From the counts that are kept: how many services there are makes no difference.
_MIDDLE = f"({{0}}::float8 / number::float8) / {SUM_SCALE}"
_CLUSTERS_OF_CELLS = f"""
WITH cell AS MATERIALIZED (
    SELECT network_id, east_cell, south_cell, sum(number) AS number, sum(east_sum) AS east, sum(south_sum) AS south,
           east_cell / %(kept_cells)s AS across, south_cell / %(kept_cells)s AS down
    FROM referrals_listingcell
    WHERE network_id = ANY (%(networks)s::bigint[])
      AND east_cell BETWEEN %(first_across)s * %(kept_cells)s AND (%(last_across)s + 1) * %(kept_cells)s - 1
      AND south_cell BETWEEN %(first_down)s * %(kept_cells)s AND (%(last_down)s + 1) * %(kept_cells)s - 1
    GROUP BY network_id, east_cell, south_cell HAVING sum(number) > 0
), cluster AS MATERIALIZED (
    SELECT across, down, sum(number) AS number, sum(east) AS east, sum(south) AS south FROM cell
    GROUP BY across, down ORDER BY number DESC, across, down LIMIT %(most)s
), named AS (
    SELECT across, down,
           array_agg(service_id ORDER BY service_id) AS keys, array_agg(title ORDER BY service_id) AS titles
    FROM cluster JOIN cell USING (across, down)
    JOIN referrals_publiclisting listing ON is_listed AND listing.network_id = cell.network_id
        AND floor(listing.east * {CELLS})::int = east_cell AND floor(listing.south * {CELLS})::int = south_cell
    WHERE cluster.number <= %(named)s GROUP BY across, down
)
SELECT number::bigint, {_MIDDLE.format("cluster.east")}, {_MIDDLE.format("cluster.south")}, keys, titles
FROM cluster LEFT JOIN named USING (across, down)
ORDER BY number DESC, across, down
"""


def _clusters_of_listings(given: SearchInput) -> str:
    across, down = "floor(east * %(cells)s)", "floor(south * %(cells)s)"
    # Whole squares, so that a cluster does not change as the map is dragged.
    inside = f"""point && ST_MakeEnvelope(%(west)s, %(bottom)s, %(right)s, %(top)s, 4326)
        AND {across} BETWEEN %(first_across)s AND %(last_across)s AND {down} BETWEEN %(first_down)s AND %(last_down)s"""
    # With `any_words` only the best matches count, and these are found among all candidates, not those in the box.
    of_candidates, of_best = ("true", inside) if given.any_words else (inside, "true")
    return f"""
    WITH {_checked(given, with_counts=False, extra_condition=of_candidates)}
    SELECT count(*), avg(floor(east * {SUM_SCALE})) / {SUM_SCALE}, avg(floor(south * {SUM_SCALE})) / {SUM_SCALE},
           CASE WHEN count(*) <= %(named)s THEN array_agg(id ORDER BY id) END,
           CASE WHEN count(*) <= %(named)s THEN array_agg(title ORDER BY id) END
    FROM checked WHERE {_PASSES} AND {of_best}
    GROUP BY {across}, {down} ORDER BY count(*) DESC, {across}, {down} LIMIT %(most)s
    """


def any_statement(given: SearchInput) -> str:
    """Return the SQL for whether words and place find anything, whatever the filters and the map's box."""
    return _without_line_breaks(f"WITH {_checked(given, with_counts=False)} SELECT EXISTS (SELECT FROM checked)")


def parameters(given: SearchInput, *, with_counts: bool = True) -> dict[str, object]:
    """Return the parameters of all statements, but those of the map's box."""
    search, filters, place, today = given.search, given.filters, given.place, given.now.date()
    age_from, age_to = AGE_BANDS.get(search.age, (None, None))
    values: dict[str, object] = {
        "networks": [network.pk for network in given.networks],
        "any_word": given.words.any_of_them,
        "words": given.words.any_of_them if given.any_words else given.words.all_of_them,
        **_fit_parameters(given.words.queries),
        "weight": sum(query.weight for query in given.words.queries),
        "youngest": given.words.ages and given.words.ages[0],
        "oldest": given.words.ages and given.words.ages[1],
        "x": place.point.x if place else None,
        "y": place.point.y if place else None,
        "metres": search.miles * METRES_PER_MILE if search.miles else None,
        "today": today,
        "now": given.now,
        "categories": filters.categories_of(search.category),
        "days": list(search.day),
        "age_from": age_from,
        "age_to": age_to,
        "chosen_access": list(search.access),
        "chosen_referral": list(search.referral),
        "offset": (search.page - 1) * PAGE_SIZE,
    }
    for number, (demographics, answers) in enumerate(filters.options_of(search.suits).values()):
        values[f"asked_{number}"], values[f"answers_{number}"] = sorted(demographics), sorted(answers)
    if _needs_hours(given, with_counts=with_counts):  # what opened yesterday may still be open
        values |= openings_parameters(given.networks, today - DAY, today + 6 * DAY)
    return values | counts_parameters(filters) if with_counts else values


def _fit_parameters(queries: Sequence[Query]) -> dict[str, object]:
    values: dict[str, object] = {}
    for number, query in enumerate(queries):
        values[f"weight_{number}"] = query.weight
        for part, weights in _PARTS.items():
            values[f"own_{part}_{number}"] = in_parts(query.own, weights)
            values[f"wide_{part}_{number}"] = in_parts(query.text, weights)
        values[f"wide_rest_{number}"] = query.text
    return values


def default_sort(search: Search, place: Place | None) -> str:
    if search.sort and (search.sort != Sort.NEAREST or place):
        return search.sort
    return Sort.BEST if search.q or place else Sort.NAME


def _order(given: SearchInput) -> str:
    order = _ORDERS[default_sort(given.search, given.place)].format(near="metres NULLS LAST, " if given.place else "")
    return f"{_MENTIONS}, {order}"


def _checked(given: SearchInput, *, with_counts: bool, extra_condition: str = "true") -> str:
    parts = [_SERVING] if given.place else []
    # The map needs no order.
    fit = _fit(given) if with_counts or given.any_words else _NO_FIT
    others = _filter_conditions(given)
    of_hours = {name: others.pop(name) for name in ("day", "open_now") if name in others}
    parts.append(f"candidate AS MATERIALIZED ({_candidates(given, fit, extra_condition, _missed(others))})")
    needs_hours = _needs_hours(given, with_counts=with_counts)
    parts.append(
        _opened(are_few=bool(others or _is_within(given)), are_filtered=bool(of_hours))
        if needs_hours
        else "opened AS (SELECT NULL::bigint AS id, NULL::int[] AS days, false AS is_open WHERE false)"
    )
    # FULL, though all that has hours is a candidate: never a nested loop, however few candidates PostgreSQL expects.
    parts.append(f"""checked AS MATERIALIZED (
        SELECT candidate.*, {_BAND} AS band, opened.days, coalesce(opened.is_open, false) AS is_open,
               {f"missed_so_far || {_missed(of_hours)}" if of_hours else "missed_so_far"} AS missed
        FROM candidate FULL JOIN opened USING (id){_BEST_MATCHED if given.any_words else ""}
    )""")
    return ", ".join(parts)


def _missed(conditions: dict[str, str]) -> str:
    """Return the SQL for the names of the filters that a service fails."""
    misses = ", ".join(f"CASE WHEN NOT coalesce({met}, false) THEN '{name}' END" for name, met in conditions.items())
    return f"array_remove(ARRAY[{misses}]::text[], NULL)" if misses else "'{}'::text[]"


def _needs_hours(given: SearchInput, *, with_counts: bool) -> bool:
    # Otherwise neither what is found nor what is counted depends on opening hours.
    return with_counts or bool(given.search.day) or given.search.open_now


# Where no service has all of the words: those that have the most of them.
_BEST_MATCHED = " WHERE matched = (SELECT max(matched) FROM candidate)"


def _candidates(given: SearchInput, fit: str, extra_condition: str, missed: str) -> str:
    words, place = given.words, given.place
    conditions = ["is_listed", "network_id = ANY (%(networks)s::bigint[])", extra_condition, *_conditions(given)]
    return f"""
    SELECT service_id AS id, network_id, title, east, south, categories, demographics, options, age_from, age_to,
           access, pathways, is_free, closed_on_bank_holidays, point, {fit},
           {_TAKES_AGES if words.ages else "true"} AS takes_ages,
           {f"ST_Distance({_GEOGRAPHY}, {POINT}::geography)" if place else "NULL::float8"} AS metres,
           {_SERVES if place else "NULL::bool"} AS serves, {missed} AS missed_so_far
    FROM referrals_publiclisting
    WHERE {" AND ".join(conditions)}
    """


def _conditions(given: SearchInput) -> list[str]:
    """Return what words and place ask of a service."""
    words, conditions = given.words, []
    if words.queries and (words.has_decisive or not words.ages):
        conditions.append("words @@ %(words)s::tsquery")
    elif words.queries:
        conditions.append(f"(words @@ %(words)s::tsquery OR {_IS_FOR_AGES})")
    elif words.ages:
        conditions.append(_IS_FOR_AGES)
    if _is_within(given):
        conditions.append(_WITHIN)
    return conditions


def _is_within(given: SearchInput) -> bool:
    return bool(given.place and given.search.miles)


def _fit(given: SearchInput) -> str:
    """Return the columns that say how well a service fits."""
    queries = given.words.queries
    if not queries:
        return _NO_FIT
    points = " + ".join(_points(number, query) for number, query in enumerate(queries))
    matched = " + ".join(
        f"CASE WHEN words @@ %(wide_rest_{number})s::tsquery THEN %(weight_{number})s::float8 ELSE 0 END"
        for number in range(len(queries))
    )
    # Costs most of all, so only where it is asked for.
    has_rank = default_sort(given.search, given.place) == Sort.BEST
    rank = "ts_rank('{0.1, 0.3, 0.7, 1}', words, %(any_word)s::tsquery, 1) AS rank" if has_rank else _NO_RANK
    columns = f"{matched if given.any_words else 0} AS matched, {rank}"
    if not given.words.ages:
        return f"({points}) / %(weight)s AS fit, {columns}, {_IS_FOR_SOME} AS is_for_some"
    # The ages count as one word that only texts have; what is just for them comes first.
    return f"""({points} + {_FIT_OF_AGES}) / (%(weight)s + 1) AS fit, {columns},
               (NOT {_IS_FOR_AGES})::int + (demographics <> '{{}}')::int AS is_for_some"""


def _points(number: int, query: Query) -> str:
    """Return the SQL of what a word adds to the fit. Where it has no synonyms, nothing wider is looked for."""
    has_synonyms = query.own != query.text
    cases = " ".join(
        f"WHEN words @@ %({name}_{number})s::tsquery THEN {points}"
        for name, points in _POINTS
        if has_synonyms or name.startswith("own") or name == "wide_rest"
    )
    return f"%(weight_{number})s::float8 * CASE {cases} ELSE 0 END"


def _filter_conditions(given: SearchInput) -> dict[str, str]:
    search = given.search
    conditions = {
        "category": (search.category, "categories && %(categories)s::bigint[]"),
        "day": (search.day, "opened.days && %(days)s::int[]"),
        "open_now": (search.open_now, "opened.is_open"),
        "age": (search.age, "coalesce(age_from, 0) <= %(age_to)s AND coalesce(age_to, 32767) >= %(age_from)s"),
        "access": (search.access, "access @> %(chosen_access)s::varchar[]"),
        "referral": (search.referral, "pathways && %(chosen_referral)s::varchar[]"),
        "free": (search.free, "is_free"),
        "serves": (search.serves and given.place, _SERVES),
    }
    met = {name: condition for name, (is_chosen, condition) in conditions.items() if is_chosen}
    for number, slug in enumerate(given.filters.options_of(search.suits)):
        met[f"suits.{slug}"] = (
            f"NOT demographics && %(asked_{number})s::bigint[] OR options && %(answers_{number})s::bigint[]"
        )
    return met


def _without_line_breaks(statement: str) -> str:
    return " ".join(statement.split())
