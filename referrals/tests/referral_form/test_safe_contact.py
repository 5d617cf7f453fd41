"""Is it safe to get in touch, and where people without an address are."""

import pytest
from django.contrib.gis.geos import Point

from referrals.enums import Accommodation, ContactSafety
from referrals.models import Notification, Person, Referral
from referrals.models.safe_contact import SafeContact
from referrals.referral_form.postcode_place import find_place
from referrals.referral_form.safe_contact import SafeContactFields
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND
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


def refer_by_form(northside, **person: object):
    values = {"name": "Maya Ferreira", "email": "maya@example.org"} | person
    referrer = northside.refer().choose("Somebody else").fill(**values)
    referrer.fill(source_name="Sam Okoro", source_phone="020 7946 0000").press("Continue")
    return referrer.choose("Food parcels").press("Continue").press("Continue to the coordinators")


def test_before_sending_the_form_says_that_an_email_goes_to_the_person_and_how_to_prevent_it(northside):
    referrer = refer_by_form(northside)
    assert "When this is sent, an e-mail goes to maya@example.org" in referrer.text
    referrer.press("Say that writing is not safe").choose("Write: e-mail, text or letter").press("Continue")
    assert "How can an organisation reach them safely?" in referrer.attention[0]
    referrer.press("Continue anyway").press("Continue").press("Continue to the coordinators")
    assert "We send no e-mail to maya@example.org, since writing is not safe." in referrer.text
    referrer.choose("Maya agrees").press(SEND)
    [unsent] = Notification.objects.filter(recipient="maya@example.org")
    assert (unsent.kind, unsent.status) == ("person_told", "unsafe")


def test_of_a_sensitive_need_the_form_asks_outright_whether_writing_is_safe(northside):
    asks = "Is it safe to write to maya@example.org?"
    assert asks not in refer_by_form(northside).text
    northside.food.is_sensitive = True
    northside.food.save()
    referrer = refer_by_form(northside)
    assert asks in referrer.text
    referrer.press("Say that writing is not safe").choose("It is safe in each of these ways").press("Continue")
    referrer.press("Continue").press("Continue to the coordinators")
    assert asks not in referrer.text
    assert "an e-mail goes to maya@example.org" in referrer.text


def test_without_an_address_nothing_is_said_of_an_email(northside):
    referrer = refer_by_form(northside, email="", phone="07700 900123")
    assert "e-mail goes to" not in referrer.text
    assert "We send no e-mail" not in referrer.text


def test_the_form_keeps_what_is_safe_who_may_see_it_and_where_somebody_sleeps(northside, kentish_town):
    away = {"postcode": "Kentish Town", "accommodation": "HM04", "others_may_see": "Her sister"}
    referrer = refer_by_form(northside, not_safe_to=["ring", "leave_message"], **away)
    assert "Not safe to ring or leave a message." in referrer.text
    referrer.choose("Maya agrees").press(SEND)
    person = Person.objects.get()
    assert person.safe_contact == SafeContact(UNSAFE, NOT_SAID, UNSAFE, others="Her sister")
    assert (person.area_name, person.accommodation, person.postcode) == ("Kentish Town", "HM04", "")
    assert person.point.distance(Point(-0.15, 51.55)) < 0.01


def test_a_slip_in_the_email_address_is_asked_about_once(northside):
    referrer = northside.refer().choose("Somebody else").fill(name="Maya", email="maya@gmial.com")
    referrer.fill(source_name="Sam Okoro", source_phone="020 7946 0000").press("Continue")
    assert "Did you mean maya@gmail.com?" in referrer.text
    assert referrer.press("Continue anyway").step == "What is needed"


def test_the_networks_own_numbers_stand_below_those_for_everybody(northside):
    northside.network.urgent_advice = "No bed tonight: 020 7946 0013.\n\nNo food: <020 7946 0010>."
    northside.network.save()
    question = f.QuestionFactory(network=northside.network, text="Is there any food in the house?")
    f.QuestionOptionFactory(question=question, text="None", is_urgent=True)
    referrer = northside.refer_to_needs().choose("Food parcels", "None").press("Continue")
    lines = [line.get_text() for line in referrer.page.select(".ring-now li")]
    assert lines[0].startswith("999")
    assert lines[-2:] == ["No bed tonight: 020 7946 0013.", "No food: <020 7946 0010>."]
    assert referrer.page.select_one('.ring-now a[href="tel:02079460013"]')


def test_a_correction_after_sending_is_not_dropped(northside):
    referrer = refer_by_form(northside)
    page, fields = referrer.page, referrer.fields.copy()
    referrer.choose("Maya agrees").press(SEND)
    referrer.page, referrer.fields = page, fields
    referrer.press("Say that writing is not safe").choose("Write: e-mail, text or letter").press("Continue")
    assert "How can an organisation reach them safely?" in referrer.attention[0]
    referrer.press("Continue anyway").press("Continue").press("Continue to the coordinators").choose(
        "Maya agrees"
    ).press(SEND)
    assert referrer.response.status_code == 409
    assert "Is it a correction? Then tell the coordinators of Northside Network" in referrer.text
    assert f"give the reference {Referral.objects.get().reference}" in referrer.text


@pytest.mark.parametrize(
    ("given", "is_asked"),
    [({}, False), ({"others_may_see": "Her husband"}, True), ({"others_may_see": "x", "not_safe_to": ["none"]}, False)],
)
def test_where_others_may_hear_it_the_form_asks_outright_whether_to_ring_and_to_write(northside, given, is_asked):
    text = refer_by_form(northside, phone="07700 900123", **given).text
    assert ("Is it safe to ring 07700 900123" in text) == is_asked
    assert ("Is it safe to write to maya@example.org?" in text) == is_asked
