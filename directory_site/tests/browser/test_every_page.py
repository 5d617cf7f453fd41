"""Every kind of page of the public site, wide and narrow, light and dark: accessible, whole, in reach of a thumb."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from directory_site.addresses import correction_path, organisation_path, send_path, service_path
from directory_site.tests.browser.found import SMALL_TARGETS, map_of
from directory_site.tests.made_sites import made_site
from directory_site.tests.town import POSTCODE, Town
from referrals.models import Service
from referrals.tests import factories as f
from referrals.tests.browsers import wait_until_ready
from referrals.tests.depth import gate_or_all
from referrals.tests.page_walk import IS_TOO_WIDE, PageWalk, draw_screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Of what the keyboard comes to: that which looks the same with the focus on it.
WITHOUT_FOCUS_RING = """() => [...document.querySelectorAll("a[href], button, summary, select, input, [tabindex='0']")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== "hidden")
  .filter(one => { one.focus({focusVisible: true, preventScroll: true}); const look = getComputedStyle(one);
                   return look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2; })
  .map(one => one.outerHTML.slice(0, 150))"""

Press = Callable[[Page], None]


@pytest.fixture
def town(transactional_db) -> Town:
    town = Town()
    made_site(town.network, translated=True)
    return town


def nothing(page: Page) -> None:
    """Look at the page as it opens."""


def unfold_filters(page: Page) -> None:
    page.locator(".filters > summary").click()


def see_the_map(page: Page) -> None:
    map_of(page)
    wait_until_ready(page)


def look_at_the_map(page: Page) -> None:
    see_the_map(page)
    page.get_by_role("button", name="8 services here").press("Enter")
    expect(page.locator(".leaflet-popup a").first).to_be_focused()


def send_it_empty(page: Page) -> None:
    page.locator("main form button").last.click()
    page.get_by_role("alert").wait_for()


def unfold_urgent_help(page: Page) -> None:
    page.locator(".urgent-bar summary").click()


def pages(town: Town) -> list[tuple[str, Press]]:
    thanks = [town.parcels.pk, "x"]
    return [
        ("/", unfold_urgent_help),
        ("/directory/", see_the_map),
        (f"/directory/?q=food&place={POSTCODE}&open_now=1", unfold_filters),
        ("/directory/?q=foood&place=Atlantis", nothing),
        (f"/directory/?q=xylophone&place={POSTCODE}", nothing),
        ("/directory/?page=2", look_at_the_map),
        (service_path(town.parcels), nothing),
        (organisation_path(town.parcels.organisation), nothing),
        ("/guidance/", nothing),
        ("/guidance/no-food-today/", nothing),
        ("/about/", nothing),
        ("/contact/", nothing),
        (correction_path(town.parcels), send_it_empty),
        (reverse("public_correction_thanks", args=thanks), nothing),
        (send_path(town.parcels), nothing),
        (reverse("public_send_thanks", args=thanks), nothing),
        (reverse("public_message"), send_it_empty),
        (reverse("public_message_thanks"), nothing),
        ("/no-such-page/", nothing),
    ]


@pytest.mark.slow(reason="forty addresses of one site")
# The walk below sees 390 as well, in English.
@pytest.mark.sampled
@pytest.mark.parametrize("width", gate_or_all([320], [320, 390]))
def test_no_page_scrolls_sideways_in_any_language(width, town, live_server, new_context):
    on_one_day = Service.objects.filter(pk=town.fridge.pk)  # "Opens Sunday at 00:00, by appointment"
    on_one_day.update(by_appointment=True, picture=f.PictureFactory(organisation=town.fridge.organisation))
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    addresses = [*(path for path, _ in pages(town)), f"/directory/?q={'Donaudampfschifffahrtsgesellschaft' * 3}"]
    for path in (start + path for start in ("", "/pl") for path in addresses):
        page.goto(live_server.url + path)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert not page.evaluate(IS_TOO_WIDE), path


@pytest.mark.slow(reason="a walk: making its site again for each page would take longer than opening it")
@pytest.mark.parametrize("screen", draw_screens("the directory"), ids=str)
def test_every_kind_of_page_is_accessible_fits_the_screen_and_keeps_to_its_policy(
    screen, town, live_server, new_context
):
    walk = PageWalk(new_context, screen, small_targets=SMALL_TARGETS)
    in_polish = [("/pl/", unfold_urgent_help), ("/pl/directory/?q=jedzenie", unfold_filters), ("/pl/contact/", nothing)]
    for path, press in (*pages(town), *in_polish, ("/pl/guidance/no-food-today/", nothing)):
        walk.look_at(live_server.url + path, press)
    walk.assert_no_problems()


def test_whatever_has_the_focus_shows_it(town, live_server, new_context):
    page = new_context().new_page()
    for path in ("/", f"/directory/?q=food&place={POSTCODE}&open_now=1", "/contact/"):
        page.goto(live_server.url + path)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert page.evaluate(WITHOUT_FOCUS_RING) == [], path


@pytest.mark.sampled
def test_paper_has_the_results_and_none_of_the_buttons(town, live_server, new_context):
    page = new_context().new_page()
    page.goto(f"{live_server.url}/directory/?q=food&place={POSTCODE}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="3 services for “food” near NW5 2AA")).to_be_visible()
    expect(page.locator(".result")).to_have_count(3)
    expect(page.get_by_text("House of Food parcels")).to_be_visible()
    for one in (".ask", ".filters", ".map-column", ".sorts", ".site-menu", ".urgent-bar"):
        expect(page.locator(one)).to_be_hidden()
