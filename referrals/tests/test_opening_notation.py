from datetime import date, time

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from referrals.hours import ExceptionalDays, WeeklyOpening
from referrals.hours.notation import read_day, read_exceptions, read_hours, write_exceptions, write_hours

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
WINTER = date(2026, 11, 1), date(2027, 3, 31)
CHRISTMAS, BOXING_DAY, NEW_YEARS_EVE = date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 31)


def weekly(weekday, opens, closes, *season):
    return WeeklyOpening(weekday, time.fromisoformat(opens), time.fromisoformat(closes), *season)


def exception(first, last, opens, closes, note=""):
    return ExceptionalDays(first, last, time.fromisoformat(opens), time.fromisoformat(closes), note)


WEEK = [
    *(weekly(day, *hours) for day in range(5) for hours in (("10:00", "13:00"), ("14:00", "17:00"))),
    weekly(SATURDAY, "10:00", "12:30"),
    weekly(SUNDAY, "11:00", "15:00", *WINTER),
]
HOLIDAYS = [
    ExceptionalDays(CHRISTMAS, BOXING_DAY, note="Christmas"),
    exception(NEW_YEARS_EVE, NEW_YEARS_EVE, "10:00", "12:00", "short day"),
    exception(NEW_YEARS_EVE, NEW_YEARS_EVE, "14:00", "15:00", "short day"),
]


def test_a_week_reads_as_a_person_would_write_it():
    assert write_hours(WEEK) == (
        "Mon-Fri 10:00-13:00, 14:00-17:00; Sat 10:00-12:30; Sun 11:00-15:00 [2026-11-01 to 2027-03-31]"
    )
    assert read_hours(write_hours(WEEK)) == WEEK


def test_exceptions_read_as_a_person_would_write_them():
    assert write_exceptions(HOLIDAYS) == (
        "2026-12-25 to 2026-12-26 closed (Christmas); 2026-12-31 10:00-12:00, 14:00-15:00 (short day)"
    )
    assert read_exceptions(write_exceptions(HOLIDAYS)) == HOLIDAYS


def test_no_hours_give_an_empty_cell():
    assert (write_hours([]), write_exceptions([])) == ("", "")
    assert (read_hours(" \n; "), read_exceptions(" \n; ")) == ([], [])


