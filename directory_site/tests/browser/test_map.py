"""The map of the directory by mouse, keyboard and thumb."""

import re

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from playwright.sync_api import Page, expect

from directory_site.tests.browser.found import heading, map_of, names, pin, pins
from directory_site.tests.town import HOME, POSTCODE, Town
from referrals.tests import factories as f
from referrals.tests.browsers import wait_until, wait_until_ready

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECOND_PAGE = "/directory/?page=2"
# How near bubbles come to what they would cover or be covered by: 1 where they touch, 0 with one middle on the other.
CLOSEST = """() => {
  const marks = [...document.querySelectorAll(".live-map .leaflet-marker-icon")];
  const middle = one => { const box = one.getBoundingClientRect();
    return {x: box.x + box.width / 2, y: box.y + box.height / 2, wide: box.width, high: box.height}; };
  const apart = (one, other) => Math.hypot(
    (one.x - other.x) / ((one.wide + other.wide) / 2), (one.y - other.y) / ((one.high + other.high) / 2));
  return Math.min(...marks.filter(one => one.matches("[role=button]")).flatMap(
    bubble => marks.filter(one => one !== bubble).map(one => apart(middle(bubble), middle(one)))));
}"""
INSIDE_MAP = """part => {
  const map = document.querySelector(".live-map").getBoundingClientRect(), box = part.getBoundingClientRect();
  return box.left >= map.left && box.right <= map.right && box.top >= map.top && box.bottom <= map.bottom;
}"""


def phone(width: int) -> dict[str, object]:
    return {"viewport": {"width": width, "height": 844}, "has_touch": True, "is_mobile": True}


def crowd(town: Town) -> None:
    """Forty more services round the home: half of them are listed first, the others stand between them."""
    by = f.OrganisationFactory(name="The Crowd", network=town.network)
    for number in range(40):
        point = Point(HOME.x + number % 8 * 0.0016, HOME.y + number // 8 * 0.001, srid=4326)
        venue = f.VenueFactory(organisation=by, point=point)
        given = {"network": town.network, "organisation": by, "activity__name": f"{'AZ'[number % 2]}{number:02}"}
        f.ServiceFactory(**given, venue=venue, is_public=True)


def bubble(page: Page, name: str):
    return page.get_by_role("button", name=name)


@pytest.mark.parametrize("width", [390, 320])
def test_what_opens_on_a_phones_map_lies_inside_it(width, town, visit):
    page = visit(SECOND_PAGE, **phone(width))
    map_of(page)
    pins(page).filter(has_text="+").first.tap()
    expect(page.locator(".leaflet-popup a").first).to_be_visible()
    for part in (".leaflet-popup-content-wrapper", ".leaflet-popup-close-button"):
        wait_until(page, lambda part=part: page.locator(part).evaluate(INSIDE_MAP))  # the map moves to show all of it
    page.get_by_role("button", name="Close").tap()
    expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_a_pin_of_several_services_stands_for_all_of_them(town, visit):
    page = visit(SECOND_PAGE)
    map_of(page)
    pin(page, "23 +2").hover()
    expect(page.locator(".result.is-lit h3 a")).to_have_text(["Food parcels", "Fridge with food", "Hot lunch of food"])
    expect(page.locator(".map-catchment")).to_have_count(1)
    pin(page, "23 +2").click()
    links = page.locator(".leaflet-popup").get_by_role("link")
    expect(links).to_have_text(["23. Food parcels", "24. Fridge with food", "25. Hot lunch of food"])
    expect(page.locator(".leaflet-pan-anim")).to_have_count(0)  # the map may move to make room for the popup
    links.nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hot lunch of food")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_goes_deeper_and_stays_on_the_map(key, town, visit):
    page = visit("/directory/?page=3")  # lists nothing, so all stand in clusters
    map_of(page)
    largest = page.locator(".live-map .map-cluster").first
    largest.focus()
    height = page.evaluate("scrollY")
    page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Zoomed in\. Services on the map now: \d+\.$"))
    expect(page.locator(".live-map [role=button]:focus")).to_have_count(1)
    assert page.evaluate("scrollY") == height


def test_space_opens_what_a_bubble_stands_for(town, visit):
    page = visit(SECOND_PAGE)
    map_of(page)
    bubble(page, "8 services here").focus()
    page.keyboard.press("Space")
    expect(page.locator(".leaflet-popup a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(bubble(page, "8 services here")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_on_the_map_hides_another(width, town, visit):
    crowd(town)
    page = visit("/directory/", viewport={"width": width, "height": 900})
    map_of(page)
    wait_until_ready(page)
    expect(page.locator(".live-map [role=button]").nth(1)).to_be_visible()
    expect(pins(page).nth(3)).to_be_visible()
    assert page.evaluate(CLOSEST) > 0.9


def test_the_map_says_what_its_marks_mean_while_it_has_some(town, visit):
    page = visit("/directory/")
    map_of(page)
    key = page.get_by_role("list", name="What the marks mean")
    expect(key).to_have_text(re.compile(r"in the list\s+5 several others\s+one other"))
    expect(page.locator(".map-note").last).to_contain_text("only part of the area")

    page = visit(f"/directory/?q=food&place={POSTCODE}&category=advice", **phone(390))
    expect(heading(page)).to_have_text("No service for “food” near NW5 2AA")
    expect(names(page)).to_have_count(0)
    map_of(page)
    expect(page.locator(".map-note")).to_have_count(2)
    for gone in (page.locator(".map-note").first, page.locator(".map-note").last):
        expect(gone).to_be_hidden()
    expect(page.get_by_role("link", name="To the map")).to_have_count(0)


def test_the_map_of_a_directory_stays_when_its_data_does_not_come(town, visit):
    page = visit("/")
    page.route(f"**{reverse('public_boundary')}", lambda route: route.abort())
    page.goto(f"{page.url}directory/?q=food&place={POSTCODE}")
    map_of(page)
    expect(pins(page)).to_have_text(["1", "2", "3"])


def test_what_can_be_pressed_on_the_map_is_24_pixels_wide(town, visit):
    page = visit("/directory/")
    wait_until_ready(page)
    marks = map_of(page).locator("[tabindex='0']:not(.live-map)")
    expect(marks.first).to_be_visible()
    assert min(min(mark.bounding_box()["width"], mark.bounding_box()["height"]) for mark in marks.all()) >= 24
