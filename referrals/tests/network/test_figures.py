"""Figures equal an independent slow count over random worlds; what is published of them is protected."""

import random
from datetime import date, datetime

import pytest

from referrals.hours import LONDON
from referrals.network import disclosure
from referrals.network.figures import (
    EXACT_TABLES,
    PUBLISHED_TABLES,
    Conditions,
    FigureTable,
    Kind,
    Period,
    count_exactly,
    month_period,
    publish,
)
from referrals.network.figures.periods import periods_of
from referrals.tests.depth import draw_cases
from referrals.tests.network.figures_reference import Sent, Stored, invent, percentile, sets_of

TODAY = date(2026, 11, 30)
FIRST, LAST = datetime(2025, 9, 1, tzinfo=LONDON), datetime(2026, 11, 20, tzinfo=LONDON)
DAYS = Period("days", "", date(2026, 2, 10), date(2026, 9, 11))

pytestmark = pytest.mark.django_db


def assert_counted(shown: FigureTable, world: list, period: Period, stored: Stored) -> None:
    """Compare every cell of a table, and that no row or column is missing."""
    table = shown.table
    sets = {measure: sets_of(table, measure, world, period) for measure in table.measures}
    seen = set()
    of_all_months = table.totals and not (table.across == "month" and period.is_one_month)
    for row in [*shown.rows, *filter(None, [shown.total])]:
        columns = [*shown.keys, *([None] if of_all_months else [])] if table.across else [None] * len(table.columns)
        for number, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            kind = table.columns[0 if table.across else number]
            key = (row.key if row is not shown.total else None, column)
            counted = _find(sets[kind.measure], table, key, stored)
            seen.add((kind.measure, *key))
            whole = _find(sets[kind.of], table, key, stored) if kind.of else sets[kind.measure].get((None, None), {})
            assert cell.value == _expected(kind.kind, counted, whole, world, shown.is_protected), (table.slug, key)
    # Rows with times alone are left out where none may be shown.
    for measure in {column.measure for column in table.columns if column.kind is Kind.COUNT}:
        cells = sets[measure]
        for row, column in cells:
            if table.across and column is None and not of_all_months:
                continue
            key = _stored(table, (row, column), stored)
            number = len(cells[row, column])
            if shown.is_protected:
                number = disclosure.protect(number, _key_of(cells[row, column], world))
            is_shown = number if shown.is_protected else number >= table.fewest
            assert (measure, *key) in seen or not is_shown, (table.slug, measure, row, column)


def _stored(table, key, stored: Stored) -> tuple:
    dimensions = (table.rows, table.across)
    return tuple(None if one is None else stored.key_of(name, one) for one, name in zip(key, dimensions, strict=True))


def _find(sets, table, key, stored: Stored) -> dict:
    return next((found for cell, found in sets.items() if _stored(table, cell, stored) == key), {})


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
    seconds = percentile(values, 0.5 if kind is Kind.MEDIAN else 0.9)
    people = len({world[one].person for one in counted})
    if is_protected:
        return disclosure.protect_seconds(seconds, published=number(counted), people=people)
    return None if seconds is None else pytest.approx(seconds)


@pytest.mark.parametrize("seed", draw_cases("worlds to count", range(40), share=0.05))
def test_exact_figures_are_those_of_a_slow_count(seed):
    chance = random.Random(seed)
    world = invent(chance, chance.choice([0, 20, 120]), FIRST, LAST)
    stored = Stored(world)
    tables = count_exactly(stored.network, DAYS, Conditions())
    assert list(tables) == list(EXACT_TABLES)
    for table in tables.values():
        assert_counted(table, world, DAYS, stored)


NARROWED = [
    ({"categories": (3, 4, 5)}, lambda sent: any({3, 4, 5} & set(part.needs) for part in ours(sent))),
    ({"organisation": 1}, lambda sent: any(offer.organisation == 1 for part in ours(sent) for offer in part.offers)),
    ({"is_urgent": True}, lambda sent: sent.is_urgent),
    ({"is_urgent": False}, lambda sent: not sent.is_urgent),
    ({"source": "link"}, lambda sent: sent.source == "link"),
    ({"source": "form"}, lambda sent: sent.source == "form"),
    ({"source": "elsewhere"}, lambda sent: sent.source == "elsewhere"),
    ({"district": "NW1"}, lambda sent: sent.district == "NW1"),
    ({"district": ""}, lambda sent: sent.district == ""),
    ({"is_urgent": False, "district": "NW1"}, lambda sent: sent.district == "NW1" and not sent.is_urgent),
]


def ours(sent: Sent) -> list:
    return [part for part in sent.parts if part.is_ours]


@pytest.mark.parametrize(("chosen", "fits"), draw_cases("conditions", NARROWED, share=0.3))
def test_conditions_count_only_what_fits_them(chosen, fits):
    world = invent(random.Random(7), 120, FIRST, LAST)
    stored = Stored(world)
    conditions = dict(chosen)
    if "categories" in chosen:
        conditions["categories"] = tuple(int(stored.key_of("need", str(key))) for key in chosen["categories"])
    for name in {"source", "organisation"} & chosen.keys():
        conditions[name] = type(chosen[name])(stored.key_of(name, str(chosen[name])))
    for sent in world:
        if not fits(sent):
            sent.parts = []
    for table in count_exactly(stored.network, DAYS, Conditions(**conditions)).values():
        assert_counted(table, world, DAYS, stored)


@pytest.mark.parametrize("seed", draw_cases("worlds to publish", range(40), share=0.05))
def test_what_is_published_is_a_slow_count_protected_by_the_keys_of_who_is_counted(seed):
    world = invent(random.Random(seed), 150, FIRST, LAST)
    stored = Stored(world)
    for period in [*periods_of(2025, TODAY), month_period(date(2026, 3, 1))]:
        tables = publish(stored.network, period.key, today=TODAY)
        expected = {slug for slug, table in PUBLISHED_TABLES.items() if table.has_months or period.key != "2026-03"}
        assert set(tables) == expected
        for table in tables.values():
            assert table.is_protected
            assert_counted(table, world, period, stored)


def test_the_same_referrals_have_the_same_figure_in_whatever_table_and_time():
    world = invent(random.Random(3), 60, datetime(2026, 3, 1, tzinfo=LONDON), datetime(2026, 3, 31, tzinfo=LONDON))
    stored = Stored(world)
    everything = [
        publish(stored.network, period, today=TODAY)[slug].total.cells[-1 if PUBLISHED_TABLES[slug].across else 0].value
        for period, slugs in {
            "months": [
                "months",
                "needs",
                "needs-by-district",
                "districts",
                "districts-by-month",
                "sources",
                "statuses",
            ],
            "2026": ["months", "needs-by-month", "wards"],
            "2026-03": ["months", "needs-by-month", "districts-by-month", "statuses"],
        }.items()
        for slug in slugs
    ]
    assert len(set(everything)) == 1
    assert everything[0] % 5 == 0
