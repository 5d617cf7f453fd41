"""Referrals are found by what somebody knows of the person, who may not spell the name as it was given."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.access import visible_to
from referrals.filters.finding_people import find_by_words, one_slip_away
from referrals.models import Person, Postcode, Referral
from referrals.tests.factories import INSIDE
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(organisations=2)


def refer(world: World, name: str, **details: str) -> Referral:
    Postcode.objects.get_or_create(code="NW52DB", defaults={"point": INSIDE})
    referral = world.submit()
    Person.objects.filter(pk=referral.person_id).update(name=name, phone="", email="")
    Person.objects.filter(pk=referral.person_id).update(**details)
    return referral


def found(user, text: str) -> set[str]:
    rows = find_by_words(visible_to(user, Referral), text, user)
    return set(rows.values_list("person__name", flat=True))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("maya", "Maya Ferreira"),
        ("ferreira maya", "Maya Ferreira"),
        ("Maya  Ferriera", "Maya Ferreira"),
        ("jhon", "John O'Brien"),
        ("Johhn OBrien", "John O'Brien"),
        ("o\u2019brian", "John O'Brien"),
        ("Zoe", "Zoë Núñez"),
        ("nunez", "Zoë Núñez"),
        ("zo", "Zoë Núñez"),
        ("Muhamed Abukar", "Muhammed Abukar"),
        ("Olena Shevchenko-Kovalenko", "Олена Shevchenko Kovalenko"),
    ],
)
def test_a_name_is_found_as_it_was_heard(world, typed, name):
    for each in ("Maya Ferreira", "John O'Brien", "Zoë Núñez", "Muhammed Abukar", "Олена Shevchenko Kovalenko"):
        refer(world, each)
    if typed.startswith("Olena"):  # another alphabet is no slip
        assert found(world.coordinator, typed) == set()
        typed = "Shevchenko-Kovalenko"
    assert found(world.coordinator, typed) == {name}


def test_whoever_is_called_so_hides_those_who_are_called_alike(world):
    for name in ("Jon Smith", "John Smith", "Joan Smyth"):
        refer(world, name)
    assert found(world.coordinator, "Jon") == {"Jon Smith"}
    assert found(world.coordinator, "Jhon smith") == {"John Smith", "Jon Smith"}
    assert found(world.coordinator, "Xaviera") == set()


KNOWN = {"phone": "+44 7700 900123", "email": "Maya@example.org", "postcode": "NW5 2DB"}


@pytest.mark.parametrize("typed", ["07700 900123", "(07700) 900-123", "maya@EXAMPLE.org", "nw52db", " NW5 2DB "])
def test_what_is_private_finds_only_whom_one_may_read_in_full(world, typed):
    refer(world, "Maya Ferreira", **KNOWN)
    refer(world, "Tom Adeyemi", phone="07700 900124", email="tom@example.org", postcode="NW5 2DA")
    other = World(organisations=1)
    refer(other, "Stranger", **KNOWN)
    assert found(world.coordinator, typed) == {"Maya Ferreira"}
    assert found(world.owners[0], typed) == {"Maya Ferreira"}  # asked
    assert found(world.owners[1], typed) == set()  # only on the list
    assert found(other.coordinator, typed) == {"Stranger"}


def test_the_first_half_of_a_postcode_finds_what_the_network_may_see(world):
    referral = refer(world, "Maya Ferreira", postcode="NW5 2DB")
    Referral.objects.filter(pk=referral.pk).update(outcode="NW5")
    assert found(world.owners[1], "nw5") == {"Maya Ferreira"}
    assert found(world.owners[1], "NW55") == set()


def test_the_beginning_of_a_reference_may_look_like_half_a_postcode(world):
    referral = refer(world, "Maya Ferreira")
    Referral.objects.filter(pk=referral.pk).update(reference="K4P7-3NMV")
    assert found(world.coordinator, "k4p") == found(world.coordinator, "K4P7") == {"Maya Ferreira"}


@pytest.mark.parametrize("typed", [r"\m(", "a+b@", "%", "_", "0", "((((((((", "'; drop", "x" * 200, "@", ".* .* .*"])
def test_what_is_no_name_finds_nobody_and_breaks_nothing(world, typed):
    refer(world, "Maya Ferreira")
    assert found(world.coordinator, typed) == set()


@given(word=st.text("ABCDEFGHIÉ'", min_size=3, max_size=9), at=st.integers(0, 8), other=st.sampled_from("KLMÓ"))
def test_every_slip_of_one_letter_is_found(word, at, other):
    at %= len(word)
    pattern = re.compile(one_slip_away(word).replace(r"\m", "").replace(r"\M", ""))
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    slips = [word[:at] + other + word[at + 1 :], word[: at + 1] + other + word[at + 1 :], swapped]
    slips += [word[:at] + word[at + 1 :]] if len(word) > 3 else []
    for slip in slips:
        assert pattern.fullmatch(slip), slip
