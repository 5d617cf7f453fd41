"""From the first page to the referral."""

import re
from datetime import date

import pytest

from referrals.models import Event, Person, Referral, ReferralLink
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND, Referrer


@pytest.fixture
def served(northside):
    northside.pantry = northside.service("Kilburn Pantry", northside.parcels, northside.baby)
    northside.hub = northside.service("Food Hub", northside.parcels)
    northside.steps = northside.service("Little Steps", northside.baby)
    return northside


def fill_in_everything(northside):
    gender = f.DemographicFactory(network=northside.network, name="Gender")
    woman = f.DemographicOptionFactory(demographic=gender, name="Woman")
    languages = f.DemographicFactory(network=northside.network, name="Languages", takes_several=True)
    spoken = [f.DemographicOptionFactory(demographic=languages, name=name) for name in ("Bengali", "English")]
    question = f.QuestionFactory(network=northside.network, text="Is there food in the house?")
    empty = f.QuestionOptionFactory(question=question, text="Nothing", is_urgent=True)
    empty.needs.set([northside.parcels])
    referrer = northside.refer_to_needs(
        email="maya@example.org",
        contact_note="Mornings",
        address="12 Cedar Road",
        source_phone="020 7946 0000",
    )
    referrer.choose("Nothing", "Baby supplies", "Woman", "Bengali", "English").fill(
        details="Benefits stopped on Friday.",
        born_day="27",
        born_month="March",
        born_year="1990",
        adults=2,
        children=3,
    )
    referrer.press("Continue")
    return referrer, {woman, *spoken}


def test_everything_typed_arrives_with_the_referral(served):
    referrer, options = fill_in_everything(served)
    referrer.press("Continue").choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    person = referral.person
    assert (person.name, person.phone, person.email) == ("Maya Ferreira", "07700 900123", "maya@example.org")
    assert (person.contact_note, person.date_of_birth) == ("Mornings", date(1990, 3, 27))
    assert (person.postcode, person.address, person.age_given) == ("NW5 2DB", "12 Cedar Road", None)
    assert set(person.options.all()) == options
    assert (referral.source_name, referral.source_organisation) == ("Sam Okoro", "Advice Shop")
    assert (referral.source_email, referral.source_phone) == ("sam@example.org", "020 7946 0000")
    assert (referral.adults, referral.children, referral.is_urgent) == (2, 3, True)
    assert referral.details == "Benefits stopped on Friday."
    assert [consent.wording for consent in referral.consents.all()] == [served.wording]
    assert [(answer.question_text, answer.text) for answer in referral.answers.all()] == [
        ("Is there food in the house?", "Nothing")
    ]
    assert {need.category for need in referral.needs.all()} == {served.parcels, served.baby}


def test_those_on_the_list_are_asked_in_the_order_shown(served):
    referrer, _ = fill_in_everything(served)
    assert referrer.title == "Three organisations can help Maya"
    shown = referrer.all(".offer h3")
    assert shown[0] == "Kilburn Pantry"
    referrer.press("Continue").choose("Maya agrees").press(SEND)
    assignments = Referral.objects.get().strands.get().assignments.order_by("position")
    assert [assignment.organisation.name for assignment in assignments] == shown
    assert [assignment.status for assignment in assignments] == ["offered", "queued", "queued"]


def test_the_last_page_says_who_was_asked_and_by_when_and_nothing_of_the_person(served):
    referrer, _ = fill_in_everything(served)
    referrer.press("Continue").choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assert referrer.title == "The referral is sent"
    assert referral.reference in referrer.text
    assert "Kilburn Pantry has been asked and should answer by" in referrer.text
    assert "If it can't help, the next organisation on the list is asked at once." in referrer.text
    for secret in ("Maya", "Ferreira", "07700", "NW5", "Cedar", "Benefits", "Baby", "Sam"):
        assert not re.search(rf"\b{secret}\b", referrer.response.content.decode())  # "Samaritans" is no Sam
        assert secret not in referrer.response.request["PATH_INFO"]
    assert "116 123" in referrer.text  # an answer may take days


def test_sending_twice_makes_one_referral(served):
    referrer = served.refer_to_consent().choose("Maya agrees")
    page, fields = referrer.page, referrer.fields.copy()
    first = referrer.press(SEND).response.request["PATH_INFO"]
    referrer.page, referrer.fields = page, fields  # the Back button, then Send once more
    assert referrer.press(SEND).title == "The referral is sent"
    assert referrer.response.request["PATH_INFO"].split("/")[2] == first.split("/")[2]
    assert Referral.objects.count() == 1
    assert Event.objects.filter(kind="submitted").count() == 1


def test_an_old_page_filled_in_for_another_person_is_not_dropped_silently(served):
    referrer = served.refer()
    page, fields = referrer.page, referrer.fields.copy()

    def go_through(name: str) -> None:
        referrer.fill(
            for_whom="other", name=name, phone="07700 900123", source_name="Sam", source_email="s@example.org"
        )
        referrer.press("Continue")
        referrer.choose("Food parcels").press("Continue").press("Continue")
        referrer.choose(f"{name} agrees").press(SEND)

    go_through("Maya")
    referrer.page, referrer.fields = page, fields
    go_through("Tom")
    assert referrer.response.status_code == 409
    assert referrer.title == "This form was sent before, with other answers"
    assert [person.name for person in Person.objects.all()] == ["Maya"]
    referrer.press("Make a second referral for Tom")
    assert referrer.step == "Consent"
    referrer.choose("Tom agrees").press(SEND)
    assert {person.name for person in Person.objects.all()} == {"Maya", "Tom"}


def test_a_referral_link_fills_in_the_organisation_and_is_counted(served):
    link = ReferralLink.objects.create(network=served.network, name="Advice", source_organisation="Advice Shop")
    referrer = Referrer(link.get_absolute_url())
    assert referrer.fields["source_organisation"] == "Advice Shop"
    referrer.fill(for_whom="other", name="Maya", phone="07700 900123", source_name="Sam", source_phone="020 7946 0000")
    referrer.press("Continue")
    referrer.choose("Food parcels").press("Continue").press("Continue").choose("Maya agrees")
    referrer.press(SEND)
    assert list(link.referrals.values_list("source_organisation", flat=True)) == ["Advice Shop"]


def test_a_self_referral_needs_no_second_contact(served):
    referrer = served.refer_to_needs(for_whom="self", source_name="", source_organisation="", source_email="")
    assert referrer.title == "What do you need?"
    referrer.choose("Food parcels").press("Continue")
    assert referrer.title == "Two organisations can help you"
    referrer.press("Continue").choose("I agree").press(SEND)
    referral = Referral.objects.get()
    assert (referral.source_name, referral.source_organisation, referral.source_email) == ("", "", "")
