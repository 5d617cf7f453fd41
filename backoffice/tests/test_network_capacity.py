"""Capacity: boxes of what takes people, what does not listed apart, and the same as a table."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from backoffice.network import capacity
from backoffice.tests.ways_in import admin_url
from referrals.models import Network, Service
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
ADDRESS = reverse("backoffice:network_capacity")


def labels(page, picture: str = "wide") -> list[str]:
    boxes = BeautifulSoup(page.text, "html.parser").select(f".treemap.{picture} a")
    return [box["aria-label"] for box in boxes]


def table(page) -> list[list[str]]:
    rows = BeautifulSoup(page.text, "html.parser").select(".network-list tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row(["th", "td"])] for row in rows]


def test_each_service_is_a_box_a_row_and_a_link_in_both_layouts(ours, signed_in):
    busy = f.ServiceFactory(network=ours.network, organisation=ours.bystander, capacity=3)
    Service.objects.filter(pk=ours.service.pk).update(capacity=1)
    ours._refer(1)  # a second case, over capacity
    page = signed_in(ours.coordinator).get(ADDRESS)
    expected = [
        f"{busy.activity.name}, Ours bystander: 0 of 3 places taken",
        "Ours 0 activity, Ours pantry: 2 of 1 place taken, over capacity by 1",
    ]
    assert labels(page) == labels(page, "narrow") == expected
    assert "Over: 2 of 1" in page.text
    assert table(page) == [
        [busy.activity.name, "Ours bystander", "3", "0", "0", "0%"],
        ["Ours 0 activity", "Ours pantry", "1", "2", "0", "200% Over capacity"],
    ]
    links = {link["href"] for link in BeautifulSoup(page.text, "html.parser").select(".treemap.wide a")}
    assert links == {admin_url(Service, "change", one.pk) for one in (busy, ours.service)}


def test_what_takes_nobody_is_listed_apart(ours, signed_in):
    f.ServiceFactory(network=ours.network, capacity=0, activity__name="Nothing yet")
    f.ServiceFactory(network=ours.network, paused_at=timezone.now(), activity__name="A rest")
    f.ServiceFactory(network=ours.network, archived_at=timezone.now(), activity__name="Long gone")
    page = signed_in(ours.coordinator).get(ADDRESS)
    apart = BeautifulSoup(page.text, "html.parser").select(".apart li")
    said = {item.get_text(" ", strip=True).split(" , ")[0]: item.select_one(".chip").text for item in apart}
    assert said == {"Nothing yet": "No capacity", "A rest": "Paused"}
    assert labels(page) == ["Ours 0 activity, Ours pantry: 1 of 10 places taken"]


def test_others_see_the_capacity_alone_where_load_is_not_shared(ours, signed_in):
    Network.objects.update(shares_load=False)
    page = signed_in(ours.outsider).get(ADDRESS)
    assert labels(page) == ["Ours 0 activity, Ours pantry: 10 places, how many are taken is not shared"]
    picture = BeautifulSoup(page.text, "html.parser").select_one(".treemap.wide")
    assert not picture.select(".taken")
    assert table(page) == [["Ours 0 activity", "Ours pantry", "10", "Not shared", "Not shared", "Not shared"]]
    assert labels(signed_in(ours.commissioner).get(ADDRESS)) == ["Ours 0 activity, Ours pantry: 1 of 10 places taken"]


@pytest.mark.parametrize("order", ["service", "organisation", "capacity", "taken", "asked", "share"])
def test_the_table_is_sorted_by_each_column(order, ours, signed_in):
    f.ServiceFactory(network=ours.network, organisation=ours.bystander, activity__name="Zumba", capacity=2)
    client = signed_in(ours.coordinator)
    there, back = ([row[0] for row in table(client.get(ADDRESS, {"sort": sort}))] for sort in (order, f"-{order}"))
    first = {"service": "Ours 0 activity"}.get(order, "Zumba")
    assert there[0] == first
    assert back == there[::-1] or order == "asked"  # of which there are none


def test_no_order_tells_what_is_not_shared(ours, signed_in):
    f.ServiceFactory(network=ours.network, capacity=10)
    Network.objects.update(shares_load=False)
    client = signed_in(ours.outsider)
    for order in ("taken", "share"):
        assert len({str(table(client.get(ADDRESS, {"sort": sort}))) for sort in (order, f"-{order}")}) == 1


def test_of_very_many_a_box_is_an_organisation(ours, signed_in, monkeypatch):
    monkeypatch.setattr(capacity, "MAX_BOXES", 1)
    f.ServiceFactory(network=ours.network, organisation=ours.asked, capacity=5)
    page = signed_in(ours.coordinator).get(ADDRESS, {"q": "ours"})
    assert labels(page) == ["Ours pantry: 1 of 15 places taken"]
    link = BeautifulSoup(page.text, "html.parser").select_one(".treemap.wide a")
    assert link["href"] == f"{ADDRESS}?q=ours&organisation={ours.asked.pk}"


def test_the_number_of_queries_does_not_grow(ours, signed_in, django_assert_num_queries):
    client = signed_in(ours.coordinator)
    client.get(ADDRESS)
    for services in (1, 3):
        with django_assert_num_queries(QUERIES):
            assert len(client.get(ADDRESS).context["cards"]) == services
        ours.grow(), ours.grow()


QUERIES = 24


def test_an_empty_network_says_so(ours, signed_in):
    client = signed_in(ours.coordinator)
    assert "No service matches" in client.get(ADDRESS, {"q": "nothing like it"}).text
    Service.objects.update(archived_at=timezone.now())
    assert "There is no service in your network yet" in client.get(ADDRESS).text


def test_whether_load_is_shared_is_a_setting_in_words(ours, signed_in):
    client = signed_in(ours.coordinator)
    assert "Shared with all organisations" in client.get(reverse("backoffice:settings")).text
    Network.objects.update(shares_load=False)
    assert "Not shared: each sees its own" in client.get(reverse("backoffice:settings")).text
    form = client.get(admin_url(Network, "change", ours.network.pk)).text
    assert "rganisations see how full each other&#x27;s services are" in form
