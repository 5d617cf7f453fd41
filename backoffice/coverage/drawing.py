"""The maps of hexagons as SVG, in the metres of the grid that they are regular in, scaled to the picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import ClassVar

from django.contrib.gis.geos import GEOSGeometry, MultiPoint, Point
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from referrals.catchments.place_map import MARGIN, Projection
from referrals.models import Area, PostcodeDistrict
from referrals.network.coverage import Part, Spread, Tally, middle_of
from referrals.network.hexagons import Grid
from referrals.places.labels import keep_apart

WIDTH, HIGHEST = 380.0, 420.0  # of a picture, in the units of its view box
LETTER = 6.4  # the width of one in a label, on average
LABEL_HEIGHT = 12.0
LABELS_AT_MOST = 16
_SCALES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)  # metres


@dataclass(frozen=True, slots=True)
class Shade:
    """A class of colour: `name` in the style sheet; `label` in the legend; whether it is hatched as well."""

    name: str
    label: str
    is_hatched: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """`drawn`: its hexagons as SVG, each with a title."""

    shade: Shade
    drawn: SafeString


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Frame:
    """What the maps of a network share: how the grid's metres become units of the picture, its boundary and names."""

    width: ClassVar[float] = WIDTH
    grid: Grid
    projection: Projection
    height: float
    boundary: str
    labels: list[Label]

    @cached_property
    def hexagon(self) -> str:
        """The path of a hexagon whose middle is 0, 0."""
        side = self.grid.side * self.projection.unit_x
        half = side * sqrt(3) / 2
        corners = [(side, 0), (side / 2, half), (-side / 2, half), (-side, 0), (-side / 2, -half), (side / 2, -half)]
        return "M" + " ".join(f"{x:.2f} {y:.2f}" for x, y in corners) + "Z"

    @cached_property
    def corners(self) -> str:
        """Longitude and latitude of the picture's corners, from which a script tells where it was pressed."""
        corners = [(x, y) for y in (0, self.height) for x in (0, WIDTH)]
        found = MultiPoint([Point(self.projection.unproject(x, y)) for x, y in corners], srid=self.grid.srid)
        found.transform(4326)
        return " ".join(f"{x:.6f},{y:.6f}" for x, y in found.coords)

    @cached_property
    def scale_bar(self) -> dict[str, object]:
        unit = self.projection.unit_x
        metres = max((one for one in _SCALES if one * unit <= WIDTH / 3), default=_SCALES[0])
        text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
        return {
            "start": MARGIN,
            "end": round(MARGIN + metres * unit, 1),
            "y": round(self.height - MARGIN, 1),
            "text": text,
        }


def make_frame(boundary: GEOSGeometry, grid: Grid, named: Sequence[Area]) -> Frame:
    """`named`: areas with their `middle`, whose names go on the maps, and before those of postcode districts."""
    shape = boundary.transform(grid.srid, clone=True)
    west, south, east, north = shape.extent
    west, south, east, north = west - grid.side, south - grid.side, east + grid.side, north + grid.side
    unit = min((WIDTH - 2 * MARGIN) / (east - west), (HIGHEST - 2 * MARGIN) / (north - south))
    spare = (WIDTH - 2 * MARGIN) / unit - (east - west)
    projection = Projection(west - spare / 2, north, unit, unit)
    height = (north - south) * unit + 2 * MARGIN
    return Frame(
        grid,
        projection,
        round(height + 2 * LABEL_HEIGHT, 1),  # the scale is below the map
        projection.path(shape),
        _place_labels(_names(boundary, named), grid, projection, height),
    )


def _names(boundary: GEOSGeometry, named: Sequence[Area]) -> list[tuple[str, Point]]:
    areas = sorted(named, key=lambda area: -area.boundary.area)
    districts = PostcodeDistrict.objects.filter(point__coveredby=boundary).order_by("-postcodes", "code")
    return [
        *((area.name, area.middle) for area in areas[: 2 * LABELS_AT_MOST]),
        *((district.code, district.point) for district in districts[: 2 * LABELS_AT_MOST]),
    ]


def _place_labels(names: Sequence[tuple[str, Point]], grid: Grid, projection: Projection, height: float) -> list[Label]:
    on_grid = MultiPoint([point for _, point in names], srid=4326)
    on_grid.transform(grid.srid)  # all at once: setting up a transformation takes ten milliseconds
    labels = [Label(*projection.project(*at), text) for at, (text, _) in zip(on_grid.coords, names, strict=True)]
    boxes = []
    for label in labels:
        half = LETTER * len(label.text) / 2 + 4
        boxes.append((label.x - half, label.y - LABEL_HEIGHT, label.x + half, label.y + 4))
    return [labels[number] for number in keep_apart(boxes, WIDTH, height, LABELS_AT_MOST)]


def draw_layers(
    frame: Frame,
    cells: Sequence[Part],
    shades: Sequence[Shade],
    shade_of: Callable[[Part], int],
    title_of: Callable[[Part], str],
) -> list[Layer]:
    """Return a layer for each shade that occurs, so that the colour is said once, in the order of the legend.

    The hexagons are no template of their own: three maps have up to 12,000 of them, which would take seconds.
    """
    drawn: list[list[str]] = [[] for _ in shades]
    for cell in cells:
        x, y = frame.projection.project(*middle_of(cell, frame.grid))
        drawn[shade_of(cell)].append(
            f'<use href="#hexagon" x="{x}" y="{y}"><title>{escape(title_of(cell))}</title></use>'
        )
    return [
        Layer(shade, mark_safe("".join(hexagons)))  # noqa: S308 - the titles are escaped
        for shade, hexagons in zip(shades, drawn, strict=True)
        if hexagons
    ]


SHARES = (
    Shade("scale-1", "nobody", is_hatched=True),
    Shade("scale-2", "up to a third"),
    Shade("scale-3", "up to two thirds"),
    Shade("scale-4", "more"),
    Shade("scale-5", "all"),
)
STEPS = (
    Shade("diverge-1", "no places at all", is_hatched=True),
    Shade("diverge-1", "far fewer than the average"),
    Shade("diverge-2", "fewer"),
    Shade("diverge-3", "somewhat fewer"),
    Shade("diverge-4", "about the average"),
    Shade("diverge-5", "somewhat more"),
    Shade("diverge-6", "more"),
    Shade("diverge-7", "far more"),
)
DIFFERENCES = (
    Shade("diverge-1", "loses every service", is_hatched=True),
    Shade("diverge-2", "has fewer places"),
    Shade("diverge-4", "stays as it is"),
    Shade("diverge-6", "has more places"),
    Shade("diverge-7", "is reached for the first time"),
)

HATCHED = sorted({shade.name for shade in (*SHARES, *STEPS, *DIFFERENCES) if shade.is_hatched})


def shade_of_share(share: float) -> int:
    if share in (0.0, 1.0):
        return 4 if share else 0
    return 1 if share <= 1 / 3 else 2 if share <= 2 / 3 else 3


def shade_of_rate(tally: Tally, spread: Spread) -> int:
    return 0 if not tally.rate else 4 + spread.step(tally.rate)


def shade_of_difference(cell: Part) -> int:
    if cell.gained_postcodes or cell.lost_postcodes:
        return 4 if cell.gained_postcodes >= cell.lost_postcodes else 0
    difference = cell.then.rate - cell.now.rate
    if abs(difference) <= 1e-6 * max(cell.now.rate, cell.then.rate):
        return 2
    return 3 if difference > 0 else 1
