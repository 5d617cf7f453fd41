"""The SQL of coverage: for each hexagon and each place, who is reached, and how many places there are for them.

Postcodes are tested, not hexagons: a catchment that holds all postcodes of a hexagon is found by their box, and only
in those on its edge postcode by postcode. That is exact, and seven times as fast as a join on the index of postcodes.

Places per person follow the two-step floating catchment area method (Luo and Wang 2003, "Measures of spatial
accessibility to health care", doi:10.1068/b29120), with the catchments that were drawn: first each service's places
are divided among the people in its catchment, then each postcode adds up those of the services that reach it. People
outside the network's area are not known, and do not count.
"""

from collections.abc import Sequence

# `has_people`: whether it is known how many people live in the network's area. If not, each postcode counts as one.
# An area with people but without a live postcode is a point of its own.
_POINTS = """
area AS MATERIALIZED (
    SELECT ST_Multi(boundary) AS boundary FROM referrals_area WHERE id = %(area)s
), located AS MATERIALIZED (
    SELECT code, point FROM area JOIN referrals_postcode ON ST_Covers(boundary, point) WHERE terminated = ''
), small_area AS MATERIALIZED (
    SELECT small.id, small.name, small.population::float8 AS people, ST_Multi(small.boundary) AS boundary,
           ST_PointOnSurface(small.boundary) AS middle
    FROM area JOIN referrals_area small ON ST_Intersects(area.boundary, small.boundary)
    WHERE %(has_people)s AND small.population IS NOT NULL
), inhabited AS MATERIALIZED (
    SELECT DISTINCT ON (code) code, small_area.id, people
    FROM small_area JOIN referrals_postcode ON ST_Covers(boundary, point) WHERE terminated = ''
    ORDER BY code, small_area.id
), share AS MATERIALIZED (
    SELECT id, people / count(*) AS people FROM inhabited GROUP BY id, people
), weighted AS MATERIALIZED (
    SELECT code, point, true AS is_postcode, left(code, -3) AS district,
           CASE WHEN %(has_people)s THEN coalesce(share.people, 0) ELSE 1 END::float8 AS people
    FROM located LEFT JOIN inhabited USING (code) LEFT JOIN share USING (id)
    UNION ALL
    SELECT '', middle, false, name, people FROM small_area, area
    WHERE NOT EXISTS (SELECT FROM share WHERE share.id = small_area.id) AND ST_Covers(area.boundary, middle)
), placed AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY i, j) AS n, dense_rank() OVER (ORDER BY i, j) AS c, i, j,
           point, is_postcode, district, people
    FROM (SELECT *, ST_Transform(point, %(srid)s) AS on_grid FROM weighted OFFSET 0) weighted
    CROSS JOIN LATERAL (
        SELECT i, j FROM ST_HexagonGrid(%(side)s, on_grid) WHERE ST_Intersects(geom, on_grid) ORDER BY i, j LIMIT 1
    ) hexagon
), home AS MATERIALIZED (
    SELECT DISTINCT ON (n) n, name
    FROM (SELECT name, ST_Area(boundary) AS size, ST_Multi(boundary) AS boundary
          FROM referrals_area WHERE id = ANY (%(named)s::bigint[]) OFFSET 0) named
    CROSS JOIN LATERAL (
        SELECT n FROM placed WHERE point @ boundary AND ST_Covers(boundary, point) OFFSET 0
    ) inside ORDER BY n, size, name
), point AS MATERIALIZED (
    SELECT placed.*, coalesce(name, district) AS place FROM placed LEFT JOIN home USING (n)
), cell AS MATERIALIZED (
    SELECT c, ST_SetSRID(ST_Extent(point)::geometry, 4326) AS box, array_agg(n) AS ns, array_agg(point) AS points,
           array_agg(people) AS peoples, sum(people) AS people
    FROM point GROUP BY c
)"""

