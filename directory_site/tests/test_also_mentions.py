"""Services that only mention what was typed stand at the end, under a heading of their own."""

import pytest
from bs4 import BeautifulSoup

from directory_site.search import PAGE_SIZE
from directory_site.tests.town import Town
from referrals.models import Service


@pytest.fixture
def town(db) -> Town:
    town = Town()
    Service.objects.filter(pk__in=[town.lunch.pk, town.fridge.pk]).update(description="Sometimes a blanket.")
    return town


def page(client, query: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/directory/?{query}").content, "html.parser")


def lists(html: BeautifulSoup) -> list[tuple[str, list[str]]]:
    return [
        (one["start"], [link.get_text() for link in one.select("h3 a")]) for one in html.select("#found ol.results")
    ]


def test_the_list_has_two_parts_with_numbers_that_go_on(town, client):
    Service.objects.filter(pk=town.parcels.pk).update(summary="A blanket and food")
    html = page(client, "q=blanket")
    assert html.select_one("#found-heading").get_text() == "3 services for “blanket”"
    assert lists(html) == [("1", ["Food parcels"]), ("2", ["Fridge with food", "Hot lunch of food"])]
    section = html.select_one("section.mentions")
    assert section.select_one(f"#{section['aria-labelledby']}").get_text() == "Also mentions"
    assert "2 services are about something else" in section.get_text()
    numbers = [pin.get_text() for pin in html.select(".result .pin-number")]
    assert numbers == ["1", "2", "3"]


def test_nothing_is_set_apart_where_all_only_mention_it(town, client):
    html = page(client, "q=blanket")
    assert lists(html) == [("1", ["Fridge with food", "Hot lunch of food"])]
    assert html.select_one("section.mentions") is None


@pytest.mark.parametrize("sort", ["", "&sort=name", "&sort=nearest&place=NW5+2AA"])
def test_they_come_last_on_the_last_page_in_every_order(town, client, sort):
    Service.objects.filter(pk=town.parcels.pk).update(description="Some advice.")
    first, second = (page(client, f"q=advice{sort}&within=any&page={number}") for number in (1, 2))
    assert [len(names) for _start, names in lists(first)] == [PAGE_SIZE]
    assert lists(second)[-1] == ("23", ["Food parcels"])
    assert [len(names) for _start, names in lists(second)] == [2, 1]
    assert first.select_one("#found-heading").get_text().startswith("23 services for “advice”")
