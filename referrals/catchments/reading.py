"""From what somebody gave to a shape that can be saved: placed, whole, in the network's area, and not too detailed."""

import re
from array import array
from dataclasses import dataclass

from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import connection

from referrals.catchments.drawing import (
    METRES_PER_DEGREE,
    METRES_PER_MILE,
    as_multipolygon,
    join,
    polygons_of,
)
from referrals.catchments.geojson import Ring, UnusableShape, extent_of, parse_shapes, polygon_of
from referrals.catchments.mending import COARSEST, FINEST, mend
from referrals.models import Area, Postcode

CORNERS_AT_MOST = 2_000
# West, south, east, north of the United Kingdom and its islands, in degrees, with room for the sea.
UNITED_KINGDOM = (-14.0, 48.5, 3.0, 61.5)

_SMALLEST = 1e-10  # square degrees: less than a square metre
_FAULTS_TOLD = 3
_NEAR_POSTCODE = 0.03  # degrees, about two miles
_FAULT = re.compile(r"\[(-?[\d.e+-]+) (-?[\d.e+-]+)\]")


@dataclass(frozen=True)
class ReadCatchment:
    """told: what was changed in the shape, each a sentence for the person who gave it. Empty: nothing was."""

    shape: MultiPolygon
    told: tuple[str, ...] = ()


def read_catchment(text: str, area: Area) -> ReadCatchment:
    """Return the areas that GeoJSON holds as one shape, mended and simplified where need be. Raises UnusableShape.

    A shape that is good already comes back bit for bit.
    """
    written = parse_shapes(text)
    told = ["Points and lines were left out: only areas count."] if written.left_out else []
    polygons = written.polygons
    extent = extent_of(polygons)
    if _is_latitude_first(extent):
        polygons = [[_swapped(ring) for ring in rings] for rings in polygons]
        told.append("Latitude came before longitude in this shape; it was turned round.")
    shape, mended = _whole([one for one in map(polygon_of, polygons) if one is not None])
    settled = settle(shape, area)
    return ReadCatchment(settled.shape, (*told, *mended, *settled.told))


def settle(shape: MultiPolygon, area: Area) -> ReadCatchment:
    """Return a valid shape as it may be saved for a network on `area`. Raises UnusableShape when it lies elsewhere."""
    if shape.area < _SMALLEST:
        raise UnusableShape("That would leave nothing.")
    if not shape.intersects(area.boundary):
        raise UnusableShape(_elsewhere(shape, area))
    corners = corners_of(shape)
    if corners <= CORNERS_AT_MOST:
        return ReadCatchment(shape)
    simpler, metres = _simplify(shape)
    told = (
        f"This shape had {corners:,} corners and now has {corners_of(simpler):,}; "
        f"it is out by at most about {metres} metres."
    )
    return ReadCatchment(simpler, (told,))


def corners_of(shape: MultiPolygon) -> int:
    """Return the number of corners, the last of each ring, which is its first again, not counted."""
    return shape.num_coords - _rings_of(shape)


def _rings_of(shape: MultiPolygon) -> int:
    return sum(1 + polygon.num_interior_rings for polygon in shape)


def _is_latitude_first(extent: tuple[float, float, float, float]) -> bool:
    """Nowhere in the United Kingdom could one be taken for the other: the numbers do not overlap."""
    first, second, first_end, second_end = extent
    west, south, east, north = UNITED_KINGDOM
    return south <= first and first_end <= north and west <= second and second_end <= east


def _swapped(ring: Ring) -> Ring:
    turned = array("d", ring)
    turned[0::2], turned[1::2] = ring[1::2], ring[0::2]
    return turned


def _whole(polygons: list[Polygon]) -> tuple[MultiPolygon, list[str]]:
    """Return one valid shape, and what had to be done to it."""
    shape, told = MultiPolygon(polygons, srid=4326), []
    if polygons and not shape.valid:
        faults = [polygon.valid_reason for polygon in polygons if not polygon.valid]
        shape, metres = mend(shape)
        told = list(dict.fromkeys(_crossing(fault) for fault in faults[:_FAULTS_TOLD]))
        told = told or ["Areas that overlapped or touched were joined."]
        told += [f"It was simplified on the way; it is out by at most about {metres} metres."] if metres else []
    if shape.area < _SMALLEST:
        raise UnusableShape("This shape encloses nothing: its corners lie on one line, or are fewer than three.")
    return shape, told


def _crossing(fault: str) -> str:
    found = _FAULT.search(fault)
    where = _place(Point(float(found[1]), float(found[2]), srid=4326)) if found else ""
    return f"The shape crossed itself{where} and was mended: please look whether it still is what you mean."


def _place(point: Point) -> str:
    """Name the postcode nearby, which says more than figures, when the point is anywhere near one."""
    near = Postcode.objects.located().annotate(away=GeometryDistance("point", point)).order_by("away").first()
    if near is not None and near.away < _NEAR_POSTCODE:
        return f" near {near}"
    return f" near longitude {point.x:.4f}, latitude {point.y:.4f}"


def _elsewhere(shape: MultiPolygon, area: Area) -> str:
    miles = _metres_between(shape, area.boundary) / METRES_PER_MILE
    far = f"about {miles:,.0f} miles" if miles >= 1.5 else "about a mile" if miles >= 0.5 else "less than a mile"
    return f"This shape lies outside {area}, {far} from it. Please check where it is meant to be."


def _metres_between(one: MultiPolygon, other: MultiPolygon) -> float:
    """Return the least distance between two shapes on the ground."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(%s::geometry::geography, %s::geometry::geography)",
            [one.hexewkb.decode(), other.hexewkb.decode()],
        )
        return cursor.fetchone()[0]


def _simplify(shape: MultiPolygon) -> tuple[MultiPolygon, int]:
    """Return a valid shape of few enough corners, and by how many metres an edge has moved at most.

    Degrees of longitude are shorter than those of latitude, so that the figure is kept in both directions. What is too
    small to be seen goes first: simplifying takes time by the square of the number of rings.
    """
    seen, metres = shape, FINEST
    while metres <= COARSEST:
        degrees = metres / METRES_PER_DEGREE
        seen = _without_specks(seen, degrees**2)
        if 3 * _rings_of(seen) <= CORNERS_AT_MOST:
            simpler = _valid(seen.simplify(degrees, preserve_topology=True))
            if simpler.area >= _SMALLEST and corners_of(simpler) <= CORNERS_AT_MOST:
                return simpler, metres
        metres *= 2
    raise UnusableShape("This shape is in too many small pieces to be a catchment. Please simplify it first.")


def _without_specks(shape: MultiPolygon, size: float) -> MultiPolygon:
    """Leave out polygons and holes of up to `size` square degrees."""
    return MultiPolygon([_without_small_holes(polygon, size) for polygon in shape if polygon.area > size], srid=4326)


def _without_small_holes(polygon: Polygon, size: float) -> Polygon:
    if not polygon.num_interior_rings:
        return polygon
    shell, *holes = polygon
    return Polygon(shell, *(hole for hole in holes if Polygon(hole).area > size), srid=4326)


def _valid(shape: GEOSGeometry) -> MultiPolygon:
    return as_multipolygon(shape) if shape.valid else join(*polygons_of(shape.make_valid()))
