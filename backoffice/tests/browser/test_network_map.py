"""The network's map by mouse and by keyboard, with few catchments and with many, and without scripts."""

import re

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.tests.tenants import Tenant
from referrals.models import Service
from referrals.tests import factories as f
from referrals.tests.browsers import give_session
from referrals.tests.page_walk import find_accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tenant(transactional_db) -> Tenant:
    """Two organisations have catchments that overlap, one for people of 60 and over; one serves the whole area."""
    tenant = Tenant("Northside")
    f.AreaFactory(name="Gospel Oak", boundary=f.square(-0.15, 51.52))
    for name, x in (("Kite", -0.17), ("Loom", -0.15)):
        service = f.ServiceFactory(
            network=tenant.network,
            organisation=f.OrganisationFactory(name=name, network=tenant.network),
            activity__name=f"{name} lunch",
            catchment=f.square(x, 51.54, half=0.015),
        )
        service.venue = f.VenueFactory(organisation=service.organisation, point=Point(x, 51.54, srid=4326))
        service.save()
    moss = f.OrganisationFactory(name="Moss", network=tenant.network)
    f.ServiceFactory(network=tenant.network, organisation=moss, activity__name="Moss line")
    f.RestrictionFactory(service=Service.objects.get(activity__name="Kite lunch"), option=None, age_from=60)
    return tenant


@pytest.fixture
def open_map(live_server, new_context, tenant):
    def open_map(query: str = "", **options) -> Page:
        context = new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        give_session(context, live_server.url, tenant.coordinator)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(live_server.url + reverse("backoffice:network_map") + query)
        if options.get("java_script_enabled", True):
            expect(page.locator(".network-map")).to_have_attribute("data-ready", "true")
        return page

    return open_map


def live(page: Page):
    return page.locator(".network-map-live")


def lit(page: Page):
    return page.locator(".network-area.is-lit")


def name(page: Page, organisation: str):
    return page.locator(".network-map-names").get_by_role("link", name=organisation)


def test_pointing_at_a_name_and_moving_to_it_light_up_its_areas(open_map):
    page = open_map("?q=l")
    expect(page.locator(".map-label")).to_have_text(["Gospel Oak"])
    expect(live(page)).to_have_attribute("data-view", "outlines")
    expect(page.locator(".network-area")).to_have_count(2)
    name(page, "Kite").hover()
    expect(lit(page)).to_have_count(1)
    expect(live(page)).to_have_class(re.compile("has-focus"))
    page.mouse.move(2, 2)
    expect(lit(page)).to_have_count(0)
    name(page, "Kite").focus()
    expect(lit(page)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(name(page, "Loom")).to_be_focused()
    expect(lit(page)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(".network-area.is-lit.is-whole")).to_have_count(1)
    assert find_accessibility_problems(page) == []

    circles = page.get_by_role("button", name="Circles at the venues")
    circles.press("Enter")
    expect(circles).to_have_attribute("aria-pressed", "true")
    expect(page.locator("circle.network-area, path.network-area")).to_have_count(2)
    circles.press("Enter")
    expect(circles).to_have_attribute("aria-pressed", "false")
    expect(live(page)).to_have_attribute("data-view", "outlines")
    page.get_by_label("Organisation", exact=True).select_option(label="Kite (1)")
    expect(page).to_have_url(re.compile("organisation="))
    expect(page.locator(".network-map-names li")).to_have_count(1)
    expect(page.locator(".network-area")).to_have_count(1)


def test_a_place_tells_what_is_there_and_for_whom(open_map):
    page = open_map("?q=l")
    box = live(page).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("2 services here")
    expect(popup).to_contain_text("Kite · People aged 60 or over · 0 of 10 places taken")
    expect(popup).to_contain_text("Loom · Everyone")
    expect(popup.get_by_role("link", name="1 service for the whole area")).to_be_visible()
    page.locator(".leaflet-popup-close-button").click()
    expect(popup).to_have_count(0)
    live(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".network-map-answer")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(popup.get_by_role("link", name="Kite lunch")).to_be_focused()
    page.keyboard.press("Escape")
    expect(live(page)).to_be_focused()
    expect(popup).to_have_count(0)


def test_many_catchments_are_counted_and_only_what_is_in_focus_is_outlined(open_map, tenant):
    kite = Service.objects.get(activity__name="Kite lunch")
    Service.objects.bulk_create(
        Service(
            network=kite.network,
            organisation=kite.organisation,
            activity=kite.activity,
            capacity=1,
            catchment=f.square(-0.17 + number / 2000, 51.54, half=0.01),
        )
        for number in range(26)
    )
    page = open_map(viewport={"width": 390, "height": 844})
    expect(live(page)).to_have_attribute("data-view", "surface")
    expect(page.locator(".surface-step").first).to_be_attached()
    expect(page.locator(".network-area")).to_have_count(0)
    expect(page.locator(".scale-key li")).to_have_count(5)
    name(page, "Loom").focus()
    expect(lit(page)).to_have_count(1)
    overlap = page.get_by_role("button", name="How many overlap")
    expect(overlap).to_have_attribute("aria-pressed", "true")
    overlap.click()
    expect(overlap).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".surface-step")).to_have_count(0)
    expect(page.locator(".scale-key")).to_be_hidden()
    assert page.locator(".network-area").count() > 26
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_without_scripts_the_servers_drawing_and_the_list_say_it(open_map):
    page = open_map("?q=lunch", java_script_enabled=False)
    expect(page.get_by_role("img", name="Map of the network")).to_be_visible()
    expect(page.locator(".place-map .catchment")).to_have_count(2)
    expect(page.locator(".place-map .map-name.area")).to_have_count(1)
    expect(page.get_by_role("button", name="Circles at the venues")).to_be_hidden()
    expect(page.get_by_role("row", name=re.compile("^Kite lunch"))).to_contain_text("People aged 60 or over")
