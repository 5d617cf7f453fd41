"""A form that is sent again after it was changed: whatever differs is noticed."""

from dataclasses import fields, replace
from datetime import date
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point

from referrals import workflow
from referrals.enums import Accommodation, ContactSafety
from referrals.models import Person, Postcode
from referrals.models.safe_contact import SafeContact
from referrals.tests import factories as f
from referrals.workflow import AnswerGiven, PersonDetails, Submission, is_what_was_sent, submit

pytestmark = pytest.mark.django_db

# Those that say which form it is, where it came from, or what follows from the others.
NOT_COMPARED = {
    "key",
    "network_id",
    "consent_wording_ids",
    "consent_language",
    "flow_version_ids",
    "referral_link_id",
    "person",
    "urgent_need_ids",
}
CHANGED = {
    "name": "Maia Ferreira",
    "phone": "020 7946 0111",
    "email": "other@example.org",
    "contact_note": "Evenings",
    "safe_contact": SafeContact(write=ContactSafety.UNSAFE),
    "date_of_birth": date(1990, 3, 27),
    "age": 2,
    "age_months": 9,
    "postcode": "NW5",
    "area_name": "Camden Town",
    "address": "1 Other Road",
    "accommodation": Accommodation.ROUGH_SLEEPER,
}


@pytest.fixture
def sent(world) -> Submission:
    f.AreaFactory(name="Kentish Town")
    Postcode.objects.create(code="NW52DB", point=Point(-0.15, 51.54))
    question = f.QuestionFactory(network=world.network)
    person = PersonDetails(
        name="Maya Ferreira",
        phone="07700 900123",
        email="maya@example.org",
        age=0,
        age_months=8,
        area_name="Kentish Town",
        option_ids=frozenset({f.DemographicOptionFactory(demographic__network=world.network).pk}),
    )
    answers = (AnswerGiven(question_id=question.pk, question_text=question.text, text="None"),)
    return world.submission(person=person, answers=answers, source_name="Sam")


def test_the_same_form_is_what_was_sent(sent):
    assert is_what_was_sent(submit(sent), sent)


def test_what_was_taken_off_before_sending_is_no_difference(world, sent):
    parts = [replace(sent.parts[0], service_ids=[world.services[1].pk])]
    again = replace(sent, parts=parts, removed_ids=frozenset({world.services[0].pk}))
    assert is_what_was_sent(submit(again), again)


def test_an_age_beside_a_date_of_birth_is_no_difference(sent):
    again = replace(sent, person=replace(sent.person, date_of_birth=date(2026, 1, 1)))
    assert is_what_was_sent(submit(again), again)


@pytest.mark.parametrize("name", [field.name for field in fields(PersonDetails)])
def test_each_detail_of_the_person_counts(sent, name):
    referral = submit(sent)
    again = replace(sent, person=replace(sent.person, **{name: CHANGED.get(name, frozenset())}))
    assert not is_what_was_sent(referral, again)


@pytest.mark.parametrize("name", sorted({field.name for field in fields(Submission)} - NOT_COMPARED))
def test_all_else_that_is_written_counts(world, sent, name):
    referral = submit(sent)
    changed = {
        "parts": [replace(sent.parts[0], need_ids=frozenset({world.needs[0].pk}))],
        "answers": (),
        "details": "Another story.",
        "adults": 2,
        "children": 1,
        "is_urgent": True,
        "removed_ids": frozenset({world.services[0].pk}),
    }
    assert not is_what_was_sent(referral, replace(sent, **{name: changed.get(name, "Other")}))


def test_a_merge_is_no_difference_so_that_the_referrer_learns_of_none(world, sent):
    """Neither of the person whose details are no longer shown nor of the one who took over what was not known."""
    other = replace(
        sent,
        key=uuid4(),
        person=PersonDetails(
            name="Maja Fereira", date_of_birth=date(1990, 3, 27), postcode="NW5 2DB", address="9 A St"
        ),
    )
    third = replace(sent, key=uuid4(), person=replace(other.person, phone="020 7946 0111"))
    forms = [(submit(form), form) for form in (sent, other, third)]
    (first, _), (second, _), (last, _) = forms
    workflow.merge_people(first.pk, second.pk, actor=world.coordinator)
    workflow.merge_people(last.pk, first.pk, actor=world.coordinator)
    for referral, form in forms:
        referral.refresh_from_db()
        assert referral.person_id == last.person_id
        assert is_what_was_sent(referral, form)
        changed = replace(form.person, phone="020 7946 0999")
        assert not is_what_was_sent(referral, replace(form, person=changed))
    assert Person.objects.get(pk=last.person_id).email == sent.person.email
