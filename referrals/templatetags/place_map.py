"""{% place_map %}: a small map drawn on the server, without tiles and without JavaScript."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import cos, radians

from django import template
from django.contrib.gis.geos import GEOSGeometry, Point

register = template.Library()

WIDTH = 480.0
LOWEST, HIGHEST = 150.0, 360.0
MARGIN = 14.0
FAR = 1.0  # a point further from the area than the area's own size would shrink it to a speck: it is left out
SMALLEST = 0.004  # degrees, about 400 metres: a lone point is not blown up into a plan of its street

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """What the template draws, in the units of a view box of `width` by `height`; paths are SVG path data."""

    width: float
    height: float
    label: str = ""
    boundary: str = ""
    catchments: list[str] = field(default_factory=list)
    person: tuple[float, float] | None = None
    venues: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Turns degrees into units of the view box. At the map's middle, a metre is as long east as north."""

    west: float
    north: float
    unit_x: float
    unit_y: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        return round(MARGIN + (x - self.west) * self.unit_x, 1), round(MARGIN + (self.north - y) * self.unit_y, 1)

    def path(self, geometry: GEOSGeometry) -> str:
        """Return the rings of a polygon or multipolygon, thinned to what half a unit can show."""
        thinned = geometry.simplify(0.5 / self.unit_y, preserve_topology=True)
        polygons = [thinned] if thinned.geom_type == "Polygon" else list(thinned)
        return "".join(self._ring(ring.coords) for polygon in polygons for ring in polygon)

    def _ring(self, coordinates: Iterable[Sequence[float]]) -> str:
        places = [place for place, _ in groupby(self.place(x, y) for x, y, *_ in coordinates)]
        return "M" + " ".join(f"{x:g} {y:g}" for x, y in places[:-1] or places) + "Z"


def draw(
    *,
    boundary: GEOSGeometry | None = None,
    catchments: Iterable[GEOSGeometry | None] = (),
    person: Point | None = None,
    venues: Iterable[Point | None] = (),
    label: str = "",
) -> PlaceMap | None:
    """Lay out a map that shows all the shapes, and those points that are not far away from them.

    Geometries are in degrees (EPSG:4326); a plate carree squeezed by the cosine of the latitude, which is right to
    within a pixel for anything the size of a county. None stands for what is not there (a catchment of None is the
    whole area, which the boundary shows already). Returns None when there is nothing to draw.
    """
    borders, areas, people, places = (_there(each) for each in ([boundary], catchments, [person], venues))
    frame = _frame([shape.extent for shape in borders + areas], people + places)
    if frame is None:
        return None
    sheet, height = _fit(frame)
    people, places = (
        [sheet.place(point.x, point.y) for point in points if _is_within(point, frame)] for points in (people, places)
    )
    return PlaceMap(
        width=WIDTH,
        height=height,
        label=label,
        boundary="".join(map(sheet.path, borders)),
        catchments=[sheet.path(shape) for shape in areas],
        person=people[0] if people else None,
        venues=places,
    )


def _there(geometries: Iterable[GEOSGeometry | None]) -> list[GEOSGeometry]:
    return [geometry for geometry in geometries if geometry is not None and not geometry.empty]


def _frame(extents: Sequence[Bounds], points: Sequence[Point]) -> Bounds | None:
    """Return the bounds of all shapes and of the points near them; of the points alone when there is no shape."""
    if not extents and not points:
        return None
    if extents:
        shapes = _union(extents)
        reach = max(shapes[2] - shapes[0], shapes[3] - shapes[1]) * FAR
        wide = (shapes[0] - reach, shapes[1] - reach, shapes[2] + reach, shapes[3] + reach)
        points = [point for point in points if _is_within(point, wide)]
    bounds = _union([*extents, *(point.extent for point in points)])
    return _at_least(bounds, SMALLEST)


def _union(extents: Sequence[Bounds]) -> Bounds:
    west, south, east, north = zip(*extents, strict=True)
    return min(west), min(south), max(east), max(north)


def _at_least(bounds: Bounds, size: float) -> Bounds:
    west, south, east, north = bounds
    wider, higher = max(0.0, size - (east - west)) / 2, max(0.0, size - (north - south)) / 2
    return west - wider, south - higher, east + wider, north + higher


def _is_within(point: Point, bounds: Bounds) -> bool:
    return bounds[0] <= point.x <= bounds[2] and bounds[1] <= point.y <= bounds[3]


def _fit(frame: Bounds) -> tuple[_Sheet, float]:
    """Return the scale at which the frame fills the sheet, and the sheet's height; the frame is put in the middle."""
    west, south, east, north = frame
    squeeze = max(0.01, cos(radians((south + north) / 2)))
    wide, high = (east - west) * squeeze, north - south
    inner = WIDTH - 2 * MARGIN
    unit = min(inner / wide, (HIGHEST - 2 * MARGIN) / high)
    height = min(HIGHEST, max(LOWEST, high * unit + 2 * MARGIN))
    spare_x = (inner / unit - wide) / squeeze / 2
    spare_y = ((height - 2 * MARGIN) / unit - high) / 2
    return _Sheet(west - spare_x, north + spare_y, unit * squeeze, unit), round(height, 1)


@register.inclusion_tag("referral_form/place_map.html")
def place_map(
    *,
    boundary: GEOSGeometry | None = None,
    catchments: Iterable[GEOSGeometry | None] | None = None,
    person: Point | None = None,
    venues: Iterable[Point | None] | None = None,
    label: str = "",
) -> dict[str, PlaceMap | None]:
    """{% place_map boundary=area.boundary catchments=shapes person=point venues=points label="NW5 2 in Northside" %}

    Every argument may be missing or empty. `label` says in words what the map shows; say the rest beside it.
    """
    drawn = draw(boundary=boundary, catchments=catchments or (), person=person, venues=venues or (), label=label)
    return {"map": drawn}
