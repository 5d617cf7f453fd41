from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from referrals.models import Person
from referrals.user_input.ages import Age, read_age
from referrals.user_input.dates import months_between

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("typed", "age", "words"),
    [
        ("41", Age(41), "41"),
        ("0", Age(0), "0"),
        (" 3 years old", Age(3), "3"),
        ("8 months", Age(0, 8), "8 months"),
        ("18m", Age(1, 18), "18 months"),
        ("1 mth", Age(0, 1), "1 month"),
        ("6 weeks old", Age(0, 1), "1 month"),
        ("2 wks", Age(0, 0), "under a month"),
        ("30 months", Age(2), "2"),
    ],
)
def test_years_and_months_are_read(typed, age, words):
    assert read_age(typed) == age
    assert age.in_words == words


@pytest.mark.parametrize("typed", ["old", "-1", "4.5", "121", "8 moons", "999 months x", "12/3"])
def test_anything_else_is_refused_with_how_to_write_it(typed):
    with pytest.raises(ValidationError, match="8 months"):
        read_age(typed)


@given(DAYS, DAYS)
def test_full_months_between_two_days_are_full(start, end):
    start, end = sorted((start, end))
    months = months_between(start, end)
    later = start.month - 1 + months
    assert (start.year + later // 12, later % 12 + 1, start.day) <= (end.year, end.month, end.day)
    later += 1
    assert (start.year + later // 12, later % 12 + 1, start.day) > (end.year, end.month, end.day)


def test_a_baby_grows_older_in_months_and_then_in_years():
    baby = Person(age_given=0, months_given=8, age_given_on=date(2026, 1, 31))
    said = [(baby.age_on(day), baby.age_in_words(day)) for day in (date(2026, 2, 28), date(2026, 6, 1))]
    assert said == [(0, "8 months"), (1, "12 months")]
    assert (baby.age_on(date(2027, 5, 31)), baby.age_in_words(date(2027, 5, 31))) == (2, "2")
    born = Person(date_of_birth=date(2026, 1, 31))
    assert (born.age_on(date(2026, 11, 30)), born.age_in_words(date(2026, 11, 30))) == (0, "9 months")


def test_an_age_is_compared_with_the_date_of_birth():
    today = date(2026, 11, 30)
    assert Age(6).fits(date(2020, 6, 1), today)
    assert not Age(40).fits(date(2020, 6, 1), today)
    assert Age(0, 8).fits(date(2026, 3, 31), today)
    assert not Age(0, 3).fits(date(2026, 3, 31), today)
