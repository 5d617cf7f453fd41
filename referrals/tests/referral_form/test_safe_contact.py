"""Is it safe to get in touch, and where people without an address are."""

import pytest
from django.contrib.gis.geos import Point

from referrals.enums import Accommodation, ContactSafety
from referrals.models.safe_contact import SafeContact
from referrals.referral_form.postcode_place import find_place
from referrals.referral_form.safe_contact import SafeContactFields
from referrals.tests import factories as f
from referrals.workflow import PersonDetails

SAFE, UNSAFE, NOT_SAID = ContactSafety.SAFE, ContactSafety.UNSAFE, ContactSafety.NOT_SAID


@pytest.mark.parametrize(
    ("ticked", "kept", "words"),
    [
        ([], SafeContact(), ""),
        (["none"], SafeContact(SAFE, SAFE, SAFE), "Safe to ring, write and leave a message."),
        (["write"], SafeContact(NOT_SAID, UNSAFE, NOT_SAID), "Not safe to write."),
        (["ring", "leave_message"], SafeContact(UNSAFE, NOT_SAID, UNSAFE), "Not safe to ring or leave a message."),
    ],
)
def test_what_is_ticked_is_kept_and_said_in_words(ticked, kept, words):
    form = SafeContactFields({"not_safe_to": ticked})
    assert form.is_valid()
    assert form.safe_contact() == kept
    assert kept.in_words == words
    assert form.says_how_to_reach is bool(ticked)


def test_safe_and_not_safe_at_once_is_asked_again():
    form = SafeContactFields({"not_safe_to": ["none", "ring"]})
    assert not form.is_valid()
    assert form.says_how_to_reach


@pytest.fixture
def kentish_town(northside):
    return f.AreaFactory(name="Kentish Town", boundary=f.square(-0.15, 51.55))


def test_an_area_by_its_name_is_a_place(northside, kentish_town):
    place = find_place(" kentish  TOWN ", northside.network)
    assert (place.postcode, place.area_name, place.in_words) == ("", "Kentish Town", "the middle of Kentish Town")
    assert place.point.distance(Point(-0.15, 51.55)) < 0.01
    assert place.caption == (
        "The middle of Kentish Town lies in Northside. We use it, since we do not know the whole postcode."
    )
    assert find_place("Northside", northside.network).area_name == "Northside"


def test_the_area_of_another_network_is_none(northside):
    f.NetworkFactory(area__name="Southside")
    assert find_place("Southside", northside.network).area is None


def test_of_two_areas_of_the_same_name_the_one_here_counts(northside, kentish_town):
    f.AreaFactory(name="Kentish Town", boundary=f.square(-2.2, 53.4))
    f.AreaFactory(name="Newport", boundary=f.square(-3.0, 51.6))
    assert find_place("Kentish Town", northside.network).is_inside
    assert not find_place("Newport", northside.network).is_inside


@pytest.mark.parametrize("typed", ["ZZ99 3VZ", "no fixed abode", ""])
def test_no_fixed_address_is_no_place_and_no_error(northside, typed):
    place = find_place(typed, northside.network)
    assert (place.typed, place.point, place.caption) == ("", None, "")


def test_whoever_has_no_address_is_matched_by_the_middle_of_the_area(world):
    f.AreaFactory(name="Kentish Town", boundary=f.square(-0.15, 51.55))
    for service in world.services:
        service.catchment = f.square(-0.15, 51.55, half=0.02)
        service.save()
    details = {"name": "Maya", "area_name": "kentish town", "accommodation": Accommodation.ROUGH_SLEEPER}
    referral = world.submit(person=PersonDetails(**details))
    assert (referral.person.area_name, referral.person.accommodation) == ("Kentish Town", "HM01")
    assert referral.person.point.distance(Point(-0.15, 51.55)) < 0.01
    reasons = referral.strands.get().assignments.first().reasons
    assert "Covers the middle of Kentish Town" in reasons
