"""A small map drawn on the server as SVG, without tiles and without JavaScript."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import cos, radians

from django.contrib.gis.geos import GEOSGeometry, Point

from referrals.catchments.drawing import METRES_PER_DEGREE
from referrals.words import METRES_PER_MILE

WIDTH = 480.0
LOWEST, HIGHEST = 150.0, 360.0
MARGIN = 14.0
REACH = 1.0  # times the size of the area; points farther away would shrink it to a speck
SMALLEST = 0.004  # degrees, about 400 metres: do not zoom in on a lone point any further

SCALE_SHARE = 0.3  # of the width, which the bar of the scale takes at most
SCALE_EDGE = 6.0

Bounds = tuple[float, float, float, float]  # west, south, east, north

# Length in metres, unit and number. Nobody but a walker counts in metres.
_SCALES = [
    *((float(metres), "m", metres) for metres in (50, 100, 200, 500)),
    *((miles * METRES_PER_MILE, "mile", miles) for miles in (1, 2, 5, 10, 20, 50, 100, 200)),
]


@dataclass(frozen=True, slots=True)
class Scale:
    """A bar of `length` units at the bottom right, which stands for `number` of `unit` ("m" or "mile").

    Its name ends at `words`.
    """

    length: float
    number: int
    unit: str
    path: str
    words: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Projection:
    """Turns degrees, or metres of a grid, into units of the view box; `unit_x` and `unit_y` for one of them."""

    west: float
    north: float
    unit_x: float
    unit_y: float

    def project(self, x: float, y: float) -> tuple[float, float]:
        return round(MARGIN + (x - self.west) * self.unit_x, 1), round(MARGIN + (self.north - y) * self.unit_y, 1)

    def unproject(self, x: float, y: float) -> tuple[float, float]:
        return self.west + (x - MARGIN) / self.unit_x, self.north - (y - MARGIN) / self.unit_y

    def path(self, geometry: GEOSGeometry) -> str:
        # Detail below half a unit cannot be seen.
        simple = geometry.simplify(0.5 / self.unit_y, preserve_topology=True)
        polygons = [simple] if simple.geom_type == "Polygon" else list(simple)
        return "".join(self._ring(ring.coords) for polygon in polygons for ring in polygon)

    def _ring(self, coordinates: Iterable[Sequence[float]]) -> str:
        places = [place for place, _ in groupby(self.project(x, y) for x, y, *_ in coordinates)]
        return "M" + " ".join(f"{x:g} {y:g}" for x, y in places[:-1] or places) + "Z"


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """What the template draws, in the units of a view box of `width` by `height`; paths are SVG path data."""

    width: float
    height: float
    scale: Scale
    projection: Projection
    label: str = ""
    boundary: str = ""
    catchments: list[str] = field(default_factory=list)
    person: tuple[float, float] | None = None
    venues: list[tuple[float, float]] = field(default_factory=list)

    @property
    def bounds(self) -> Bounds:
        """Return what the whole view box shows, in degrees."""
        west, north = self.projection.unproject(0, 0)
        east, south = self.projection.unproject(self.width, self.height)
        return west, south, east, north


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
        scale=_scale(METRES_PER_DEGREE / projection.unit_y, height),
        projection=projection,
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


def _fit(bounds: Bounds) -> tuple[Projection, float]:
    """Return the projection that centres the bounds in the view box, and the view box's height."""
    west, south, east, north = bounds
    squeeze = max(0.01, cos(radians((south + north) / 2)))  # at the middle, a metre is as long east as north
    wide, high = (east - west) * squeeze, north - south
    inner = WIDTH - 2 * MARGIN
    unit = min(inner / wide, (HIGHEST - 2 * MARGIN) / high)
    height = min(HIGHEST, max(LOWEST, high * unit + 2 * MARGIN))
    spare_x = (inner / unit - wide) / squeeze / 2
    spare_y = ((height - 2 * MARGIN) / unit - high) / 2
    return Projection(west - spare_x, north + spare_y, unit * squeeze, unit), round(height, 1)


def _scale(metres_per_unit: float, height: float) -> Scale:
    """Return the longest that fits."""
    fitting = [scale for scale in _SCALES if scale[0] <= SCALE_SHARE * WIDTH * metres_per_unit]
    metres, unit, number = fitting[-1] if fitting else _SCALES[0]
    length = round(metres / metres_per_unit, 1)
    left, bottom = round(WIDTH - length - SCALE_EDGE, 1), height - SCALE_EDGE
    return Scale(length, number, unit, f"M{left:g} {bottom - 5:g}v5h{length:g}v-5", (left - 5, bottom))
