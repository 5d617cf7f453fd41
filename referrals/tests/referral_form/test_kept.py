"""What the process keeps between requests: lists of what is asked, and fields as they are drawn."""

import pytest
from django import forms
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from referrals.public_changes import content_version
from referrals.referral_form.fields import StepField, StepForm
from referrals.referral_form.ticks import Radios
from referrals.templatetags import form_fields
from referrals.tests import factories as f
from referrals.tests.referral_form.conftest import Northside
from referrals.translations import EnglishText

MARKER = "MARKERWORDS"


@pytest.mark.django_db(transaction=True)
def test_what_a_network_changes_is_on_the_next_page():
    northside = Northside()
    question = f.QuestionFactory(network=northside.network, text="Is there food?")
    option = f.QuestionOptionFactory(question=question, text="No")
    gender = f.DemographicFactory(network=northside.network, name="Gender")
    woman = f.DemographicOptionFactory(demographic=gender, name="Woman")
    linked = f.NetworkFactory(name="Legal advice")
    wording = f.ConsentWordingFactory(network=linked)

    def publishing(change):
        return lambda: (change(), f.publish_drafts(northside.network))

    def changes():
        northside.debt.name = "Money advice"
        yield northside.debt.save, "Money advice"
        question.text = "Is there anything to eat?"
        yield publishing(question.save), "Is there anything to eat?"
        option.text = "Nothing at all"
        yield publishing(option.save), "Nothing at all"
        gender.name = "Sex or gender"
        yield gender.save, "Sex or gender"
        woman.name = "A woman"
        yield woman.save, "A woman"
        yield publishing(lambda: option.needs.add(northside.parcels)), ""
        new = f.QuestionFactory(network=northside.network, text="Since when?")
        yield publishing(lambda: option.reveals.add(new)), ""
        yield lambda: northside.network.linked_networks.add(linked), ""
        yield wording.delete, ""

    for change, words in changes():
        northside.refer_to_needs()  # another request has kept what is there
        before = content_version()
        change()
        assert content_version() != before
        assert words in northside.refer_to_needs().text


@pytest.mark.django_db(transaction=True)
def test_lists_are_read_once_and_within_a_transaction_each_time():
    northside = Northside()
    northside.refer_to_needs()

    def count_reads_of_categories() -> int:
        with CaptureQueriesContext(connection) as captured:
            northside.refer_to_needs()
        return sum('FROM "referrals_category"' in query["sql"] for query in captured.captured_queries)

    assert count_reads_of_categories() == 0
    with transaction.atomic():
        northside.debt.name = "Money advice"
        northside.debt.save()
        assert count_reads_of_categories() > 0
        assert "Money advice" in northside.refer_to_needs().text


@pytest.mark.django_db(transaction=True)
def test_a_new_wording_is_on_the_next_page_of_consent():
    northside = Northside()
    northside.service("Lantern", northside.parcels)
    northside.refer_to_consent()
    f.ConsentWordingFactory(network=northside.network, version=7, text="May Lantern read this?")
    assert "May Lantern read this?" in northside.refer_to_consent().text


def test_fields_that_are_kept_look_as_if_they_were_drawn_anew(northside, monkeypatch):
    northside.service("Lantern", northside.parcels)
    f.QuestionFactory(network=northside.network, text="Any diet?", kind="text")
    pages = (
        northside.refer,
        lambda: northside.fill_in_person(name="").press("Continue"),
        northside.refer_to_needs,
        lambda: northside.refer_to_suggestions("Food parcels").press("Back"),
        northside.refer_to_consent,
    )

    def fields() -> list[str]:
        return [
            str(field) for page in pages for field in page().page.select(".field, .progress, .leave, .branch, .trap")
        ]

    kept = [fields(), fields()]
    monkeypatch.setattr(StepField, "look", None)
    assert kept == [fields()] * 2


def test_nobodys_words_are_kept(northside):
    northside.service("Lantern", northside.parcels)
    words = ("name", "address", "contact_note", "others_may_see", "source_name", "postcode")
    referrer = northside.fill_in_person(**dict.fromkeys(words, MARKER)).press("Continue")
    assert MARKER in str(referrer.page)
    referrer.fill(postcode="nw5 2db").press("Continue").fill(details=MARKER, needs=MARKER).press("Continue")
    assert MARKER in str(referrer.page)
    referrer.fill(needs=northside.parcels.pk).press("Continue").press("Continue")
    assert f"Does {MARKER} agree to this?" in referrer.text
    assert MARKER not in repr(form_fields._drawn)


def test_a_word_that_stayed_english_and_the_same_word_in_polish_are_drawn_apart():
    words = (EnglishText("Radio"), "Radio")
    looks = {
        StepField(StepForm(), forms.ChoiceField(label=label, choices=[("1", text)], widget=Radios), "field").look
        for label in words
        for text in words
    }
    assert len(looks) == 4
