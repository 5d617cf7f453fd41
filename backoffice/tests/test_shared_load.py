"""How full services are is for their own organisation, coordinators and commissioners; for others if it is shared."""

import pytest
from django.urls import reverse

from backoffice.tests.ways_in import admin_url
from referrals import workflow
from referrals.models import Assignment, Network, Service
from referrals.tests import factories as f
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db
LIST = reverse("backoffice:referrals_service_changelist")


@pytest.fixture
def kept(ours):
    """A network that does not share load, and in it a service that is full."""
    Network.objects.update(shares_load=False)
    Service.objects.update(capacity=1)
    return ours


def found(client, **query: str) -> list[Service]:
    return list(client.get(LIST, {"whose": "all", **query}).context["cl"].result_list)


@pytest.mark.parametrize("who", ["insider", "coordinator", "commissioner"])
def test_its_own_people_and_those_who_oversee_the_network_know_it_anyway(who, kept, signed_in):
    client = signed_in(getattr(kept, who))
    assert "1 of 1 place taken" in client.get(LIST, {"whose": "all"}).text
    assert "Not shared" not in client.get(LIST, {"whose": "all", "as": "table"}).text
    assert found(client, state="full") == [kept.service]


def test_others_know_it_where_the_network_shares_it(ours, signed_in):
    client = signed_in(ours.outsider)
    assert "1 of 10 places taken" in client.get(LIST, {"whose": "all"}).text
    assert found(client, state="room") == [ours.service]


def test_others_are_told_that_it_is_not_shared(kept, signed_in):
    client = signed_in(kept.outsider)
    cards = client.get(LIST, {"whose": "all"})
    assert "places are taken is not shared" in cards.text
    assert cards.context["cards"][0].state == ("Takes referrals", "")
    assert "Not shared" in client.get(LIST, {"whose": "all", "as": "table"}).text
    page = client.get(admin_url(Service, "change", kept.service.pk)).text
    assert "1 place; how many are taken is not shared" in page
    assert "of 1 place" not in page


def test_no_filter_and_no_count_tells_it_to_others(kept, signed_in):
    client = signed_in(kept.outsider)
    for state in ("room", "full"):
        page = client.get(LIST, {"whose": "all", "state": state})
        assert list(page.context["cl"].result_list) == []
        counts = {choice["display"]: choice["count"] for choice in page.context["states"]}
        assert (counts["All that are offered"], counts["Has room"], counts["Full"]) == (1, 0, 0)


def test_no_order_tells_it_to_others(kept, signed_in):
    empty = f.ServiceFactory(network=kept.network, organisation=kept.asked, capacity=1)
    client = signed_in(kept.outsider)
    before = {order: found(client, o=order) for order in ("2", "-2", "3", "-3")}
    Assignment.objects.update(service=empty)
    assert {order: found(client, o=order) for order in before} == before
    seen = signed_in(kept.commissioner)
    assert found(seen, o="3") == [kept.service, empty]


@pytest.mark.parametrize("is_shared", [True, False])
def test_whoever_refers_on_is_told_only_what_is_shared(is_shared, world, signed_in):
    Network.objects.update(shares_load=is_shared)
    referral = world.submit()
    offer = live_on(only_strand(referral))
    workflow.accept(offer.pk, actor=world.owners[0])
    page = reverse("backoffice:workspace_refer_on", args=[referral.reference, offer.pk])
    assert ("Has room" in signed_in(world.owners[0]).get(page).text) == is_shared
    assert "Has room" in signed_in(world.coordinator).get(page).text
