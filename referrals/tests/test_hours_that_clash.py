"""Which openings run into each other, against a reference that looks at every minute."""

from datetime import date, time, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.hours import ExceptionalDays, Timetable, WeeklyOpening
from referrals.hours.clashes import describe_slip, overlapping_exceptions, overlapping_openings
from referrals.tests.depth import gate_or_all
from referrals.tests.timetables import FRIDAY, MONDAY, SUNDAY, THURSDAY, TUESDAY, days, hours

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)

clock = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
day = st.dates(FIRST, LAST)
season = st.tuples(day, day).map(sorted)
openings = st.builds(
    lambda weekday, opens, closes, days: WeeklyOpening(weekday, opens, closes, *days),
    st.integers(0, 6),
    clock,
    clock,
    season,
)
exceptions = st.builds(lambda days, opens, closes: ExceptionalDays(*days, opens, closes), season, clock, clock)


def minutes_of(**timetable) -> set:
    """Return every fifth minute in which a service with one row is open."""
    found, a_day = Timetable(**timetable), timedelta(days=1)
    openings = [o for n in range((LAST - FIRST).days + 1) for o in found.openings_on(FIRST + n * a_day)]
    five = timedelta(minutes=5)
    return {o.starts + n * five for o in openings for n in range((o.ends - o.starts) // five)}


def pairs(found) -> set[frozenset]:
    return {frozenset(pair) for pair in found}


@settings(max_examples=gate_or_all(gate=25, everything=1000), deadline=None)
@given(st.lists(openings, min_size=2, max_size=5, unique=True))
def test_weekly_hours_overlap_when_some_minute_is_in_both(rows):
    open_in = {row: minutes_of(weekly=(row,)) for row in rows}
    expected = {frozenset((a, b)) for a, b in combinations(rows, 2) if open_in[a] & open_in[b]}
    assert pairs(overlapping_openings(rows)) == expected


@settings(max_examples=gate_or_all(gate=25, everything=1000), deadline=None)
@given(st.lists(exceptions, min_size=2, max_size=4, unique=True))
def test_exceptions_overlap_when_some_minute_is_in_both(rows):
    open_in = {row: minutes_of(exceptions=(row,)) for row in rows}
    expected = {frozenset((a, b)) for a, b in combinations(rows, 2) if open_in[a] & open_in[b]}
    assert pairs(overlapping_exceptions(rows)) == expected


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (hours(MONDAY, "22:00", "02:00"), hours(TUESDAY, "01:00", "03:00"), True),
        (hours(SUNDAY, "22:00", "02:00"), hours(MONDAY, "01:00", "03:00"), True),
        (hours(SUNDAY, "22:00", "02:00"), hours(MONDAY, "02:00", "03:00"), False),
        (hours(MONDAY, "22:00", "02:00"), hours(FRIDAY, "01:00", "03:00"), False),
        # The night into 1 January begins in the season that ends with the year.
        (hours(THURSDAY, "22:00", "02:00", None, "2026-12-31"), hours(FRIDAY, "01:00", "03:00", "2027-01-01"), True),
        (hours(MONDAY, "09:00", "12:00", None, "2026-11-01"), hours(MONDAY, "09:00", "12:00", "2026-11-02"), False),
        (hours(MONDAY, "09:00", "12:00", "0001-01-01"), hours(MONDAY, "11:00", "12:00", None, "9999-12-31"), True),
    ],
)  # fmt: skip
def test_nights_weeks_and_seasons(one, other, clash):
    assert bool(list(overlapping_openings([*one, *other]))) is clash


def test_closed_days_overlap_with_nothing():
    night = days("2026-12-24", None, "22:00", "03:00")
    assert list(overlapping_exceptions([night, days("2026-12-25")])) == []


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        ("09:00", "09:00", "That would be 24 hours, until 09:00 the next day. Write 00:00 to 00:00"),
        ("13:00", "12:00", "That would be 23 hours, until 12:00 the next day. Is one of the times wrong?"),
        ("00:00", "00:00", ""),
        ("00:00", "23:59", ""),
        ("22:00", "06:00", ""),
    ],
)
def test_slips(opens, closes, words):
    told = describe_slip(time.fromisoformat(opens), time.fromisoformat(closes))
    assert told.startswith(words)
    assert bool(told) is bool(words)
