"""Counts referrals, and makes the tables that are shown, exact or protected."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import dropwhile

from django.db import connection
from django.db.models import Min, Sum
from django.utils import timezone

from referrals.access.reach import reach_of
from referrals.models import Network, Referral, Service, User
from referrals.network import disclosure
from referrals.network.figures.conditions import Conditions
from referrals.network.figures.labels import Labels
from referrals.network.figures.periods import (
    Period,
    month_period,
    next_month,
    periods_of,
    read_month,
    start_of,
)
from referrals.network.figures.rows import Cell, FigureTable, Row
from referrals.network.figures.sql import count_statement
from referrals.network.figures.tables import EXACT_TABLES, PUBLISHED_TABLES, Column, Kind, Table
from referrals.refusals import Refusal


class NotPublished(Refusal):
    """There is no such table, or not for that period. The text says which there are."""


@dataclass(frozen=True, slots=True)
class _Count:
    """What is known of a cell. `median` and `percentile_90` are in seconds."""

    number: int = 0
    key: int = 0
    people: int = 0
    median: float | None = None
    percentile_90: float | None = None


_Counts = dict[tuple[str, str | None, str | None], _Count]  # by measure, row and column
_NOTHING = _Count()


def sees_exact_figures(user: User, network: Network) -> bool:
    """Whether the user may read the network's referrals anyway, as its coordinator, even one who commissions it too."""
    return user.is_superuser or network.pk in reach_of(user).coordinated


def published_periods(network: Network, today: date | None = None) -> list[Period]:
    """Return the periods to choose from, newest first. Single months are published too."""
    today = today or timezone.localdate()
    first = Referral.objects.filter(strands__network=network).aggregate(at=Min("created_at"))["at"]
    return periods_of(timezone.localdate(first).year if first else today.year, today)


def publish(
    network: Network, period: str = "months", slugs: Collection[str] | None = None, today: date | None = None
) -> dict[str, FigureTable]:
    """Return protected tables by their slugs, by default all that are published for the period.

    `period` is the key of one of `published_periods` or, for tables with months, a whole month of them ("2026-10").
    Raises NotPublished for anything else. There must be no other choices: anybody who can choose freely what is counted
    together can average out any noise.
    """
    chosen = _published_period(network, period, today or timezone.localdate())
    offered = {slug for slug, table in PUBLISHED_TABLES.items() if not chosen.is_one_month or table.has_months}
    wanted = offered if slugs is None else set(slugs)
    if wanted - offered:
        raise NotPublished(
            "This table is not published for this period. The figures page has a link to each table that is."
        )
    tables = [table for slug, table in PUBLISHED_TABLES.items() if slug in wanted]
    return _count_tables(network, tables, chosen, Conditions(), is_protected=True)


def count_exactly(
    network: Network, period: Period, conditions: Conditions, slugs: Collection[str] | None = None
) -> dict[str, FigureTable]:
    """Return exact tables by their slugs, for those who may read the referrals: see `sees_exact_figures`."""
    tables = [table for slug, table in EXACT_TABLES.items() if slugs is None or slug in slugs]
    return _count_tables(network, tables, period, conditions, is_protected=False)


def _published_period(network: Network, key: str, today: date) -> Period:
    periods = published_periods(network, today)
    month = read_month(key)
    if month and min(one.first for one in periods) <= month < today.replace(day=1):
        return month_period(month)
    for period in periods:
        if period.key == key:
            return period
    raise NotPublished(
        "Figures are published for the last 12 whole months, for calendar years and for months that are over, but not "
        "for other periods."
    )


def count_places(network: Network, organisation: int | None = None) -> int:
    """Return how many people the services taking people now have room for at a time. Past numbers are not kept."""
    services = Service.objects.filter(network=network).taking_people().by_active_members()
    if organisation is not None:
        services = services.filter(organisation=organisation)
    return services.aggregate(places=Sum("capacity"))["places"] or 0


def _count_tables(
    network: Network, tables: Sequence[Table], period: Period, conditions: Conditions, *, is_protected: bool
) -> dict[str, FigureTable]:
    counts = _read_counts(network, tables, period, conditions)
    labels = Labels(network, counts, tables)
    return {table.slug: _TableMaker(table, period, counts[table.slug], labels, is_protected).make() for table in tables}


