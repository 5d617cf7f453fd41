"""When nothing is found: what to try instead finds something, and as much as it says."""

import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory_site.tests.town import Town
from referrals.models import Postcode

NEAR = "place=NW5+2AA"


@pytest.fixture
def town(db) -> Town:
    return Town()


def page(client: Client, query: str) -> BeautifulSoup:
    response = client.get(f"/directory/?{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def ways(client: Client, query: str) -> list[str]:
    """Return what is offered, after each was followed."""
    offered = page(client, query).select(".nothing .ways a")
    for way in offered:
        number = re.search(r": (\d+) services?$", way.get_text())[1]
        found = page(client, way["href"].partition("?")[2]).select_one("#found-heading").get_text()
        assert re.match(rf"{number} service", found), (way, found)
    return [way.get_text() for way in offered]


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        (f"q=fridge&open_now=1&{NEAR}", ["Without “Open now”: 1 service", "All services: 25 services"]),
        (
            "q=fridge&open_now=1&free=1&category=food&category=advice",
            ["Without filters: 1 service", "All services: 25 services"],
        ),
        (
            "q=advice&free=1&category=advice",
            ["Without “Free of charge”: 22 services", "Without filters: 22 services", "All services: 25 services"],
        ),
        (f"q=advice&{NEAR}&within=1", ["Within 5 miles: 22 services", "All services: 25 services"]),
        (f"q=advice&{NEAR}&within=1&free=1", ["“advice” anywhere: 22 services", "All services: 25 services"]),
        (f"q=xylophone&{NEAR}", ["Everything near NW5 2AA: 25 services", "All services: 25 services"]),
        ("q=xylophone", ["All services: 25 services"]),
        ("place=EH3+9AA&q=food", ["At any distance: 3 services", "All services: 25 services"]),
    ],
)
def test_each_way_finds_as_much_as_it_says(town, client, query, offered):
    Postcode.objects.create(code="EH39AA", point=Point(-3.2, 55.94, srid=4326))
    assert ways(client, query) == offered


def test_to_wait_until_it_opens_is_offered_before_all_else(town, client):
    query = f"q=food&open_now=1&access=lift&{NEAR}"
    assert ways(client, query)[0].startswith("Without “Lift”")
    town.fridge.venue.access_features = ["lift"]
    town.fridge.venue.save()
    assert ways(client, query)[:2] == ["Without “Open now”: 1 service", "Without “Lift”: 2 services"]


def test_to_find_nothing_takes_few_queries_more(town, client):
    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, query)
        return len(captured)

    queries(NEAR)
    found = queries(f"q=advice&{NEAR}")
    assert queries(f"q=advice&{NEAR}&within=1") <= found + 3
    assert queries(f"q=advice&{NEAR}&within=1&free=1") <= found + 3


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("EH1 1AA", "We do not know EH1 1AA. It may be newer than our list of postcodes. Try its first half"),
        ("eh1,", "We do not know EH1. It may be newer"),
        ("BT1 5GS", "Postcodes of Northern Ireland are not loaded here. Try"),
        ("NW5 2AS", "We do not know NW5 2AS."),
        ("EH1 1A", "We do not know where “EH1 1A” is. Check how it is written"),
        ("Atlantis", "We do not know where “Atlantis” is. Check how it is written"),
    ],
)
def test_a_postcode_that_is_well_written_is_not_said_to_be_written_wrongly(town, client, place, says):
    said = page(client, f"place={place.replace(' ', '+')}").select_one("#place-problem").get_text()
    assert said.startswith(says)
