"""When two are taken for one person. How often that is right: test_febrl.py."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.duplicates.dates import are_near, slips_of
from referrals.duplicates.rule import Known, Likeness

BORN = date(1980, 4, 12)
HOME = {"postcode": "NW5 2AA", "address": "12 Falkland Road"}
JOHN = Known(name="John Smith", date_of_birth=BORN, phone="700900123", email="john@example.org", **HOME)
NAMES = st.text("abcdefgh '-", max_size=20)


def trigrams(text: str) -> set[str]:
    words = "".join(one if one.isalnum() else " " for one in text.lower()).split()
    return {f"  {word} "[at : at + 3] for word in words for at in range(len(word) + 1)}


def similarity(first: str, second: str) -> float:
    first, second = trigrams(first), trigrams(second)
    return len(first & second) / len(first | second) if first | second else 0.0


def compare(known: Known = JOHN, **other: object) -> Likeness:
    other = Known(**{"name": known.name} | other)
    return Likeness(known, other, similarity(known.name, other.name), similarity(known.address, other.address))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"name": "Jon Smyth", "date_of_birth": BORN}, "Same date of birth, and a name like it: Jon Smyth"),
        ({"name": "SMITH, John", "date_of_birth": BORN}, "Same date of birth, and the same name: SMITH, John"),
        (
            {"date_of_birth": date(1980, 12, 4), **HOME},
            "Same postcode and address, nearly the same date of birth, and the same name: John Smith",
        ),
        ({"phone": "700900123"}, "Same phone number, and the same name: John Smith"),
        ({"name": "J Smith", "email": "john@example.org"}, "Same e-mail address, and a name like it: J Smith"),
        ({"name": "John", "phone": "700900123"}, "Same phone number, and a part of the name: John"),
        ({"postcode": "NW5 2AA"}, "Same postcode, and the same name: John Smith"),
        (
            {"name": "John Okafor", "date_of_birth": BORN, **HOME},
            "Same date of birth, postcode and address, and a name that is partly alike: John Okafor",
        ),
        (
            {"name": "Amir Haddad", "date_of_birth": BORN, **HOME},
            "Same date of birth, postcode and address, and another name: Amir Haddad",
        ),
    ],
)
def test_it_says_what_agrees(other, words):
    likeness = compare(**other)
    assert likeness.is_enough
    assert likeness.in_words == words


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"age": 46},
        {"date_of_birth": date(1951, 9, 30), **HOME},  # father and son
        {"name": "Mary Smith", **HOME, "phone": "700900123"},  # a couple with one telephone
        {"name": "Lily Smith", "date_of_birth": date(2015, 4, 12), **HOME, "phone": "700900123"},  # their child
        {"name": "Amir Haddad", "date_of_birth": BORN, "postcode": "NW5 2AA"},  # born on the same day
        {"name": "Amir Haddad", **HOME, "phone": "700900123"},  # who lives there now
        {"date_of_birth": date(1980, 4, 13), "postcode": "M1 1AE", "address": "9 Quay Street"} | {"name": "Jo Smit"},
        {"name": "", "date_of_birth": BORN},
    ],
)
def test_it_leaves_families_and_namesakes_apart(other):
    assert not compare(**other).is_enough


def test_an_age_that_cannot_be_speaks_against_it():
    by_age = Known(name="John Smith", age=46, **HOME)
    assert compare(by_age, age=47, **HOME).is_enough
    assert not compare(by_age, age=71, **HOME).is_enough


def test_next_door_is_another_address():
    neighbour = compare(date_of_birth=None, postcode="", address="14 Falkland Road")
    assert neighbour.in_words == "A similar address, and the same name: John Smith"
    assert compare(address="Flat 2, 12 Falkland Rd").in_words.startswith("Same address")


def test_what_rests_on_a_place_can_be_told_apart():
    assert not compare(postcode="NW5 2AA").is_enough_without_place
    assert compare(date_of_birth=BORN).is_enough_without_place


@given(st.builds(Known, name=NAMES, age=st.none() | st.integers(0, 100)), NAMES)
def test_it_does_not_matter_who_is_compared_with_whom(known, name):
    one = compare(known, name=name)
    other = compare(one.other, name=known.name, age=known.age)
    assert (one.is_enough, one.names) == (other.is_enough, other.names)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(1900, 1, 1), date(2026, 1, 1)))
def test_dates_are_near_each_other_both_ways(first, second):
    assert are_near(first, second) == are_near(second, first)
    assert all(are_near(first, slip) and first != slip for slip in slips_of(first))


@pytest.mark.parametrize("slip", [date(1980, 12, 4), date(1980, 4, 21), date(1981, 4, 12), date(1970, 4, 12)])
def test_slips_are_looked_for(slip):
    assert slip in slips_of(BORN)


def test_a_day_later_is_one_figure_and_next_month_is_one_too():
    assert are_near(BORN, BORN + timedelta(days=1))
    assert not are_near(BORN, date(1983, 5, 12))