@pytest.mark.parametrize(
    ("text", "openings"),
    [
        ("Monday 10:00-12:00", [weekly(MONDAY, "10:00", "12:00")]),
        ("mon 10-12", [weekly(MONDAY, "10:00", "12:00")]),
        ("Tues: 10.00\N{EN DASH}12.30", [weekly(TUESDAY, "10:00", "12:30")]),
        ("Weds and thurs. 9am to 5pm", [weekly(day, "09:00", "17:00") for day in (WEDNESDAY, THURSDAY)]),
        ("Mondays, Fridays 12pm-12am", [weekly(day, "12:00", "00:00") for day in (MONDAY, FRIDAY)]),
        ("Mon-Tue, Sat 10:00-12:00", [weekly(day, "10:00", "12:00") for day in (MONDAY, TUESDAY, SATURDAY)]),
        ("Sat\N{EN DASH}Mon 22-2", [weekly(day, "22:00", "02:00") for day in (MONDAY, SATURDAY, SUNDAY)]),
        ("Every day all day", [weekly(day, "00:00", "00:00") for day in range(7)]),
        ("24\N{EN DASH}7", [weekly(day, "00:00", "00:00") for day in range(7)]),
        ("Sat 24-7", [weekly(SATURDAY, "00:00", "00:00")]),
        ("weekdays noon-midnight", [weekly(day, "12:00", "00:00") for day in range(5)]),
        ("Weekends 18:00-24:00", [weekly(day, "18:00", "00:00") for day in (SATURDAY, SUNDAY)]),
        (
            "Mon 10:00-12:00 and 14:00-15:00",
            [weekly(MONDAY, "10:00", "12:00"), weekly(MONDAY, "14:00", "15:00")],
        ),
        ("Mon 10:00-12:00\nSun closed", [weekly(MONDAY, "10:00", "12:00")]),
        ("Mon until Wed 9.30am till noon", [weekly(day, "09:30", "12:00") for day in range(3)]),
        ("Mon 09:00-05:00", [weekly(MONDAY, "09:00", "05:00")]),
        ("Mon 10-12 [from 1/11/2026]", [weekly(MONDAY, "10:00", "12:00", WINTER[0])]),
        ("Mon 10-12 [until 2027-03-31]", [weekly(MONDAY, "10:00", "12:00", None, WINTER[1])]),
        ("Mon 10-12 [From 2026-11-01 to 2027-03-31]", [weekly(MONDAY, "10:00", "12:00", *WINTER)]),
    ],
)
def test_hours_may_be_typed_in_many_ways(text, openings):
    assert read_hours(text) == openings


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Mon-Fri 10-12; Mox 10-12", '"Mox 10-12" has "mox", which is not a day of the week'),
        ("S 10-12", '"S 10-12" has "s", which is not a day of the week'),
        ("Mon-Wed-Fri 10-12", '"Mon-Wed-Fri 10-12" has "mon-wed-fri", which is not from one day to another'),
        ("10:00-12:00", '"10:00-12:00" is not days with their hours'),
        ("Mon", '"Mon" is not days with their hours'),
        ("Mon 10:00", '"Mon 10:00" has "10:00", which is not from one time to another'),
        ("Mon 10:00-25:00", '"Mon 10:00-25:00" has "25:00", which is not a time of day'),
        ("Mon 10:00-", '"Mon 10:00-" lacks a time'),
        ("Mon 13pm-2pm", '"Mon 13pm-2pm" has "13pm", which is not a time of day'),
        (
            "Mon 9-5",
            '"Mon 9-5" has "9-5", which may end in the afternoon or the next morning: write 17:00 or 05:00',
        ),
        ("Mon 1-5pm", '"Mon 1-5pm" has "1-5pm", which says am or pm of one time and not of the other'),
        (
            "Mon 10-12 [winter]",
            '"Mon 10-12 [winter]" has "[winter]", which is neither from one date to another nor "from" nor "until" '
            "a date",
        ),
        ("Mon 10-12 [from 2026-02-30]", '"Mon 10-12 [from 2026-02-30]" has "2026-02-30", which is not a date'),
        (
            "Mon 10-12 [2027-03-31 to 2026-11-01]",
            '"Mon 10-12 [2027-03-31 to 2026-11-01]" has a season that ends before it begins',
        ),
    ],
)
def test_hours_that_are_not_understood_are_refused_with_the_piece_and_an_example(text, wrong):
    with pytest.raises(ValueError, match="Write it like this") as refused:
        read_hours(text)
    assert str(refused.value) == (
        f"{wrong}. Write it like this: Mon-Fri 10:00-13:00, 14:00-17:00; Sun 11:00-15:00 [2026-11-01 to 2027-03-31]"
    )


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("Mon-Fri 9-5 (not bank hols)", "names days: write the hours of each day into its own column"),
        ("2026-12-10", "is a date, which a spreadsheet makes of hours like 10-12"),
        ("10-Dec", "is a date, which a spreadsheet makes of hours like 10-12"),
        ("By the door", "is not from one time to another"),
        ("9-5", "may end in the afternoon or the next morning: write 17:00 or 05:00"),
    ],
)
def test_the_cell_of_a_day_that_is_not_understood_is_named_once_and_as_it_was_typed(cell, wrong):
    with pytest.raises(ValueError, match="Write it like this") as refused:
        read_day(cell, MONDAY)
    assert str(refused.value) == f'"{cell}" {wrong}. Write it like this: 10:00-13:00, 14:00-17:00'


