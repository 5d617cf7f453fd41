"""Hexagons over a network's area: in which grid, how large, and how many catchments lie over each."""

import json
from dataclasses import dataclass
from math import ceil, sqrt

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import QuerySet

from referrals.models import Network

BRITISH_GRID, IRISH_GRID = 27700, 29902  # EPSG; both in metres
SMALLEST_SIDE, USUAL_SIDE = 200, 400  # metres
CELLS_AT_MOST = 4_000
_SIDE_STEP = 50
_AREA_OF_SIDE_ONE = 3 * sqrt(3) / 2
# West, south, east, north of Northern Ireland. In the box, of Great Britain there is only the tip of Kintyre.
_NORTHERN_IRELAND = (-8.3, 53.9, -5.4, 55.31)

Ring = tuple[tuple[float, float], ...]  # six corners as longitude and latitude, the first not repeated


@dataclass(frozen=True, slots=True)
class Grid:
    """`side`: of a hexagon, in metres; `srid`: the projection that it is regular in."""

    srid: int
    side: int

    @property
    def is_coarse(self) -> bool:
        """Whether the area is too large for the usual size."""
        return self.side > USUAL_SIDE


@dataclass(frozen=True, slots=True)
class OverlapCell:
    """`i` and `j` are its place in the grid."""

    i: int
    j: int
    ring: Ring
    count: int


def choose_grid(boundary: GEOSGeometry) -> Grid:
    """Choose by the area's size, so that it has about CELLS_AT_MOST hexagons or fewer, and by where it is.

    Postcodes of Northern Ireland are on the Irish grid; the British one would be out of shape there.
    """
    middle = boundary.centroid
    west, south, east, north = _NORTHERN_IRELAND
    is_irish = west < middle.x < east and south < middle.y < north
    srid = IRISH_GRID if is_irish else BRITISH_GRID
    fitting = sqrt(boundary.transform(srid, clone=True).area / CELLS_AT_MOST / _AREA_OF_SIDE_ONE)
    return Grid(srid, max(SMALLEST_SIDE, ceil(fitting / _SIDE_STEP) * _SIDE_STEP))


# Service by service, because PostGIS keeps the last polygon prepared.
_COUNT_OVERLAPS = """
WITH area AS MATERIALIZED (
    SELECT ST_Transform(boundary, %(srid)s) AS boundary FROM referrals_area WHERE id = %(area)s
), cell AS MATERIALIZED (
    SELECT i, j, ST_Transform(geom, 4326) AS hexagon, ST_Transform(ST_Centroid(geom), 4326) AS middle
    FROM area, ST_HexagonGrid(%(side)s, boundary) WHERE ST_Intersects(boundary, geom)
), catchment AS MATERIALIZED (
    SELECT ST_Multi(catchment) AS catchment FROM referrals_service WHERE id = ANY (%(services)s::bigint[])
), overlap AS (
    SELECT i, j, count(*) AS catchments
    FROM catchment CROSS JOIN LATERAL (
        SELECT i, j FROM cell
        WHERE cell.middle @ catchment.catchment AND ST_Covers(catchment.catchment, cell.middle) OFFSET 0
    ) covered GROUP BY i, j
)
SELECT i, j, ST_AsGeoJSON(hexagon, 6),
       coalesce(catchments, 0) + (SELECT count(*) FROM catchment WHERE catchment IS NULL)
FROM cell LEFT JOIN overlap USING (i, j) ORDER BY i, j
"""


def overlap_counts(network: Network, services: QuerySet) -> list[OverlapCell]:
    """Return each hexagon that meets the network's area, with how many catchments hold its middle.

    A service without a catchment counts everywhere.
    """
    grid = choose_grid(network.area.boundary)
    parameters = {
        "srid": grid.srid,
        "side": grid.side,
        "area": network.area_id,
        "services": list(services.order_by().values_list("pk", flat=True)),
    }
    with connection.cursor() as cursor:
        rows = cursor.execute(_COUNT_OVERLAPS, parameters).fetchall()
    return [
        OverlapCell(i, j, tuple(map(tuple, json.loads(hexagon)["coordinates"][0][:6])), count)
        for i, j, hexagon, count in rows
    ]
