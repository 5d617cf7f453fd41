"""Which figures stand together on the page, each with its sentence and its chart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from backoffice.figures.captions import caption_of
from backoffice.figures.charts import MOST_LINES, Bar, LineChart, draw_bars, draw_lines
from referrals.network.figures import FigureTable, is_known

_SECTIONS = {
    "How many": ("months", "load", "statuses", "load-by-organisation"),
    "What for": ("needs", "needs-by-month"),
    "Where from": ("districts", "districts-by-month", "needs-by-district", "wards", "sources", "source-organisations"),
    "How quickly": ("times", "times-by-need", "organisations"),
    "What was not met": ("unmet", "unmet-by-district", "rejections", "rejections-by-need"),
}
_BARS = frozenset(
    {
        "needs",
        "districts",
        "wards",
        "sources",
        "source-organisations",
        "organisations",
        "rejections",
        "unmet",
        "unmet-by-district",
    }
)
_MOST_UNFOLDED = 12  # rows


@dataclass(frozen=True, slots=True)
class Figure:
    """A table with a sentence that sums it up, and a chart if there is something to draw."""

    table: FigureTable
    caption: str
    bars: list[Bar] = field(default_factory=list)
    lines: LineChart | None = None

    @property
    def is_open(self) -> bool:
        """Whether the table is unfolded at first: where there is no chart, unless it is long."""
        return not self.bars and not self.lines and len(self.table.rows) <= _MOST_UNFOLDED


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    figures: list[Figure]


def arrange(tables: Mapping[str, FigureTable], *, places: int, today: date, is_drawn: bool = True) -> list[Section]:
    """Return the sections of those tables. The one by ward is left out if no postcode has a known ward."""
    shown = {
        slug: table for slug, table in tables.items() if slug != "wards" or any(is_known(row.key) for row in table.rows)
    }
    sections = [
        Section(title, [_figure(shown[slug], places, today, is_drawn) for slug in slugs if slug in shown])
        for title, slugs in _SECTIONS.items()
    ]
    return [section for section in sections if section.figures]


def _figure(table: FigureTable, places: int, today: date, is_drawn: bool) -> Figure:
    caption = caption_of(table, places=places, today=today)
    if not is_drawn:
        return Figure(table, caption)
    bars = draw_bars(table, only_top=table.slug in ("needs", "unmet")) if table.slug in _BARS else []
    return Figure(table, caption, bars, _draw_lines(table, places))


def _draw_lines(table: FigureTable, places: int) -> LineChart | None:
    months = [row.label for row in table.rows]
    if table.slug == "months":
        return draw_lines(
            [("sent", table.counts(0)), ("accepted", table.counts(3)), ("urgent", table.counts(1))], months
        )
    if table.slug == "load":
        return draw_lines([("open", table.counts(0)), ("places now", [places] * len(months))], months)
    if table.slug == "needs-by-month":
        leading = sorted(table.rows, key=lambda row: -(row.cells[-1].value or 0))[:MOST_LINES]
        series = [(row.label, [cell.value or 0 for cell in row.cells[: len(table.keys)]]) for row in leading]
        return draw_lines(series, table.columns[: len(table.keys)])
    return None
