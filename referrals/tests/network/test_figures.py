"""Figures equal an independent slow count over random worlds; what is published of them is protected."""

import random
from datetime import date, datetime

import pytest

from referrals.hours import LONDON
from referrals.network import disclosure
from referrals.network.figures import (
    EXACT_TABLES,
    Conditions,
    FigureTable,
    Kind,
    Period,
    count_exactly,
)
from referrals.tests.depth import draw_cases
from referrals.tests.network.figures_reference import invent, percentile, sets_of, store

TODAY = date(2026, 11, 30)
FIRST, LAST = datetime(2025, 9, 1, tzinfo=LONDON), datetime(2026, 11, 20, tzinfo=LONDON)
DAYS = Period("days", "", date(2026, 2, 10), date(2026, 9, 11))

pytestmark = pytest.mark.django_db


def assert_counted(shown: FigureTable, world: list, period: Period, network) -> None:
    """Compare every cell of a table, and that no row or column is missing."""
    table = shown.table
    sets = {measure: sets_of(table, measure, world, period) for measure in table.measures}
    seen = set()
    for row in [*shown.rows, *filter(None, [shown.total])]:
        columns = [*shown.keys, *([None] if table.totals else [])] if table.across else [None] * len(table.columns)
        for number, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            kind = table.columns[0 if table.across else number]
            key = (row.key if row is not shown.total else None, column)
            counted = _find(sets[kind.measure], table, key, network)
            seen.add((kind.measure, *key))
            whole = _find(sets[kind.of], table, key, network) if kind.of else sets[kind.measure].get((None, None), {})
            assert cell.value == _expected(kind.kind, counted, whole, world, shown.is_protected), (table.slug, key)
    for measure, cells in sets.items():
        for row, column in cells:
            key = _stored(table, (row, column), network)
            number = len(cells[row, column])
            if shown.is_protected:
                number = disclosure.protect(number, _key_of(cells[row, column], world))
            is_shown = number if shown.is_protected else number >= table.fewest
            assert (measure, *key) in seen or not is_shown, (table.slug, measure, row, column)


def _stored(table, key, network) -> tuple:
    dimensions = (table.rows, table.across)
    return tuple(None if one is None else network.keys_of(name, one) for one, name in zip(key, dimensions, strict=True))


def _find(sets, table, key, network) -> dict:
    return next((found for cell, found in sets.items() if _stored(table, cell, network) == key), {})


def _key_of(counted: dict, world: list) -> int:
    return sum(world[number].key for number in counted)


def _expected(kind: Kind, counted: dict, whole: dict, world: list, is_protected: bool):
    def number(cell: dict) -> int:
        return disclosure.protect(len(cell), _key_of(cell, world)) if is_protected else len(cell)

    if kind is Kind.COUNT:
        return number(counted)
    if kind is Kind.SHARE:
        return min(100, round(100 * number(counted) / number(whole))) if number(whole) else None
    values = [value for values in counted.values() for value in values]
    seconds = percentile(values, 0.5 if kind is Kind.HALF else 0.9)
    people = len({world[one].person for one in counted})
    if is_protected:
        return disclosure.protect_seconds(seconds, published=number(counted), people=people)
    return None if seconds is None else pytest.approx(seconds)


@pytest.mark.parametrize("seed", draw_cases("worlds to count", range(40), share=0.05))
def test_exact_figures_are_those_of_a_slow_count(seed):
    chance = random.Random(seed)
    world = invent(chance, chance.choice([0, 20, 120]), FIRST, LAST)
    network = store(world)
    tables = count_exactly(network, DAYS, Conditions())
    assert list(tables) == list(EXACT_TABLES)
    for table in tables.values():
        assert_counted(table, world, DAYS, network)
