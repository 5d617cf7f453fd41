"""Shapes that cross themselves or each other, made whole."""

from itertools import pairwise
from random import sample

from django.contrib.gis.geos import GEOSGeometry, LinearRing, MultiPolygon, Polygon
from django.db import connection

from referrals.catchments.drawing import METRES_PER_DEGREE, as_multipolygon
from referrals.catchments.geojson import UnusableShape

FINEST, COARSEST = 5, 640  # metres by which simplifying may move an edge
# Mending takes time and memory by the number of crossings, and nothing can interrupt it.
_CORNERS_AT_MOST = 10_000
_CROSSINGS_AT_MOST = 10_000
_SIDES_TRIED = 100

Corner = tuple[float, float]
Side = tuple[Corner, Corner]


def mend(shape: MultiPolygon) -> tuple[MultiPolygon, int]:
    """Return a valid shape of all that `shape` encloses, overlaps once, and by how many metres it was thinned out.

    GEOS offers this way of mending through PostGIS alone; the other one, make_valid, makes holes of overlaps.
    Raises UnusableShape when the shape crosses itself so often that mending it would not end.
    """
    thinned, metres = _thin(shape)
    if thinned.empty:
        raise UnusableShape("This shape is in too many small pieces to be a catchment. Please simplify it first.")
    if thinned.num_coords > _CORNERS_AT_MOST or _crossings(thinned) > _CROSSINGS_AT_MOST:
        raise UnusableShape("This shape crosses itself so often that it cannot be mended. Please draw it again.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_AsBinary(ST_MakeValid(%s::geometry, 'method=structure'))", [thinned.hexewkb.decode()])
        (mended,) = cursor.fetchone()
    return as_multipolygon(GEOSGeometry(memoryview(mended), srid=4326)), metres


def _thin(shape: MultiPolygon) -> tuple[MultiPolygon, int]:
    """Ring by ring: of a polygon that crosses itself, simplifying would keep one half."""
    thinned, metres = shape, 0
    while thinned.num_coords > _CORNERS_AT_MOST and metres < COARSEST:
        metres = metres * 2 or FINEST
        degrees = metres / METRES_PER_DEGREE
        rings = [[ring.simplify(degrees) for ring in polygon] for polygon in thinned]
        whole = [[one for one in of if _is_ring(one)] for of in rings if _is_ring(of[0])]
        thinned = MultiPolygon([Polygon(*of) for of in whole], srid=4326)
    return thinned, metres


def _is_ring(ring: GEOSGeometry) -> bool:
    return isinstance(ring, LinearRing) and ring.num_coords >= 4


def _crossings(shape: MultiPolygon) -> int:
    """Estimate how often sides of the shape cross, from how often some of them do."""
    rings = [ring.coords for polygon in shape for ring in polygon]
    sides = [side for ring in rings for side in pairwise(ring) if side[0] != side[1]]
    tried = sample(sides, min(_SIDES_TRIED, len(sides)))
    found = sum(_cross(one, other) for one in tried for other in sides)
    return found * len(sides) // max(1, 2 * len(tried))


def _cross(one: Side, other: Side) -> bool:
    (a, b), (c, d) = one, other
    return _is_left(a, b, c) != _is_left(a, b, d) and _is_left(c, d, a) != _is_left(c, d, b)


def _is_left(start: Corner, end: Corner, corner: Corner) -> bool:
    return (end[0] - start[0]) * (corner[1] - start[1]) > (end[1] - start[1]) * (corner[0] - start[0])