def test_the_same_hours_twice_are_refused():
    with pytest.raises(ValueError, match=r"^Monday has two openings at 10:00. Write each opening once.$"):
        read_hours("Mon-Fri 10-12; Mon 10-14")
    with pytest.raises(ValueError, match=r"^2026-12-25 has the same hours twice. Write each opening once.$"):
        read_exceptions("2026-12-25 closed; 25/12/2026 0:00-12:00")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("25/12/2026 closed", [ExceptionalDays(CHRISTMAS, CHRISTMAS)]),
        ("2026-12-25\N{EN DASH}2026-12-26: Closed", [ExceptionalDays(CHRISTMAS, BOXING_DAY)]),
        ("2026-12-25 - 2026-12-26 closed", [ExceptionalDays(CHRISTMAS, BOXING_DAY)]),
        ("2026-12-31 22:00-02:00", [exception(NEW_YEARS_EVE, NEW_YEARS_EVE, "22:00", "02:00")]),
        (
            "2026-12-25 closed (food (hot; cold) is out)",
            [ExceptionalDays(CHRISTMAS, CHRISTMAS, note="food (hot; cold) is out")],
        ),
        (
            "2026-12-25 closed\n2026-12-26 closed",
            [ExceptionalDays(CHRISTMAS, CHRISTMAS), ExceptionalDays(BOXING_DAY, BOXING_DAY)],
        ),
    ],
)
def test_exceptions_may_be_typed_in_many_ways(text, rows):
    assert read_exceptions(text) == rows


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Christmas closed", '"Christmas closed" is not a date with its hours'),
        ("2026-12-25", '"2026-12-25" lacks its hours, or the word closed'),
        ("2026-12-25 (Christmas)", '"2026-12-25 (Christmas)" lacks its hours, or the word closed'),
        ("2026-12-25 shut", '"2026-12-25 shut" has "shut", which is not from one time to another'),
        ("2026-12-25 closed (Christmas", '"2026-12-25 closed (Christmas" is not a date with its hours'),
        ("2026-13-25 closed", '"2026-13-25 closed" has "2026-13-25", which is not a date'),
        ("2026-12-26 to 2026-12-25 closed", '"2026-12-26 to 2026-12-25 closed" ends before it begins'),
    ],
)
def test_exceptions_that_are_not_understood_are_refused_with_the_piece_and_an_example(text, wrong):
    with pytest.raises(ValueError, match="Write it like this") as refused:
        read_exceptions(text)
    assert str(refused.value) == (
        f"{wrong}. Write it like this: 2026-12-25 to 2026-12-26 closed (Christmas); 2026-12-31 10:00-12:00 (short day)"
    )


# Whatever is taken: any time to the microsecond, any text without NUL, and days in order, of the years that services
# can be about. The database holds other years as well, but they are not read again: a spreadsheet makes 0026 of 26.

days = st.dates(date(2000, 1, 1), date(timezone.localdate().year + 20, 12, 31))
pairs_of_days = st.tuples(days, days).map(sorted)
seasons = st.one_of(pairs_of_days, st.tuples(days, st.none()), st.tuples(st.none(), days), st.just((None, None)))
weekly_openings = st.builds(
    lambda weekday, opens, closes, season: WeeklyOpening(weekday, opens, closes, *season),
    st.integers(0, 6),
    st.times(),
    st.times(),
    seasons,
)
notes = st.text(max_size=120) | st.text(alphabet="ab ;()\\\"'[]\n\rn", max_size=12)
times_or_closed = st.tuples(st.times(), st.times()) | st.just((None, None))
exceptional_days = st.builds(
    lambda days, times, note: ExceptionalDays(*days, *times, note), pairs_of_days, times_or_closed, notes
)


def by_what_the_database_tells_apart(row):
    return row.first_day, row.last_day, row.opens or time()


@given(st.lists(weekly_openings, unique_by=lambda opening: (opening.weekday, opening.opens, opening.valid_from)))
def test_hours_round_trip(openings):
    read = read_hours(write_hours(openings))
    assert sorted(read, key=repr) == sorted(openings, key=repr)
    assert read_hours(write_hours(read)) == read


@given(st.lists(exceptional_days, unique_by=by_what_the_database_tells_apart))
def test_exceptions_round_trip(rows):
    read = read_exceptions(write_exceptions(rows))
    assert sorted(read, key=repr) == sorted(rows, key=repr)
    assert read_exceptions(write_exceptions(read)) == read


def refusal_of(read, text):
    try:
        read(text)
    except ValueError as refused:
        return str(refused)
    return None


@given(st.text() | st.text(alphabet="mon-to 019:.,;()[]\\closedap/", max_size=30))
def test_any_input_is_read_or_refused_with_a_reason(text):
    for read in (read_hours, read_exceptions):
        refusal = refusal_of(read, text)
        assert refusal is None or ". Write it like this: " in refusal or refusal.endswith("once.")
