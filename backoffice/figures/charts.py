"""Charts as numbers for SVG templates: pure geometry, so that pages need neither script nor style."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from referrals.network.figures import FigureTable

WIDTH, HEIGHT = 420, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 150, 12, 24  # room for figures, names at the lines' ends, and months
_BETWEEN_NAMES = 13
MOST_BARS = 12
MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """`width` is in percent of the longest."""

    label: str
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """`number` chooses its colour and its pattern; `points` are those of the SVG's polyline, `dots` single ones."""

    number: int
    name: str
    points: str
    dots: list[tuple[float, float]]
    name_at: float
    last: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class LineChart:
    lines: list[Line]
    values: list[Mark]
    months: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def draw_bars(table: FigureTable, *, only_top: bool = False) -> list[Bar]:
    """Return the largest rows as bars; with `only_top`, only those at the top of the tree."""
    rows = [row for row in table.rows if row.cells[0].value and not (only_top and row.depth)]
    rows.sort(key=lambda row: -row.cells[0].value)
    longest = max((row.cells[0].value for row in rows), default=1)
    return [Bar(row.label, str(row.cells[0]), round(100 * row.cells[0].value / longest, 1)) for row in rows[:MOST_BARS]]


def draw_lines(series: Sequence[tuple[str, Sequence[float]]], months: Sequence[str]) -> LineChart | None:
    """Return named series over months as lines; None where there is nothing to draw a line between."""
    if len(months) < 2 or not any(any(values) for _, values in series):
        return None
    top = _round_up(max(max(values) for _, values in series))
    across = (WIDTH - _LEFT - _RIGHT) / (len(months) - 1)

    def place(number: int, value: float) -> tuple[float, float]:
        return round(_LEFT + number * across, 1), _height_of(value, top)

    dots = [[place(number, value) for number, value in enumerate(values)] for _, values in series]
    names_at = _spread([line[-1][1] for line in dots])
    lines = [
        Line(number, name, " ".join(f"{x},{y}" for x, y in points), points, at, f"{values[-1]:,}")
        for number, ((name, values), points, at) in enumerate(zip(series, dots, names_at, strict=True), start=1)
    ]
    shown = sorted({0, (len(months) - 1) // 2, len(months) - 1})
    return LineChart(
        lines=lines,
        values=[Mark(_height_of(value, top), f"{value:,}") for value in (0, top // 2, top)],
        months=[Mark(place(number, 0)[0], months[number]) for number in shown],
    )


def _height_of(value: float, top: float) -> float:
    return round(HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM), 1)


def _round_up(value: float) -> int:
    """Return the next of 10, 20, 40, 60, 80, 100, 200 and so on, each with a whole half."""
    step = 10
    while True:
        for factor in (1, 2, 4, 6, 8):
            if value <= factor * step:
                return factor * step
        step *= 10


def _spread(heights: Sequence[float]) -> list[float]:
    """Move names that would lie over each other apart: downwards, then the lowest ones back into the picture."""
    order = sorted(range(len(heights)), key=lambda number: heights[number])
    placed = dict(enumerate(heights))
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + _BETWEEN_NAMES)
    limit = HEIGHT - _BOTTOM + 4
    for number in reversed(order):
        placed[number] = min(placed[number], limit)
        limit = placed[number] - _BETWEEN_NAMES
    return [round(placed[number], 1) for number in range(len(heights))]