def _read_counts(
    network: Network, tables: Sequence[Table], period: Period, conditions: Conditions
) -> dict[str, _Counts]:
    now = timezone.now()
    parameters = {
        "network": network.pk,
        "start": start_of(period.first),
        "end": start_of(period.end),
        "months": [f"{month:%Y-%m}" for month in period.months],
        "month_ends": [min(start_of(next_month(month)), now) for month in period.months],
        **conditions.parameters,
    }
    counts: dict[str, _Counts] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(count_statement(tables, conditions.sql), parameters)
        for table, measure, row, column, number, key, people, times in cursor:
            if number:  # the total of nothing is a row without a key
                counts[table][measure, row, column] = _Count(number, int(key), people, *(times or ()))
    return counts


class _TableMaker:
    """Makes one table as it is shown from its counts."""

    def __init__(self, table: Table, period: Period, counts: _Counts, labels: Labels, is_protected: bool) -> None:
        self.table, self.period, self.counts, self.labels = table, period, counts, labels
        self.is_protected = is_protected
        self.has_total_column = table.totals and not (table.across == "month" and period.is_one_month)

    def make(self) -> FigureTable:
        across = self._keys(self.table.across, position=2) if self.table.across else []
        rows = [self._row(key, across) for key in self._keys(self.table.rows, position=1)]
        if self.table.rows == "month":
            rows = list(dropwhile(lambda row: row is not rows[-1] and _is_empty(row), rows))
        else:
            # Order and choice of rows follow from what is shown: otherwise they would tell of the true counts.
            rows = [row for row in rows if (row.cells[0].value or 0) >= self.table.fewest]
            shown = self.labels.with_ancestors(row.key for row in rows if not _is_empty(row))
            rows = [row for row in rows if row.key in shown]
            rows = self.labels.in_order(self.table.rows, rows, by=-1 if self.table.across else 0)
        if self.table.across:
            across, rows = self._only_used(across, rows)
        return FigureTable(
            table=self.table,
            period=self.period,
            is_protected=self.is_protected,
            columns=self._columns(across),
            rows=rows,
            total=self._row(None, across) if self.table.totals else None,
            keys=across,
        )

    def _keys(self, dimension: str, *, position: int) -> list[str]:
        if dimension == "month":
            return [f"{month:%Y-%m}" for month in self.period.months]
        return self.labels.sort_keys(dimension, {found for key in self.counts if (found := key[position]) is not None})

    def _only_used(self, across: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
        """Leave out empty columns; of months, only those before the first figure."""
        filled = [*rows, self._row(None, across)] if self.table.totals else rows
        used = [number for number in range(len(across)) if any(row.cells[number].value for row in filled)]
        if used and self.table.across == "month":
            used = list(range(used[0], len(across)))
        kept = [*used, len(across)] if self.has_total_column else used
        rows = [replace(row, cells=[row.cells[number] for number in kept]) for row in rows]
        return [across[number] for number in used], rows

    def _columns(self, across: list[str]) -> list[str]:
        if not self.table.across:
            return [column.label for column in self.table.columns]
        return [self.labels.of(self.table.across, key) for key in across] + (["All"] if self.has_total_column else [])

    def _row(self, key: str | None, across: list[str]) -> Row:
        if self.table.across:
            keys = [*across, None] if self.has_total_column else across
            cells = [self._cell(self.table.columns[0], key, column) for column in keys]
        else:
            cells = [self._cell(column, key, None) for column in self.table.columns]
        if key is None:
            return Row("", "All", cells)
        return Row(key, self.labels.of(self.table.rows, key), cells, self.labels.depth(self.table.rows, key))

    def _cell(self, column: Column, row: str | None, across: str | None) -> Cell:
        count = self.counts.get((column.measure, row, across), _NOTHING)
        if column.kind is Kind.COUNT:
            return Cell(Kind.COUNT, self._number(count))
        if column.kind is Kind.SHARE:
            whole = self.counts.get((column.of, row, across) if column.of else (column.measure, None, None), _NOTHING)
            return Cell(Kind.SHARE, disclosure.percentage(self._number(count), self._number(whole)))
        seconds = count.median if column.kind is Kind.MEDIAN else count.percentile_90
        if self.is_protected:
            seconds = disclosure.protect_seconds(seconds, published=self._number(count), people=count.people)
        return Cell(column.kind, seconds)

    def _number(self, count: _Count) -> int:
        return disclosure.protect(count.number, count.key) if self.is_protected else count.number


def _is_empty(row: Row) -> bool:
    return all(cell.is_nothing for cell in row.cells)
