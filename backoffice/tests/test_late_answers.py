"""What people read on the screen when an answer comes late, and before somebody who rejected is asked again."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from backoffice.tests.verbs import address, messages_of
from referrals import workflow
from referrals.models import Assignment, Referral
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(world) -> Referral:
    return world.submit()


class TestLateAnswers:
    @pytest.fixture
    def world(self) -> World:
        return World(lapse_asks_next=True)

    @pytest.fixture
    def late(self, referral) -> Assignment:
        offer = live_on(only_strand(referral))
        workflow.remind(offer.pk, at=offer.remind_at)
        workflow.lapse(offer.pk, at=offer.lapse_at + timedelta(days=2))
        return Assignment.objects.get(pk=offer.pk)

    @pytest.fixture
    def referral(self, world) -> Referral:
        return world.submit(at=timezone.now() - timedelta(days=10))

    def view(self, client, referral: Referral):
        return client.get("/backoffice/referrals/", {"tab": "all", "view": referral.reference})

    def test_a_late_organisation_reads_that_it_can_still_accept_and_does(self, world, referral, late, signed_in):
        client = signed_in(world.owners[0])
        page = self.view(client, referral)
        assert page.context["listing"]["rows"][0]["chip"].label == "You can still accept"
        assert f"You did not answer in time, so {world.organisations[1]} was asked." in page.text
        assert "07700 900123" in page.text
        assert not any(f"/{late.pk}/{answer}/" in page.text for answer in ("reject", "split"))
        response = client.post(address("accept", referral, late.pk), follow=True)
        told = "You accepted both needs of Maya Ferreira. You can now get in touch."
        assert messages_of(response) == [("success", told)]
        assert "You accepted, after the time to answer" in response.text

    def test_whoever_was_asked_meanwhile_reads_that_and_then_why_it_is_over(self, world, referral, late, signed_in):
        client, asked = signed_in(world.owners[1]), live_on(only_strand(referral))
        first = world.organisations[0]
        page = self.view(client, referral)
        assert f"{first} did not answer in time. It can still accept while nobody else has." in page.text
        workflow.accept(late.pk, actor=world.owners[0])
        response = client.post(address("accept", referral, asked.pk), follow=True)
        [(level, words)] = messages_of(response)
        assert (level, response.status_code) == ("info", 200)
        assert words.startswith(f"{first} accepted this on ")
        assert words.endswith(f"There is nothing more for {world.organisations[1]} to do.")
        assert "07700 900123" not in response.text

    def test_a_coordinator_accepts_for_it_or_takes_it_away(self, world, referral, late, signed_in):
        client = signed_in(world.coordinator)
        page = self.view(client, referral)
        assert "No answer, can still accept" in page.text
        accept, withdraw = (address(action, referral, late.pk) for action in ("accept", "withdraw"))
        assert f'action="{accept}' in page.text
        assert f'action="{withdraw}' in page.text
        response = client.post(withdraw, follow=True)
        told = f"This was taken away from {world.organisations[0]}. {world.organisations[1]} has been asked."
        assert messages_of(response) == [("success", told)]
        assert f'action="{accept}' not in self.view(client, referral).text


class TestAskingAgain:
    """Who has rejected is asked again only by somebody who knows it."""

    def reject(self, world, referral) -> str:
        """Reject as the first organisation; return how that is told."""
        offer = live_on(only_strand(referral))
        workflow.reject(offer.pk, actor=world.owners[0], reason="no_room")
        return f"{world.organisations[0]} rejected this on {timezone.localdate():%-d %B}: no room. Ask again?"

    def test_a_coordinator_has_to_confirm_it(self, world, referral, signed_in):
        told, client = self.reject(world, referral), signed_in(world.coordinator)
        url = address("assign", referral, only_strand(referral).pk)
        data = {"service": world.services[0].pk}
        for wrong in ({}, {"ask_again": world.services[2].pk}):
            page = client.post(url, data | wrong)
            assert page.context["form"].errors == {"ask_again": [told]}
            assert live_on(only_strand(referral)).organisation == world.organisations[1]
        box = BeautifulSoup(page.text, "html.parser").select_one("[name=ask_again]")
        response = client.post(url, data | {"ask_again": box["value"]}, follow=True)
        assert messages_of(response) == [("success", f"{world.organisations[0]} has been asked.")]

    def test_it_stands_among_those_with_something_in_the_way(self, world, referral, signed_in):
        told, client = self.reject(world, referral), signed_in(world.coordinator)
        page = client.get(address("assign", referral, only_strand(referral).pk))
        near_misses = BeautifulSoup(page.text, "html.parser").select_one(".near-misses")
        said = near_misses.select_one(f"label:has([value='{world.services[0].pk}'])").get_text(" ", strip=True)
        assert told.removesuffix(" Ask again?") in said

    def test_so_has_an_organisation_that_splits_or_refers_on(self, world, referral, signed_in):
        told, client = self.reject(world, referral), signed_in(world.owners[1])
        offer = live_on(only_strand(referral))
        data = {"service": world.services[0].pk, "keep": [world.needs[0].pk]}
        page = client.post(address("split", referral, offer.pk), data)
        assert page.context["form"].errors == {"ask_again": [told]}
        workflow.accept(offer.pk, actor=world.owners[1])
        page = client.post(address("refer_on", referral, offer.pk), data)
        assert page.context["form"].errors == {"ask_again": [told]}
        client.post(address("refer_on", referral, offer.pk), data | {"ask_again": world.services[0].pk})
        assert live_on(only_strand(referral)).organisation == world.organisations[0]
