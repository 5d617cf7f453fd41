"""A coordinator corrects a person's details and says how urgent it is; everybody reads what it was before."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from referrals import workflow
from referrals.models import Correction
from referrals.refusals import AlreadyDone, NotAllowed
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(world):
    return world.submit(person=workflow.PersonDetails(name="Maya Ferreira", phone="07700 900123"))


def page(referral) -> str:
    return reverse("backoffice:workspace_correct", args=[referral.reference])


def typed(client, referral) -> dict[str, str]:
    """Return what a browser sends of the form as it was opened."""
    form = BeautifulSoup(client.get(page(referral)).content, "html.parser").select_one(".answer form")
    inputs = {one["name"]: one.get("value", "") for one in form.select("input[name]")}
    areas = {one["name"]: one.text.removeprefix("\n").removeprefix("\r\n") for one in form.select("textarea")}
    chosen = {one["name"]: (one.select_one("[selected]") or {}).get("value", "") for one in form.select("select")}
    return inputs | areas | chosen


def text_of(client, referral) -> str:
    return " ".join(
        BeautifulSoup(client.get(referral.get_absolute_url(), follow=True).content, "html.parser").text.split()
    )


def test_a_correction_stands_beside_what_was_shared(world, referral, client):
    client.force_login(world.coordinator)
    form = typed(client, referral)
    client.post(page(referral), form | {"phone": "07700 900999"})
    client.post(page(referral), form | {"phone": "07700 900999"})  # pressed twice
    referral.person.refresh_from_db()
    assert referral.person.phone == "07700 900999"
    correction = Correction.objects.get()
    assert (correction.field, correction.before, correction.actor) == ("phone", "07700 900123", world.coordinator)
    client.force_login(world.owners[0])
    text = text_of(client, referral)
    assert "Phone: corrected by" in text
    assert "Shared before: “07700 900123”" in text
    assert "A coordinator corrected details of the person: phone" in text


def test_an_older_page_takes_back_no_newer_correction(world, referral, client):
    client.force_login(world.coordinator)
    older = typed(client, referral)
    workflow.correct_person(referral.pk, actor=world.coordinator, changes={"phone": "07700 900999"})
    client.post(page(referral), older | {"address": "12 Long Road"})
    referral.person.refresh_from_db()
    assert (referral.person.phone, referral.person.address) == ("07700 900999", "12 Long Road")


def test_what_is_wrong_is_said_and_nothing_is_lost(world, referral, client):
    client.force_login(world.coordinator)
    response = client.post(page(referral), typed(client, referral) | {"email": "maya@", "name": "M F"})
    assert "Please check what is marked below." in response.text
    assert 'value="M F"' in response.text
    assert not Correction.objects.exists()


def test_only_coordinators_correct(world, referral, client):
    for other in (world.owners[0], world.owners[1]):
        with pytest.raises(NotAllowed):
            workflow.correct_person(referral.pk, actor=other, changes={"phone": ""})
        with pytest.raises(NotAllowed):
            workflow.set_urgent(referral.pk, actor=other, is_urgent=True)
    client.force_login(world.owners[0])
    assert "Correct the details" not in text_of(client, referral)
    assert client.get(page(referral)).status_code == 302


def test_urgent_makes_answers_due_sooner_and_can_be_taken_back(world, referral, client):
    offer = live_on(only_strand(referral))
    before = (offer.remind_at, offer.lapse_at)
    client.force_login(world.coordinator)
    url = reverse("backoffice:workspace_urgent", args=[referral.reference])
    client.post(url, {"is_urgent": "1"})
    offer.refresh_from_db()
    referral.refresh_from_db()
    assert referral.is_urgent
    assert offer.remind_at < before[0] - timedelta(hours=20)
    assert offer.lapse_at < before[1]
    with pytest.raises(AlreadyDone):
        workflow.set_urgent(referral.pk, actor=world.coordinator, is_urgent=True)
    client.post(url, {"is_urgent": "0"})
    offer.refresh_from_db()
    assert (offer.remind_at, offer.lapse_at) == before
    assert "A coordinator marked it as not urgent" in text_of(client, referral)
