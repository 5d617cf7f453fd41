"""The network's map: what its page says, what its script is sent, and how much."""

import gzip
import json
import random
from itertools import pairwise
from math import cos, pi, sin

import pytest
from bs4 import BeautifulSoup
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.test import Client
from django.urls import reverse

from referrals.models import Network, Restriction, Service, Venue
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
PAGE_QUERIES, DATA_QUERIES = 31, 14
MAP, DATA = reverse("backoffice:network_map"), reverse("backoffice:network_map_data")


def star(chance: random.Random, x: float, y: float, corners: int) -> MultiPolygon:
    reaches = [0.02 * (0.7 + 0.3 * chance.random()) for _ in range(corners)]
    ring = [
        (x + 1.6 * reach * cos(2 * pi * k / corners), y + reach * sin(2 * pi * k / corners))
        for k, reach in enumerate(reaches)
    ]
    return MultiPolygon(Polygon([*ring, ring[0]]), srid=4326)


def fill(network: Network, number: int) -> None:
    """Add services with star-shaped catchments of 24 to 60 corners or, one in 100, 2,000."""
    chance, template = random.Random(1), f.ServiceFactory(network=network)
    Service.objects.bulk_create(
        Service(
            network=network,
            organisation=template.organisation,
            activity=template.activity,
            capacity=10,
            catchment=star(
                chance,
                chance.uniform(-0.2, -0.1),
                chance.uniform(51.5, 51.58),
                2000 if index % 100 == 0 else chance.randint(24, 60),
            ),
        )
        for index in range(number)
    )


class TestTheData:
    def test_it_says_what_is_where_and_for_whom(self, ours, signed_in):
        venue = f.VenueFactory(organisation=ours.asked, point=Point(-0.15, 51.54, srid=4326))
        Service.objects.filter(pk=ours.service.pk).update(venue=venue, catchment=f.square(-0.15, 51.54))
        Restriction.objects.create(service=ours.service, age_from=60)
        answer = signed_in(ours.coordinator).get(DATA)
        assert "private" in answer["Cache-Control"]
        [service] = answer.json()["services"]
        assert json.loads(service.pop("catchment"))["coordinates"]
        assert service == {
            "key": ours.service.pk,
            "organisation": ours.asked.pk,
            "name": "Ours 0 activity",
            "for": 'People who answered "Ours 0 option", aged 60 or over',
            "load": "1 of 10 places taken",
            "venue": [-0.15, 51.54],
        }
        assert answer.json()["organisations"] == {str(ours.asked.pk): "Ours pantry"}
        assert answer.json()["surface"] is None
        [area] = answer.json()["areas"]
        assert json.loads(area)["coordinates"]

    def test_load_is_left_out_where_it_is_not_shared(self, ours, signed_in):
        Network.objects.update(shares_load=False)
        [service] = signed_in(ours.outsider).get(DATA).json()["services"]
        assert service["load"] == ""

    def test_a_confidential_venue_is_in_it_for_nobody(self, ours, signed_in):
        Venue.objects.filter(pk=ours.refuge.pk).update(point=Point(-0.171717, 51.54, srid=4326), postcode="NW5 9ZZ")
        Service.objects.update(venue=ours.refuge)
        for who in (ours.coordinator, ours.insider, ours.outsider, ours.commissioner):
            client = signed_in(who)
            assert client.get(DATA).json()["services"][0]["venue"] is None
            page = client.get(MAP)
            assert "17171" not in page.text
            assert "NW5 9ZZ" not in page.text
            assert page.context["drawn"]["venues"] == []

    def test_it_has_what_the_filters_leave(self, ours, signed_in):
        assert len(signed_in(ours.coordinator).get(DATA, {"q": "activity"}).json()["services"]) == 1
        assert signed_in(ours.coordinator).get(DATA, {"q": "nothing like it"}).json()["services"] == []

    def test_it_stays_small_and_as_many_queries_with_600_catchments(self, ours, signed_in, django_assert_num_queries):
        client = signed_in(ours.coordinator)
        client.get(DATA)
        fill(ours.network, 26)
        with django_assert_num_queries(DATA_QUERIES):
            client.get(DATA)
        fill(ours.network, 573)
        with django_assert_num_queries(DATA_QUERIES):
            answer = client.get(DATA, headers={"accept-encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert len(answer.content) < 300_000
        data = json.loads(gzip.decompress(answer.content))
        assert sum(service["catchment"] is not None for service in data["services"]) == 600
        corners = max(service["catchment"].count("[") for service in data["services"] if service["catchment"])
        assert corners < 1_600  # of 2,000, those that cannot be told apart are left out
        steps = data["surface"]
        assert len(steps) == 5
        assert all(before["to"] + 1 == after["from"] for before, after in pairwise(steps))
        assert steps[0]["from"] == 1


class TestThePage:
    def test_it_lists_all_and_says_in_words_what_is_not_drawn(self, ours, signed_in):
        f.ServiceFactory(network=ours.network, catchment=None, activity__name="Everywhere")
        page = BeautifulSoup(signed_in(ours.coordinator).get(MAP).text, "html.parser")
        said = " ".join(page.select_one(".network-map-drawing").get_text(" ", strip=True).split())
        assert "1 service has a catchment; 1 is for the whole area" in said
        tables = [table.get_text(" ", strip=True) for table in page.select("#content table")]
        assert len(tables) == 2
        assert "Ours 0 activity" in tables[0]
        assert "Everywhere" in tables[1]
        assert len(page.select(".place-map .catchment")) == 1

    def test_queries_stay_as_many(self, ours, signed_in, django_assert_num_queries):
        client = signed_in(ours.coordinator)
        client.get(MAP)
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(MAP)
        for _ in range(3):
            service = f.ServiceFactory(network=ours.network, catchment=f.square(-0.15, 51.54))
            Restriction.objects.create(service=service, age_from=60)
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(MAP)


def test_names_for_maps_are_for_anybody_signed_in(ours, signed_in):
    f.AreaFactory(name="Gospel Oak", boundary=f.square(-0.15, 51.54))
    address, query = reverse("backoffice:map_labels"), {"box": "-0.2,51.5,-0.1,51.58", "width": "800"}
    client = signed_in(ours.outsider)
    assert [label[0] for label in client.get(address, query).json()["labels"]] == ["Gospel Oak"]
    assert client.get(address, {**query, "box": "nonsense"}).status_code == 400
    assert client.post(address).status_code == 405
    assert Client().get(address, query).status_code == 302
