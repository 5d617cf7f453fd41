"""Repairs shapes that cross themselves or each other."""

from itertools import pairwise
from random import sample

from django.contrib.gis.geos import GEOSGeometry, LinearRing, MultiPolygon, Polygon
from django.db import connection

from referrals.catchments.drawing import METRES_PER_DEGREE, as_multipolygon
from referrals.catchments.geojson import UnusableShape
from referrals.catchments.thinning import find_finest, rings_of

# Mending takes time and memory in proportion to the crossings, and cannot be interrupted.
_CORNERS_AT_MOST = 10_000
_CROSSINGS_AT_MOST = 10_000
_PAIRS_TRIED = 300_000

Corner = tuple[float, float]
Side = tuple[Corner, Corner]


def mend(shape: MultiPolygon) -> tuple[MultiPolygon, int]:
    """Return a valid shape of everything that `shape` encloses, and by how many metres it had to be simplified first.

    This way of mending, which joins overlaps, is only in PostGIS; GEOS's own make_valid turns overlaps into holes.
    Raises UnusableShape when the shape crosses itself so often that mending would not finish.
    """
    thinned, metres = _simplify_rings(shape)
    if thinned.empty:
        raise UnusableShape("This shape is in too many small pieces to be a catchment. Please simplify it first.")
    if thinned.num_coords > _CORNERS_AT_MOST or _estimate_crossings(thinned) > _CROSSINGS_AT_MOST:
        raise UnusableShape("This shape crosses itself so often that it cannot be mended. Please draw it again.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_AsBinary(ST_MakeValid(%s::geometry, 'method=structure'))", [thinned.hexewkb.decode()])
        (mended,) = cursor.fetchone()
    return as_multipolygon(GEOSGeometry(memoryview(mended), srid=4326)), metres


def _simplify_rings(shape: MultiPolygon) -> tuple[MultiPolygon, int]:
    """Simplify ring by ring: simplifying a whole polygon that crosses itself would keep only half of it."""
    if shape.num_coords <= _CORNERS_AT_MOST:
        return shape, 0

    def simplify(metres: int) -> tuple[MultiPolygon | None, bool]:
        degrees = metres / METRES_PER_DEGREE
        polygons = [[ring.simplify(degrees) for ring in polygon] for polygon in shape]
        # Simplifying can collapse a ring. A polygon without its outer ring is dropped.
        kept = [filter(_is_ring, rings) for rings in polygons if _is_ring(rings[0])]
        thinned = MultiPolygon([Polygon(*rings) for rings in kept], srid=4326)
        return (thinned, False) if thinned.num_coords <= _CORNERS_AT_MOST else (None, True)

    found = find_finest(shape, simplify, corners_at_most=_CORNERS_AT_MOST, far_apart_at_most=_CORNERS_AT_MOST)
    return found or (shape, 0)


def _is_ring(ring: GEOSGeometry) -> bool:
    return isinstance(ring, LinearRing) and ring.num_coords >= 4


def _estimate_crossings(shape: MultiPolygon) -> int:
    sides = [side for ring in rings_of(shape) for side in pairwise(ring) if side[0] != side[1]]
    tried = sample(sides, min(_PAIRS_TRIED // max(1, len(sides)), len(sides)))
    found = sum(_cross(one, other) for one in tried for other in sides)
    return found * len(sides) // max(1, 2 * len(tried))


def _cross(one: Side, other: Side) -> bool:
    (a, b), (c, d) = one, other
    return _is_left(a, b, c) != _is_left(a, b, d) and _is_left(c, d, a) != _is_left(c, d, b)


def _is_left(start: Corner, end: Corner, corner: Corner) -> bool:
    return (end[0] - start[0]) * (corner[1] - start[1]) > (end[1] - start[1]) * (corner[0] - start[0])