# ST_Multi takes a large shape out of its compressed storage once, instead of once for each point.
_OFFERS = """
asked AS (
    SELECT * FROM unnest(
        %(service)s::bigint[], %(metres)s::float8[], %(longitude)s::float8[], %(latitude)s::float8[],
        %(now_places)s::int[], %(then_places)s::int[], %(now_room)s::bool[], %(then_room)s::bool[]
    ) WITH ORDINALITY AS its (service_id, metres, longitude, latitude, now_places, then_places, now_room, then_room, o)
), offer AS MATERIALIZED (
    SELECT o, now_places, then_places, now_room, then_room, CASE
        WHEN longitude IS NOT NULL THEN ST_Multi(ST_Transform(ST_Buffer(ST_Transform(ST_SetSRID(
            ST_MakePoint(longitude, latitude), 4326), %(srid)s), metres, %(quarter)s), 4326))
        WHEN metres > 0 THEN ST_Multi(ST_Transform(ST_Buffer(ST_Transform(catchment, %(srid)s), metres), 4326))
        ELSE ST_Multi(catchment) END AS shape
    FROM asked LEFT JOIN referrals_service service ON service.id = service_id
), touched AS MATERIALIZED (
    SELECT o, c, is_inside, covered.ns, CASE WHEN is_inside THEN cell.people ELSE covered.people END AS people
    FROM offer CROSS JOIN LATERAL (
        SELECT cell.*, ST_Covers(shape, box) AS is_inside FROM cell WHERE box && shape OFFSET 0
    ) cell
    LEFT JOIN LATERAL (
        SELECT array_agg(n) AS ns, sum(people) AS people
        FROM unnest(ns, points, peoples) AS its (n, point, people) WHERE NOT is_inside AND ST_Covers(shape, point)
    ) covered ON true
), edge AS MATERIALIZED (
    SELECT o, unnest(ns) AS n FROM touched WHERE NOT is_inside
), demand AS (
    SELECT o, sum(people) AS people FROM (
        SELECT o, people FROM touched
        UNION ALL SELECT o, (SELECT sum(people) FROM cell) FROM offer WHERE shape IS NULL
    ) part GROUP BY o
), supply AS MATERIALIZED (
    SELECT offer.*, now_places / nullif(people, 0) AS now_rate, then_places / nullif(people, 0) AS then_rate
    FROM offer JOIN demand USING (o)
)"""

_REACH = """
           coalesce(bool_or({0}_places > 0), false) AS {0}_reached,
           coalesce(bool_or({0}_room AND {0}_places > 0), false) AS {0}_room,
           coalesce(sum({0}_rate), 0) AS {0}_rate"""
_SERVED = """
           everywhere.{0}_reached OR coalesce(of_cell.{0}_reached, false) OR coalesce(of_point.{0}_reached, false)
               AS {0}_reached,
           everywhere.{0}_room OR coalesce(of_cell.{0}_room, false) OR coalesce(of_point.{0}_room, false) AS {0}_room,
           everywhere.{0}_rate + coalesce(of_cell.{0}_rate, 0) + coalesce(of_point.{0}_rate, 0) AS {0}_rate"""
_TALLY = """
       count(*) FILTER (WHERE is_postcode AND {0}_reached), coalesce(sum(people) FILTER (WHERE {0}_reached), 0),
       count(*) FILTER (WHERE is_postcode AND {0}_room), coalesce(sum(people) FILTER (WHERE {0}_room), 0),
       sum(people * {0}_rate), avg({0}_rate)"""
_CHANGE = """
       count(*) FILTER (WHERE is_postcode AND then_reached AND NOT now_reached),
       count(*) FILTER (WHERE is_postcode AND now_reached AND NOT then_reached)"""


def coverage_sql(states: Sequence[str]) -> str:
    """Return the statement for ("now",), or for ("now", "then") to compare the two at the cost of one.

    It lists hexagons (`i`, `j`, the place that most of it is in) and places (without `i` and `j`), with the number of
    postcodes and people, and for each state: postcodes and people reached, the same with room, the sum of people times
    places for each, and the plain mean of the latter. At the end, when compared: postcodes gained, and lost.
    """

    def columns(template: str) -> str:
        return ",".join(template.format(state) for state in states)

    return f"""
WITH {_POINTS}, {_OFFERS}, everywhere AS (
    SELECT{columns(_REACH)}
    FROM supply WHERE shape IS NULL
), of_cell AS (
    SELECT c,{columns(_REACH)}
    FROM touched JOIN supply USING (o) WHERE is_inside GROUP BY c
), of_point AS (
    SELECT n,{columns(_REACH)}
    FROM edge JOIN supply USING (o) GROUP BY n
), served AS (
    SELECT i, j, place, is_postcode, people,{columns(_SERVED)}
    FROM point LEFT JOIN of_cell USING (c) LEFT JOIN of_point USING (n) CROSS JOIN everywhere
)
SELECT i, j, CASE WHEN i IS NULL THEN place ELSE mode() WITHIN GROUP (ORDER BY place) END,
       count(*) FILTER (WHERE is_postcode), sum(people),{columns(_TALLY)}{"," + _CHANGE if len(states) > 1 else ""}
FROM served GROUP BY GROUPING SETS ((i, j), (place)) ORDER BY i, j
"""


# Areas with people that have their middle in the network's area, or hold its middle. A neighbour's areas only meet it
# along the border: they do not tell how many people live in it.
COUNT_SMALL_AREAS = """
SELECT count(*) FROM referrals_area area JOIN referrals_area small ON ST_Intersects(area.boundary, small.boundary)
WHERE area.id = %(area)s AND small.population IS NOT NULL
  AND (ST_Covers(area.boundary, ST_PointOnSurface(small.boundary))
       OR ST_Covers(small.boundary, ST_PointOnSurface(area.boundary)))
"""
