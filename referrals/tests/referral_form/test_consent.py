"""The last step: nothing about the person is stored without consent, and what was agreed to is kept with it."""

from datetime import time

import pytest
from django.apps import apps

from referrals.enums import ConsentWay
from referrals.models import Consent, Referral
from referrals.referral_form import views
from referrals.refusals import Refusal
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND


def rows() -> dict[str, int]:
    """Count every table of the installation."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


@pytest.fixture
def served(northside):
    organisation = f.OrganisationFactory(
        name="Kilburn Pantry", network=northside.network, phone="020 7946 0123", website="https://pantry.example.org"
    )
    northside.pantry = f.ServiceFactory(
        network=northside.network,
        organisation=organisation,
        categories=[northside.parcels],
        is_public=True,
        email="food@example.org",
        pathways=["self"],
        cost="charged",
        cost_note="£3 a bag",
        venue=f.VenueFactory(
            organisation=organisation, name="Church hall", address="12 Cedar Road", postcode="NW5 2DB"
        ),
    )
    return northside


def test_without_consent_no_table_gains_a_row(served):
    before = rows()
    referrer = served.refer_to_consent()
    assert rows() == before
    referrer.choose("Maya does not agree").press(SEND)
    assert referrer.response.status_code == 200
    assert "Nothing was sent and nothing was kept." in referrer.text
    assert rows() == before


def test_without_consent_the_page_says_whom_to_contact(served, settings):
    referrer = served.refer_to_consent().choose("Maya does not agree").press(SEND)
    contact = dict(zip(referrer.all(".contact dt"), referrer.all(".contact dd"), strict=True))
    assert referrer.all(".contact h2") == ["Kilburn Pantry"]
    assert contact == {
        "Phone": "020 7946 0123",
        "E-mail": "food@example.org",
        "Website": "https://pantry.example.org",
        "Where": "Church hall, 12 Cedar Road, NW5 2DB",
        "Cost": "There is a charge: £3 a bag",
        "How to be referred": "Refer yourself",
        "More about it": f"{settings.PUBLIC_URL}/services/{served.pantry.pk}/",
    }


def test_a_confidential_venue_is_never_shown(served):
    served.pantry.venue.is_confidential = True
    served.pantry.venue.save()
    referrer = served.refer_to_consent().choose("Maya does not agree").press(SEND)
    for secret in ("Church hall", "Cedar", "NW5 2DB"):
        assert secret not in referrer.page.select_one(".contacts").get_text()


def test_a_service_that_is_not_public_is_reached_through_its_organisation(served):
    served.pantry.is_public = False
    served.pantry.save()
    referrer = served.refer_to_consent().choose("Maya does not agree").press(SEND)
    text = referrer.page.select_one(".contacts").get_text()
    assert served.pantry.organisation.email in text
    assert "food@example.org" not in text
    assert "Church hall" not in text


def test_without_suggestions_or_consent_the_coordinators_can_advise(northside):
    referrer = northside.refer_to_consent().choose("Maya does not agree").press(SEND)
    assert referrer.all(".contact h2") == ["Northside Network"]
    assert northside.network.email in referrer.text


def test_a_change_of_mind_leads_back_to_the_question(served):
    referrer = served.refer_to_consent().choose("Maya does not agree").press(SEND)
    referrer.press("Back to consent")
    assert referrer.step == "Consent"
    referrer.choose("Maya agrees").press(SEND)
    assert Referral.objects.count() == 1


def test_the_question_has_to_be_answered(served):
    referrer = served.refer_to_consent().press(SEND)
    assert referrer.attention == ["Say whether Maya agrees."]
    assert Referral.objects.count() == 0


def test_the_wording_that_was_shown_is_kept_even_when_a_newer_one_appears_meanwhile(served):
    referrer = served.refer_to_consent().choose("Maya agrees")
    assert "We share it with those named." in referrer.text
    newer = f.ConsentWordingFactory(network=served.network, version=2, text="Quite different.")
    referrer.press(SEND)
    assert Consent.objects.get().wording == served.wording
    assert "Quite different." in served.refer_to_consent().text
    assert newer.consents.count() == 0


def test_linked_networks_are_each_agreed_to_in_their_own_words(served):
    law, silent = served.link_network("Northside Law"), served.link_network("Has no wording")
    silent.consent_wordings.all().delete()
    f.CategoryFactory(network=law, name="Legal advice")
    referrer = served.fill_in_person()
    assert silent.name not in referrer.text
    referrer.choose("Northside Law").press("Continue")
    referrer.choose("Food parcels", "Legal advice").press("Continue").press("Continue")
    assert referrer.all(".wording h2") == ["Northside Network", "Northside Law"]
    assert "We share it with those named." in referrer.text
    assert "This is how Northside Law shares it." in referrer.text
    referrer.choose("Maya agrees").press(SEND)
    assert {consent.wording for consent in Consent.objects.all()} == {served.wording, law.consent_wordings.get()}


def test_a_wording_that_was_withdrawn_meanwhile_has_to_be_read_again(served):
    referrer = served.refer_to_consent().choose("Maya agrees")
    newer = f.ConsentWordingFactory(network=served.network, version=2, text="Quite different.")
    served.wording.delete()
    referrer.press(SEND)
    assert referrer.attention == ["What you are asked to agree to has been rewritten. Please read it again."]
    assert "Quite different." in referrer.text
    referrer.press(SEND)
    assert Consent.objects.get().wording == newer


def test_everything_that_is_shared_can_be_read_over_and_changed(served):
    referrer = served.refer_to_consent()
    assert referrer.all(".summary h3") == ["The person", "Who refers", "What is needed"]
    facts = dict(zip(referrer.all(".facts dt"), referrer.all(".facts dd"), strict=False))
    assert (facts["Name"], facts["Postcode"], facts["Needs"]) == ("Maya Ferreira", "NW5 2DB", "Food parcels")
    referrer.press("Change the person")
    assert (referrer.step, referrer.fields["name"]) == ("The person", "Maya Ferreira")


def test_a_refused_submission_can_be_sent_again(served, monkeypatch):
    """Whatever the workflow refuses, it refuses between one page and the next; that race is played here."""

    def refuse(submission, *, sender):
        raise Refusal("This form refers into a network that is no longer there. Please start again.")

    referrer = served.refer_to_consent().choose("Maya agrees")
    with monkeypatch.context() as patch:
        patch.setattr(views, "get_or_submit", refuse)
        referrer.press(SEND)
    assert referrer.attention == ["This form refers into a network that is no longer there. Please start again."]
    assert referrer.press(SEND).title == "The referral is sent"


@pytest.mark.parametrize(
    ("label", "way"),
    [("Maya agrees", ConsentWay.IN_PERSON), ("Maya agreed on the phone", ConsentWay.PHONE)],
)
def test_how_consent_was_given_is_kept(served, label, way):
    served.refer_to_consent().choose(label).press(SEND)
    referral = Referral.objects.get()
    assert (referral.consent_way, referral.consent_giver) == (way, "")


def test_whoever_decides_for_the_person_is_named(served):
    referrer = served.refer_to_consent().choose("Somebody who may decide for Maya has agreed").press(SEND)
    assert referrer.attention == ["Write who may decide for Maya: name and role."]
    referrer.fill(consent_giver="Ann Ferreira, her mother").press(SEND)
    referral = Referral.objects.get()
    assert (referral.consent_way, referral.consent_giver) == (ConsentWay.ON_BEHALF, "Ann Ferreira, her mother")


def test_who_asks_for_themselves_agrees_for_themselves(served):
    source = dict.fromkeys(("source_name", "source_organisation", "source_email"), "")
    referrer = served.refer_to_needs(for_whom="self", **source).choose("Food parcels").press("Continue")
    referrer.press("Continue")
    assert referrer.all("form .tick") == ["I agree", "I do not agree"]
    referrer.choose("I agree").press(SEND)
    assert Referral.objects.get().consent_way == ConsentWay.SELF


def test_the_sheet_says_when_it_is_open_and_where_the_public_site_has_it(served, settings):
    served.pantry.opening_hours.create(weekday=0, opens=time(10), closes=time(16))
    served.pantry.opening_note = "Ring first in August."
    served.pantry.save()
    settings.SERVICE_PAGES_FINDER = f"{__name__}.find_pages"
    referrer = served.refer_to_consent().choose("Maya does not agree").press(SEND)
    contact = dict(zip(referrer.all(".contact dt"), referrer.all(".contact dd"), strict=True))
    assert contact["Open"].startswith("Monday")
    assert contact["Open"].endswith("Ring first in August.")
    assert contact["More about it"] == f"https://help.example.org/services/{served.pantry.pk}/"


def find_pages(keys) -> dict[int, str]:
    return {key: f"https://help.example.org/services/{key}/" for key in keys}


def test_with_several_needs_each_has_three_contacts_where_there_are_as_many_but_none_that_was_removed(northside):
    northside.network.suggestion_count = 2
    northside.network.save()
    for number in range(4):
        northside.service(f"Pantry {number}", northside.parcels)
        northside.service(f"Advice {number}", northside.debt)
    referrer = northside.refer_to_suggestions("Food parcels", "Debt advice")
    removed = referrer.all(".offer h4")[0]
    referrer.press(f"Remove {removed}")
    referrer.press(referrer.all(".actions .button")[0]).choose("Maya does not agree").press(SEND)
    for need in ("Food parcels", "Debt advice"):
        assert [words for words in referrer.all(".contact dd") if words == need] == [need] * 3
    assert removed not in referrer.all(".contact h2")


def test_what_another_page_has_gathered_since_is_not_sent_with_consent_to_this_one(served):
    referrer = served.refer_to_consent().choose("Maya agrees")
    page, fields = referrer.page, referrer.fields.copy()
    referrer.press("Change what is needed").fill(details="Something more.").press("Continue").press("Continue")
    newer = referrer.fields["state"]
    referrer.page, referrer.fields = page, fields
    referrer.fill(newest=newer).press(SEND)
    assert Referral.objects.get().details == ""
