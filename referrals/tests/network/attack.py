"""An attacker who takes every published table together, and knows how they are made, but not the referrals' keys.

A published cell is what was counted, of which need, district and so on, in which months. It is the sum of unknowns, one
for each month; unknowns add up where a dimension splits them, and those of a part are at most those of the whole.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.linalg import lsqr

from referrals.network.figures import PUBLISHED_TABLES, Period, Table
from referrals.network.figures.periods import month_period, periods_of
from referrals.tests.network.figures_reference import NEEDS, Sent, rows_of

Part = frozenset[tuple[str, str]]  # dimensions with their values; () is everything
SPLIT_BY = ("district", "source", "status", "ward")  # each referral has one value of these


@dataclass(frozen=True)
class Published:
    """A cell with what is published of it, how far that may be off and, to judge guesses by, which referrals it has."""

    measure: str
    part: Part
    months: tuple[str, ...]
    figure: int
    most_off: int
    referrals: frozenset[int]


def publish_all(
    world: list[Sent],
    today: date,
    figure_of: Callable[[frozenset[int]], int],
    most_off: Callable[[int], int] = lambda figure: 5,  # 3 by noise, 2 by rounding
    is_of_one_month: Callable[[Table], bool] = lambda table: table.has_months,
) -> list[Published]:
    """Return every cell of every table of every period that is published, once."""
    periods = periods_of(min(sent.at for sent in world).year, today)
    whole = Period("", "", min(period.first for period in periods), today.replace(day=1))
    months = [month_period(month) for month in whole.months]
    rows = {measure: list(_all_rows(world, measure, whole)) for measure in _measures()}
    sets: dict[tuple[str, Part, tuple[str, ...]], set[int]] = defaultdict(set)
    for table in PUBLISHED_TABLES.values():
        for period in [*periods, *(months if is_of_one_month(table) else [])]:
            within = tuple(f"{month:%Y-%m}" for month in period.months)
            for measure in table.measures:
                for number, row in rows[measure]:
                    for month in row["month"]:
                        if month in within:
                            _add_to_cells(sets, table, measure, within, row | {"month": [month]}, number)
    published = []
    for cell, found in sets.items():
        figure = figure_of(frozenset(found))
        published.append(Published(*cell, figure, most_off(figure), frozenset(found)))
    return published


def _measures() -> list[str]:
    return sorted({measure for table in PUBLISHED_TABLES.values() for measure in table.measures})


def _all_rows(world: list[Sent], measure: str, whole: Period) -> Iterator[tuple[int, dict[str, list[str]]]]:
    for sent in world:
        for row, _ in rows_of(sent, measure, whole):
            yield sent.number, row


def _add_to_cells(sets, table, measure: str, within: tuple[str, ...], row: dict, number: int) -> None:
    dimensions = [name for name in (table.rows, table.across) if name]
    totals = [[(name, None)] if table.totals else [] for name in dimensions]
    for values in product(
        *([*((name, key) for key in row[name]), *total] for name, total in zip(dimensions, totals, strict=True))
    ):
        known = {("need" if name == "top" else name): key for name, key in values if key is not None}
        months = (known.pop("month"),) if "month" in known else within
        sets[measure, frozenset(known.items()), months].add(number)


class Equations:
    """The published cells as sums of unknowns: `cells @ unknowns` is about `figures`, `splits @ unknowns` is 0, and
    `parts @ unknowns` at most 0."""

    def __init__(self, published: list[Published]) -> None:
        self.published = published
        self.figures = np.array([cell.figure for cell in published], float)
        names = dict.fromkeys((cell.measure, cell.part, month) for cell in published for month in cell.months)
        self.number_of = {name: number for number, name in enumerate(names)}
        self.cells = self._matrix([self._sum(cell.measure, cell.part, cell.months) for cell in published])
        self.splits = self._matrix(list(self._splits()))
        self.parts = self._matrix(list(self._parts()))

    def _sum(self, measure: str, part: Part, months: tuple[str, ...]) -> dict[int, float]:
        return {self.number_of[measure, part, month]: 1.0 for month in months}

    def _matrix(self, rows: list[dict[int, float]]) -> sparse.csr_matrix:
        entries = [(row, column, value) for row, line in enumerate(rows) for column, value in line.items()]
        across, down, values = zip(*entries, strict=True)
        return sparse.csr_matrix((values, (across, down)), shape=(len(rows), len(self.number_of)))

    def _children(self) -> dict[tuple, list[int]]:
        """Return, by unknown and dimension, the unknowns that are it with a value of that dimension."""
        found = defaultdict(list)
        for (measure, part, month), number in self.number_of.items():
            for name, key in sorted(part):
                whole = self.number_of.get((measure, part - {(name, key)}, month))
                if whole is not None:
                    found[whole, name].append(number)
        return found

    def _splits(self) -> Iterator[dict[int, float]]:
        for (whole, name), parts in self._children().items():
            if name in SPLIT_BY:
                yield {whole: -1.0, **dict.fromkeys(parts, 1.0)}

    def _parts(self) -> Iterator[dict[int, float]]:
        for (whole, name), parts in self._children().items():
            if name not in SPLIT_BY:
                yield from ({part: 1.0, whole: -1.0} for part in parts)
        above = {
            "urgent": "sent",
            "answered": "sent",
            "accepted": "answered",
            "unmatched": "sent",
            "unsupported": "sent",
        }
        for (measure, part, month), number in self.number_of.items():
            if (whole := self.number_of.get((above.get(measure), part, month))) is not None:
                yield {number: 1.0, whole: -1.0}
            for key in [key for name, key in sorted(part) if name == "need" and NEEDS[int(key)] is not None]:
                parent = part - {("need", key)} | {("need", str(NEEDS[int(key)]))}
                if (whole := self.number_of.get((measure, parent, month))) is not None:
                    yield {number: 1.0, whole: -1.0}

    def least_squares(self) -> np.ndarray:
        """Return the cells of the unknowns that come nearest to all figures at once."""
        stacked = sparse.vstack([self.cells, 20 * self.splits])
        aims = np.concatenate([self.figures, np.zeros(self.splits.shape[0])])
        return self.cells @ lsqr(stacked, aims, iter_lim=400)[0]

    def linear_programme(self) -> np.ndarray:
        """Return the cells of unknowns that break no rule and differ least from the figures, as far as they may."""
        count, unknowns = self.cells.shape
        off = sparse.identity(count)
        equal = sparse.bmat([[self.cells, off, -off], [self.splits, None, None]])
        aims = np.concatenate([self.figures, np.zeros(self.splits.shape[0])])
        below = sparse.hstack([self.parts, sparse.csr_matrix((self.parts.shape[0], 2 * count))])
        costs = np.concatenate([np.zeros(unknowns), np.ones(2 * count)])
        limits = [(0, None)] * unknowns + 2 * [(0, cell.most_off) for cell in self.published]
        found = linprog(costs, A_ub=below, b_ub=np.zeros(below.shape[0]), A_eq=equal, b_eq=aims, bounds=limits)
        assert found.status == 0, found.message
        return self.cells @ found.x[:unknowns]

    def differences(self) -> np.ndarray:
        """Return each figure averaged with what its whole leaves beside its siblings, and with the sum of its parts."""
        by_cell = {(cell.measure, cell.part, cell.months): number for number, cell in enumerate(self.published)}
        families = defaultdict(list)
        for cell, number in by_cell.items():
            measure, part, months = cell
            for name, key in sorted(part):
                if name in SPLIT_BY and (whole := by_cell.get((measure, part - {(name, key)}, months))) is not None:
                    families[whole, name].append(number)
            if len(months) > 1 and all((measure, part, (month,)) in by_cell for month in months):
                families[number, "month"] = [by_cell[measure, part, (month,)] for month in months]
        guesses = [[figure] for figure in self.figures]
        for (whole, _), parts in families.items():
            left = self.figures[whole] - self.figures[parts].sum()
            guesses[whole].append(self.figures[whole] - left)
            for part in parts:
                guesses[part].append(self.figures[part] + left)
        return np.array([np.mean(found) for found in guesses])


def small_cells(published: list[Published]) -> list[int]:
    """Return the numbers of the cells of 1 to 7 referrals, each set of referrals once."""
    first = {cell.referrals: number for number, cell in reversed(list(enumerate(published)))}
    return sorted(number for referrals, number in first.items() if 1 <= len(referrals) <= 7)


class Guesser:
    """Guesses the count that was most frequent behind the same clues, in worlds whose true counts it may look at.

    Clues are given from few to many: those count that were seen often enough to go by.
    """

    OFTEN = 30

    def __init__(self) -> None:
        self.seen: dict[tuple, Counter[int]] = defaultdict(Counter)

    def learn(self, clues: list[tuple], count: int) -> None:
        for clue in clues:
            self.seen[clue][count] += 1

    def guess(self, clues: list[tuple]) -> int | None:
        seen = [self.seen[clue] for clue in clues if clue in self.seen]
        frequent = [counts for counts in seen if counts.total() >= self.OFTEN] or seen[:1]
        return frequent[-1].most_common(1)[0][0] if frequent else None


def usual_counts(worlds: list[list[Published]]) -> dict[tuple[str, Part, int], float]:
    """Return how many referrals such a cell has on average, by what is counted, its part and its number of months."""
    counts = defaultdict(list)
    for published in worlds:
        for cell in published:
            counts[cell.measure, cell.part, len(cell.months)].append(len(cell.referrals))
    return {cell: sum(found) / len(found) for cell, found in counts.items()}
