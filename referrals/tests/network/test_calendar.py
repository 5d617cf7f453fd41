from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.hours import Opening
from referrals.network.calendar import busiest_in_words, count_open_hours, gaps_in_words, shown_hours

MONDAY = date(2026, 11, 30)
WEEK = [MONDAY + timedelta(days=offset) for offset in range(7)]
BEGIN = datetime.combine(MONDAY, time())
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

spells = st.builds(
    lambda starts, minutes: Opening(BEGIN + starts * MINUTE, BEGIN + (starts + minutes) * MINUTE),
    st.integers(-24 * 60, 8 * 24 * 60),
    st.integers(1, 30 * 60),
)


@given(st.dictionaries(st.integers(1, 5), st.lists(spells, max_size=4), max_size=5), st.sets(st.integers(1, 5)))
def test_an_hour_counts_each_service_that_is_open_for_any_of_its_minutes(openings, with_room):
    counted = count_open_hours(openings, WEEK, with_room=with_room)
    for number, count in enumerate(counted.counts):
        begins = BEGIN + number * HOUR
        is_open = {
            service
            for service, of_service in openings.items()
            for spell in of_service
            if spell.starts < begins + HOUR and spell.ends > begins
        }
        assert count == (begins, len(is_open), len(is_open & with_room))


def opened(*spells: tuple[int, int, int]):
    """Return the hours of one service that is open on those days of the week, from one hour to another."""
    of_service = [
        Opening(BEGIN + day * 24 * HOUR + first * HOUR, BEGIN + day * 24 * HOUR + last * HOUR)
        for day, first, last in spells
    ]
    return count_open_hours({1: of_service}, WEEK, with_room=())


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (opened(*((day, 8, 20) for day in range(7))), []),
        (opened(*((day, 8, 20) for day in range(6))), ["Nothing on Sunday"]),
        (
            opened(*((day, 8, 20) for day in range(5)), (5, 10, 13), (6, 10, 13)),
            ["Nothing on Saturday and Sunday before 10:00", "Nothing on Saturday and Sunday after 13:00"],
        ),
        (
            opened(*((day, *half) for day in range(7) for half in ((8, 12), (14, 20)))),
            ["Nothing on Monday to Sunday from 12:00 to 14:00"],
        ),
        (opened(*((day, 8, 20) for day in range(6)), (6, 20, 23)), ["Nothing on Sunday from 08:00 to 20:00"]),
    ],
)
def test_empty_hours_are_said_in_words(hours, words):
    assert gaps_in_words(hours) == words


def test_the_busiest_hours_are_said_in_words():
    assert busiest_in_words(opened((1, 10, 12))) == "Most are open on Tuesday from 10:00 to 12:00: 1"
    assert busiest_in_words(opened()) == ""


def test_the_hours_shown_are_those_of_the_daytime_and_any_others_with_a_service():
    assert shown_hours(opened((0, 9, 10))) == (8, 20)
    assert shown_hours(opened((0, 22, 26))) == (0, 24)
