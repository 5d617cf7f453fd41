"""A small map drawn on the server as SVG, without tiles and without JavaScript."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import cos, radians

from django.contrib.gis.geos import GEOSGeometry, Point

WIDTH = 480.0
LOWEST, HIGHEST = 150.0, 360.0
MARGIN = 14.0
REACH = 1.0  # times the size of the area; points farther away would shrink it to a speck
SMALLEST = 0.004  # degrees, about 400 metres: do not zoom in on a lone point any further

Bounds = tuple[float, float, float, float]  # west, south, east, north


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
class _Projection:
    """Turns degrees into units of the view box. At the map's middle, a metre is as long east as north."""

    west: float
    north: float
    unit_x: float
    unit_y: float

    def project(self, x: float, y: float) -> tuple[float, float]:
        return round(MARGIN + (x - self.west) * self.unit_x, 1), round(MARGIN + (self.north - y) * self.unit_y, 1)

    def path(self, geometry: GEOSGeometry) -> str:
        # Detail below half a unit cannot be seen.
        simple = geometry.simplify(0.5 / self.unit_y, preserve_topology=True)
        polygons = [simple] if simple.geom_type == "Polygon" else list(simple)
        return "".join(self._ring(ring.coords) for polygon in polygons for ring in polygon)

    def _ring(self, coordinates: Iterable[Sequence[float]]) -> str:
        places = [place for place, _ in groupby(self.project(x, y) for x, y, *_ in coordinates)]
        return "M" + " ".join(f"{x:g} {y:g}" for x, y in places[:-1] or places) + "Z"


def draw_map(
    *,
    boundary: GEOSGeometry | None = None,
    catchments: Iterable[GEOSGeometry | None] = (),
    person: Point | None = None,
    venues: Iterable[Point | None] = (),
    label: str = "",
) -> PlaceMap | None:
    """Draw a map of all the shapes, and of those points that are not far away from them.

    Geometries are in degrees (EPSG:4326); a plate carree squeezed by the cosine of the latitude, which is right to
    within a pixel for anything the size of a county. None stands for what is not there (a catchment of None is the
    whole area, which the boundary shows already). Returns None when there is nothing to draw.
    """
    borders, areas, people, places = (_present(each) for each in ([boundary], catchments, [person], venues))
    bounds = _bounds([shape.extent for shape in borders + areas], people + places)
    if bounds is None:
        return None
    projection, height = _fit(bounds)
    people, places = (
        [projection.project(point.x, point.y) for point in points if _is_within(point, bounds)]
        for points in (people, places)
    )
    return PlaceMap(
        width=WIDTH,
        height=height,
        label=label,
        boundary="".join(map(projection.path, borders)),
        catchments=[projection.path(shape) for shape in areas],
        person=people[0] if people else None,
        venues=places,
    )


def _present(geometries: Iterable[GEOSGeometry | None]) -> list[GEOSGeometry]:
    return [geometry for geometry in geometries if geometry is not None and not geometry.empty]


def _bounds(extents: Sequence[Bounds], points: Sequence[Point]) -> Bounds | None:
    if not extents and not points:
        return None
    if extents:
        west, south, east, north = _union(extents)
        reach = max(east - west, north - south) * REACH
        near = (west - reach, south - reach, east + reach, north + reach)
        points = [point for point in points if _is_within(point, near)]
    west, south, east, north = _union([*extents, *(point.extent for point in points)])
    wider, higher = max(0.0, SMALLEST - (east - west)) / 2, max(0.0, SMALLEST - (north - south)) / 2
    return west - wider, south - higher, east + wider, north + higher


def _union(extents: Sequence[Bounds]) -> Bounds:
    west, south, east, north = zip(*extents, strict=True)
    return min(west), min(south), max(east), max(north)


def _is_within(point: Point, bounds: Bounds) -> bool:
    return bounds[0] <= point.x <= bounds[2] and bounds[1] <= point.y <= bounds[3]


def _fit(bounds: Bounds) -> tuple[_Projection, float]:
    """Return the projection that centres the bounds in the view box, and the view box's height."""
    west, south, east, north = bounds
    squeeze = max(0.01, cos(radians((south + north) / 2)))
    wide, high = (east - west) * squeeze, north - south
    inner = WIDTH - 2 * MARGIN
    unit = min(inner / wide, (HIGHEST - 2 * MARGIN) / high)
    height = min(HIGHEST, max(LOWEST, high * unit + 2 * MARGIN))
    spare_x = (inner / unit - wide) / squeeze / 2
    spare_y = ((height - 2 * MARGIN) / unit - high) / 2
    return _Projection(west - spare_x, north + spare_y, unit * squeeze, unit), round(height, 1)
