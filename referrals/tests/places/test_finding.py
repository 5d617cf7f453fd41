"""Where a postcode or a part of one lies, and what is said where that is not known."""

import pytest
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError

from referrals.models import Postcode
from referrals.places import find_postcode, find_whole_postcode
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def postcodes():
    places = {
        "NW52AA": (-0.14, 51.55),
        "NW52AB": (-0.15, 51.55),
        "NW53AA": (-0.16, 51.55),
        "NW111AA": (-0.30, 51.60),
        "NW11AA": (-0.13, 51.53),
        "NW101AA": (-0.25, 51.54),
        "EC1V0BW": (-0.10, 51.525),
        "EC1A1AA": (-0.09, 51.52),
        "EC1N1AA": (-0.11, 51.52),
    }
    Postcode.objects.bulk_create(Postcode(code=code, point=Point(*place)) for code, place in places.items())
    Postcode.objects.create(code="NW19ZZ")


@pytest.mark.parametrize(
    ("typed", "name", "point"),
    [
        ("nw5\u200b2aa,", "NW5 2AA", (-0.14, 51.55)),
        ("NW5", "NW5", (-0.15, 51.55)),
        ("NW1", "NW1", (-0.13, 51.53)),  # neither NW11 nor NW10
        ("NW5 3", "NW5 3", (-0.16, 51.55)),
        ("EC1", "EC1", (-0.10, 51.525)),  # EC1A, EC1N, EC1V
    ],
)
def test_a_postcode_its_halves_and_a_district_as_people_say_it_are_found(typed, name, point):
    found = find_postcode(typed)
    assert (found.name, found.is_known, found.problem) == (name, True, "")
    assert found.point.coords == pytest.approx(point)


def test_the_middle_of_a_half_is_that_of_what_lies_in_the_network(postcodes):
    """A half that straddles the boundary stands inside it: else no service for the whole area would be suggested."""
    network = f.NetworkFactory(area__boundary=f.square(-0.16, 51.55, half=0.001))
    assert find_postcode("NW5", network=network).point.coords == (-0.16, 51.55)
    elsewhere = f.NetworkFactory(area__boundary=f.square(0.5, 51.55, half=0.001))
    assert find_postcode("NW5", network=elsewhere).point.coords == (-0.15, 51.55)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("Kilburn", "“Kilburn” is not a postcode, nor the first half of one."),
        ("EC1V OBW", "“EC1V OBW” is not a postcode, nor the first half of one. Did you mean EC1V 0BW?"),
        ("NW1O 1AA", "We do not know NW1O 1AA. Did you mean NW10 1AA?"),
        ("NW5 9ZZ", "We do not know NW5 9ZZ. It may be newer than our list of postcodes."),
        ("ZZ9", "We do not know ZZ9. It may be newer than our list of postcodes."),
        ("BT1 5GS", "Postcodes of Northern Ireland are not loaded here."),
        ("JE3", "Postcodes of Jersey are not loaded here."),
        ("NW1 9ZZ", "We know NW1 9ZZ, but not where it lies."),
    ],
)
def test_a_place_that_is_not_found_has_a_reason(typed, problem):
    found = find_postcode(typed)
    assert (found.point, found.problem) == (None, problem)


@pytest.mark.parametrize(
    ("typed", "point"), [("NW5 9ZZ", (-0.15, 51.55)), ("NW1 9ZZ", (-0.13, 51.53)), ("ZZ9 9ZZ", None), ("Kilburn", None)]
)
def test_a_postcode_that_is_not_located_may_stand_where_its_first_half_lies(typed, point):
    found = find_postcode(typed, approximates=True)
    assert found.problem == find_postcode(typed).problem != ""
    assert (found.point and found.point.coords) == point


def test_a_list_that_has_northern_ireland_says_what_it_says_of_others():
    Postcode.objects.create(code="BT11AA", point=Point(-5.9, 54.6))
    assert find_postcode("BT1 5GS").problem.startswith("We do not know BT1 5GS.")


def test_a_slip_is_corrected_only_where_one_postcode_looks_like_it():
    assert find_postcode("NWS 2AA", corrects=True).name == "NW5 2AA"
    Postcode.objects.create(code="NW52DD", point=Point(-0.14, 51.55))
    Postcode.objects.create(code="NW52DQ", point=Point(-0.14, 51.55))
    found = find_postcode("NW5 2DO", corrects=True)
    assert (found.name, found.similar) == ("", ("NW5 2DD", "NW5 2DQ"))
    assert found.problem.endswith("Did you mean NW5 2DD or NW5 2DQ?")


def test_an_address_has_a_whole_postcode_known_or_not():
    assert find_whole_postcode("bt1 5gs").name == "BT1 5GS"
    for typed in ("NW5", "NW5 2", "Kilburn", "NWS 2AA"):
        with pytest.raises(ValidationError):
            find_whole_postcode(typed)
