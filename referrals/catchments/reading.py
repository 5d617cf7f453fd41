"""Turn a drawn, pasted or uploaded shape into one that can be saved: valid, in the area, not too detailed."""

import re
from array import array
from dataclasses import dataclass

from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection

from referrals.catchments.drawing import (
    METRES_PER_DEGREE,
    as_multipolygon,
    join,
    polygons_of,
)
from referrals.catchments.geojson import Ring, UnusableShape, extent_of, parse_shapes, polygon_of
from referrals.catchments.mending import mend
from referrals.catchments.thinning import find_finest
from referrals.models import Area, Postcode
from referrals.words import METRES_PER_MILE

CORNERS_AT_MOST = 2_000
# West, south, east, north of the United Kingdom and its islands, in degrees, with room for the sea.
UNITED_KINGDOM = (-14.0, 48.5, 3.0, 61.5)

_SMALLEST = 1e-10  # square degrees: less than a square metre
_FAULTS_SHOWN = 3
_FAR_APART_AT_MOST = 5_000  # corners; simplifying a comb of more takes seconds
_NEAR_POSTCODE = 0.03  # degrees, about two miles
_FAULT = re.compile(r"\[(-?[\d.e+-]+) (-?[\d.e+-]+)\]")


@dataclass(frozen=True)
class ReadCatchment:
    """changes: what was changed in the shape, as sentences for the person who gave it."""

    shape: MultiPolygon
    changes: tuple[str, ...] = ()


def read_catchment(text: str, area: Area) -> ReadCatchment:
    """Return the GeoJSON as one shape, mended and simplified where necessary. Raises UnusableShape.

    A valid shape comes back exactly as it was.
    """
    written = parse_shapes(text)
    changes = ["Points and lines were left out: only areas count."] if written.left_out else []
    polygons = written.polygons
    extent = extent_of(polygons)
    if _is_latitude_first(extent):
        polygons = [[_swap(ring) for ring in rings] for rings in polygons]
        changes.append("Latitude came before longitude in this shape; they were swapped.")
    shape, mended = _make_valid([polygon for polygon in map(polygon_of, polygons) if polygon is not None])
    fitted = fit_to_area(shape, area)
    return ReadCatchment(fitted.shape, (*changes, *mended, *fitted.changes))


def fit_to_area(shape: MultiPolygon, area: Area) -> ReadCatchment:
    """Simplify a valid shape if necessary. Raises UnusableShape when it is empty or outside `area`."""
    if shape.area < _SMALLEST:
        raise UnusableShape("That would leave nothing.")
    if not shape.intersects(area.boundary):
        raise UnusableShape(_describe_distance(shape, area))
    corners = count_corners(shape)
    if corners <= CORNERS_AT_MOST:
        return ReadCatchment(shape)
    simpler, metres = _simplify(shape)
    change = (
        f"This shape had {corners:,} corners and now has {count_corners(simpler):,}; "
        f"it is out by at most about {metres} metres."
    )
    return ReadCatchment(simpler, (change,))


def count_corners(shape: MultiPolygon) -> int:
    # The last of each ring repeats its first.
    return shape.num_coords - _count_rings(shape)


def _count_rings(shape: MultiPolygon) -> int:
    return sum(1 + polygon.num_interior_rings for polygon in shape)


def _is_latitude_first(extent: tuple[float, float, float, float]) -> bool:
    # In the United Kingdom the ranges of latitude and longitude do not overlap, so this cannot be wrong.
    first, second, first_end, second_end = extent
    west, south, east, north = UNITED_KINGDOM
    return south <= first and first_end <= north and west <= second and second_end <= east


def _swap(ring: Ring) -> Ring:
    turned = array("d", ring)
    turned[0::2], turned[1::2] = ring[1::2], ring[0::2]
    return turned


def _make_valid(polygons: list[Polygon]) -> tuple[MultiPolygon, list[str]]:
    """Return one valid shape, and what had to be done to it as sentences."""
    shape, changes = MultiPolygon(polygons, srid=4326), []
    if polygons and not shape.valid:
        faults = [polygon.valid_reason for polygon in polygons if not polygon.valid]
        shape, metres = mend(shape)
        changes = list(dict.fromkeys(_describe_crossing(fault) for fault in faults[:_FAULTS_SHOWN]))
        changes = changes or ["Areas that overlapped or touched were joined."]
        changes += [f"It was simplified on the way; it is out by at most about {metres} metres."] if metres else []
    if shape.area < _SMALLEST:
        raise UnusableShape("This shape encloses nothing: its corners lie on one line, or are fewer than three.")
    return shape, changes


def _describe_crossing(fault: str) -> str:
    found = _FAULT.search(fault)
    where = _describe_place(Point(float(found[1]), float(found[2]), srid=4326)) if found else ""
    return f"The shape crossed itself{where} and was mended. Please check that it is still what you mean."


def _describe_place(point: Point) -> str:
    """Return " near NW5 2AA", or the coordinates if no postcode is near."""
    near = Postcode.objects.located().annotate(away=GeometryDistance("point", point)).order_by("away").first()
    if near is not None and near.away < _NEAR_POSTCODE:
        return f" near {near}"
    return f" near longitude {point.x:.4f}, latitude {point.y:.4f}"


def _describe_distance(shape: MultiPolygon, area: Area) -> str:
    miles = _metres_between(shape, area.boundary) / METRES_PER_MILE
    distance = f"about {miles:,.0f} miles" if miles >= 1.5 else "about a mile" if miles >= 0.5 else "less than a mile"
    return f"This shape lies outside {area}, {distance} from it. Please check where it is meant to be."


def _metres_between(one: MultiPolygon, other: MultiPolygon) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(%s::geometry::geography, %s::geometry::geography)",
            [one.hexewkb.decode(), other.hexewkb.decode()],
        )
        return cursor.fetchone()[0]


def _simplify(shape: MultiPolygon) -> tuple[MultiPolygon, int]:
    """Return a valid shape with few enough corners, and how many metres its edges moved at most.

    A degree of longitude is shorter than one of latitude, so the figure holds in both directions. Specks too small to
    see are removed first: simplifying takes time in the square of the number of rings.
    """

    def simplify(metres: int) -> tuple[MultiPolygon | None, bool]:
        degrees = metres / METRES_PER_DEGREE
        speck = degrees**2
        visible = MultiPolygon([_without_holes(part, speck) for part in shape if part.area > speck], srid=4326)
        if 3 * _count_rings(visible) > CORNERS_AT_MOST:
            return None, True
        simpler = visible.simplify(degrees, preserve_topology=True)
        simpler = as_multipolygon(simpler) if simpler.valid else join(*polygons_of(simpler.make_valid()))
        if simpler.area < _SMALLEST:
            return None, False
        return (simpler, False) if count_corners(simpler) <= CORNERS_AT_MOST else (None, True)

    found = find_finest(shape, simplify, corners_at_most=CORNERS_AT_MOST, far_apart_at_most=_FAR_APART_AT_MOST)
    if found is None:
        raise UnusableShape(
            "This shape is too detailed to be a catchment. Simplify it first, for instance with mapshaper.org."
        )
    return found


def _without_holes(polygon: Polygon, speck: float) -> Polygon:
    """Leave out the holes that are no larger than `speck`."""
    if not polygon.num_interior_rings:
        return polygon
    shell, *holes = polygon
    return Polygon(shell, *(hole for hole in holes if Polygon(hole).area > speck), srid=4326)
