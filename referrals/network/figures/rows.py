"""Tables of figures as they are shown."""

from dataclasses import dataclass, field

from referrals.network.figures.periods import Period
from referrals.network.figures.tables import Kind, Table


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, a percentage, or seconds. None if it is of nothing, or of too few people to be shown."""

    kind: Kind
    value: float | None

    @property
    def is_nothing(self) -> bool:
        """Whether it can be left out: a dash or 0, but not a time of 0 seconds, which is one of under an hour."""
        return self.value is None or (self.value == 0 and self.kind in (Kind.COUNT, Kind.SHARE))

    def __str__(self) -> str:
        if self.value is None:
            return "\N{EN DASH}"
        if self.kind is Kind.COUNT:
            return f"{self.value:,}"
        return f"{self.value}%" if self.kind is Kind.SHARE else time_in_words(self.value)


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is the dimension's value in the database; `depth` is how far below the top of the tree a need is."""

    key: str
    label: str
    cells: list[Cell]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FigureTable:
    """`columns` are the headings above the cells; in a table with two dimensions and totals, the last one is "All"."""

    table: Table
    period: Period
    is_protected: bool
    columns: list[str]
    rows: list[Row]
    total: Row | None
    keys: list[str] = field(default_factory=list)  # the values of `across`, in the order of the columns

    @property
    def slug(self) -> str:
        return self.table.slug

    @property
    def title(self) -> str:
        return self.table.title

    def counts(self, column: int = 0) -> list[float]:
        return [row.cells[column].value or 0 for row in self.rows]


def time_in_words(seconds: float) -> str:
    hours = seconds / 3600
    if hours < 1:
        return "under an hour"
    if round(hours) < 48:
        return f"{round(hours)} hour{'' if round(hours) == 1 else 's'}"
    days = round(hours / 12) / 2
    return f"{days:g} days"
