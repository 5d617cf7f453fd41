"""What the form does when too much comes through it, and what it does with programs."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from referrals.models import Notification, RateLimitCounter, Referral, ReferralLink
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND, Referrer


@pytest.fixture(autouse=True)
def limits(settings) -> dict[str, int]:
    settings.REFERRAL_LIMITS = dict.fromkeys(settings.REFERRAL_LIMITS, 0)
    return settings.REFERRAL_LIMITS


def send(northside) -> Referrer:
    return northside.refer_to_consent().choose("Maya agrees").press(SEND)


def test_looking_and_filling_in_count_nothing(northside, limits):
    limits |= {"client": 1, "network": 1}
    for _ in range(3):
        northside.refer_to_consent().press("Back")
    assert not RateLimitCounter.objects.exists()


def test_whoever_is_refused_loses_nothing_and_is_told_when_and_whom_to_ring(northside, limits):
    limits["client"] = 1
    northside.network.phone = "020 7946 0100"
    northside.network.save()
    northside.service("Food Link", northside.parcels, is_public=True, phone="020 7946 0111")
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        assert send(northside).title == "The referral is sent"
        refused = send(northside)
        assert refused.response.status_code == 429
        assert refused.response["Retry-After"] == "3600"
        assert "This was not sent yet" in refused.text
        assert "in 1" in refused.text
        numbers = [link["href"] for link in refused.page.select(".attention a")]
        assert numbers == ["tel:02079460100", f"mailto:{northside.network.email}", "tel:02079460111"]
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        again = refused.press(SEND)  # the same page: the answer is still ticked
        assert again.title == "The referral is sent"
    assert Referral.objects.count() == 2
    assert Referral.objects.filter(person__name="Maya Ferreira", source_name="Sam Okoro").count() == 2


def test_what_waits_is_taken_and_its_page_says_that_a_coordinator_looks_first(northside, limits):
    limits["network"] = 1
    northside.service("Food Link", northside.parcels)
    send(northside)
    sent = send(northside)
    assert sent.title == "The referral is sent"
    assert "look at this one before anybody is asked" in sent.text
    assert Notification.objects.filter(kind="organisation_asked").count() == 1


def test_a_link_is_counted_apart(northside, limits):
    limits |= {"client": 1, "link-client": 2}
    link = ReferralLink.objects.create(network=northside.network, name="Contact centre")
    assert send(northside).response.status_code == 200
    assert send(northside).response.status_code == 429
    referrer = Referrer(link.get_absolute_url()).fill(for_whom="self", name="Maya Ferreira", phone="07700 900123")
    referrer.press("Continue").choose("Food parcels").press("Continue").press(referrer.all(".actions .button")[0])
    assert referrer.choose("I agree").press(SEND).title == "The referral is sent"


@pytest.mark.parametrize("step", ["person", "consent"])
def test_a_program_that_fills_in_every_field_gets_no_further(northside, step):
    referrer = northside.refer() if step == "person" else northside.refer_to_consent().choose("Maya agrees")
    trap = referrer.page.select_one(".trap")
    assert trap["aria-hidden"] == "true"
    if step == "person":
        referrer.fill(for_whom="self", name="Maya Ferreira", phone="07700 900123")
    title = referrer.title
    referrer.fill(homepage="https://refund.example").press("Continue" if step == "person" else SEND)
    assert referrer.title == title
    assert referrer.attention == ["Empty the field “Leave this empty”: only programs fill it in."]
    assert not Referral.objects.exists()
    referrer.fill(homepage="").press("Continue" if step == "person" else SEND)  # a person can
    assert referrer.title != title


class TestClosedToThePublic:
    @pytest.fixture(autouse=True)
    def closed(self, northside) -> None:
        northside.network.has_public_form = False
        northside.network.phone = "020 7946 0100"
        northside.network.save()

    def test_the_public_address_says_so_and_whom_to_turn_to(self, northside):
        referrer = northside.refer()
        assert (referrer.response.status_code, referrer.title) == (403, "This form is for partners")
        assert [link["href"] for link in referrer.page.select("main a")] == [
            "tel:02079460100",
            f"mailto:{northside.network.email}",
        ]

    def test_a_form_that_was_being_filled_in_is_not_taken_any_more(self, northside):
        northside.network.has_public_form = True
        northside.network.save()
        referrer = northside.refer_to_consent()
        northside.network.has_public_form = False
        northside.network.save()
        assert referrer.choose("Maya agrees").press(SEND).title == "This form is for partners"
        assert not Referral.objects.exists()

    def test_links_go_on_working_also_inside_other_pages(self, northside):
        link = ReferralLink.objects.create(network=northside.network, name="Contact centre")
        for address in (link.get_absolute_url(), f"{link.get_absolute_url()}?embed=1"):
            assert Referrer(address).title == "Who needs support?"

    def test_other_networks_offer_it_through_their_links_alone(self, northside):
        other = f.NetworkFactory(name="Southside Network", slug="southside")
        f.ConsentWordingFactory(network=other)
        other.linked_networks.add(northside.network)
        link = ReferralLink.objects.create(network=other, name="Contact centre")

        def offered(address: str) -> list[str]:
            return [tag["value"] for tag in Referrer(address).page.select("[name=networks]")]

        assert offered("/refer/southside/") == []
        assert offered(link.get_absolute_url()) == [str(northside.network.pk)]

    def test_a_referral_sent_before_keeps_its_page_without_the_way_to_another(self, northside):
        northside.network.has_public_form = True
        northside.network.save()
        address = send(northside).response.request["PATH_INFO"]
        assert "Refer somebody else" in Referrer(address).text
        northside.network.has_public_form = False
        northside.network.save()
        assert "Refer somebody else" not in Referrer(address).text
