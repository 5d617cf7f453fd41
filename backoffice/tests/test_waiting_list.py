"""The waiting list as an answer, on the screens of the organisation, of its coordinator and of the referrer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from backoffice.tests.verbs import address, messages_of
from referrals import workflow
from referrals.referral_form.progress import sent_url
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(world):
    return world.submit()


@pytest.fixture
def offer(referral):
    return live_on(only_strand(referral))


def in_days(days: int):
    return timezone.localdate() + timedelta(days=days)


def put_on(world, offer, days: int = 30):
    return workflow.waitlist(offer.pk, actor=world.owners[0], place_from=in_days(days))


def list_of(client, query: str = "") -> str:
    return client.get(reverse("backoffice:referrals") + query).text


def test_an_organisation_says_from_when_it_has_a_place(world, referral, offer, signed_in):
    client = signed_in(world.owners[0])
    assert "Waiting list" in list_of(client, f"?view={referral.reference}")
    response = client.post(address("waiting_list", referral, offer.pk), {"place_from": in_days(30)}, follow=True)
    day = date_format(in_days(30), "j F Y")
    [(_, words)] = messages_of(response)
    assert words == f"You have put Maya Ferreira on the waiting list: a place from {day}. They are told."
    assert f"A place is expected from {day}" in response.text
    assert "On your waiting list" in response.text
    assert f"You put this on the waiting list, and expect a place from {day}" in response.text


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01", "2099-01-01"])
def test_a_day_that_cannot_be_is_asked_for_again(world, referral, offer, signed_in, day):
    response = signed_in(world.owners[0]).post(address("waiting_list", referral, offer.pk), {"place_from": day})
    assert response.status_code == 200
    assert response.context["form"].errors["place_from"]
    offer.refresh_from_db()
    assert offer.place_from is None


def test_it_waits_for_nobody_until_its_day(world, referral, offer, signed_in):
    client = signed_in(world.owners[0])
    assert "Maya Ferreira" in list_of(client, "?tab=waiting")
    put_on(world, offer)
    assert "Maya Ferreira" not in list_of(client, "?tab=waiting")
    workflow.end_wait(offer.pk, at=timezone.now() + timedelta(days=40))
    assert "Maya Ferreira" in list_of(client, "?tab=waiting")


def test_the_coordinator_finds_who_waits_and_for_whom(world, referral, offer, signed_in):
    client = signed_in(world.coordinator)
    assert referral.reference not in list_of(client, "?answer=waitlisted")
    put_on(world, offer)
    page = list_of(client, f"?answer=waitlisted&view={referral.reference}")
    assert f"Waiting list: {world.organisations[0]}" in page
    assert "Remind now" not in page
    response = client.post(address("remind", referral, offer.pk), follow=True)
    assert "expects to have a place from" in messages_of(response)[0][1]


def test_the_referrer_reads_from_when(world, referral, offer, client):
    put_on(world, offer)
    page = client.get(sent_url(referral)).text
    assert "On a waiting list" in page
    assert f"expects to have a place from {date_format(in_days(30), 'j F Y')}" in page
    assert "has been asked" not in page
