"""Leaving a sensitive page: by thumb, by keyboard, without scripts; nothing of it stays."""

import pytest
from playwright.sync_api import Page, expect

from directory_site.models import PublicSite
from directory_site.tests.browser.found import heading
from directory_site.tests.made_sites import listed, made_site
from referrals.tests import factories as f

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATH = "/guidance/unsafe-at-home/"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def site(transactional_db, live_server) -> PublicSite:
    site = made_site()
    site.leave_address = f"{live_server.url}/privacy/"  # a browser of these tests reaches nothing else
    site.save()
    return site


def open_from_guidance(visit, **options: object) -> Page:
    page = visit("/guidance/", **options)
    page.locator(f"a[href='{PATH}']").first.click()
    page.wait_for_url(f"**{PATH}")
    return page


def test_the_button_takes_the_page_out_of_the_history(site, visit):
    page = open_from_guidance(visit)
    page.get_by_role("link", name="Leave this site quickly").click()
    page.wait_for_url("**/privacy/")
    page.go_back()
    page.wait_for_url("**/guidance/")


def test_it_leaves_where_the_browser_can_store_nothing_too(site, visit):
    page = open_from_guidance(visit)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }")
    page.get_by_role("link", name="Leave this site quickly").click()
    page.wait_for_url("**/privacy/")


def test_back_to_a_sensitive_page_that_was_read_before_leaves_again_until_somebody_opens_one(site, visit):
    page = open_from_guidance(visit)
    page.goto(page.url.replace(PATH, f"{PATH}?second"))
    page.get_by_role("link", name="Leave this site quickly").click()
    page.wait_for_url("**/privacy/")
    page.go_back()
    page.wait_for_url("**/privacy/")
    page.go_back()
    page.wait_for_url("**/guidance/")
    page.locator(f"a[href='{PATH}']").first.click()
    page.wait_for_url(f"**{PATH}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_shift_three_times_leaves_and_says_how_often_is_left(site, visit):
    page = open_from_guidance(visit)
    page.keyboard.press("Shift")
    expect(page.get_by_role("status")).to_have_text("Shift, twice more to leave")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.wait_for_url("**/privacy/")


def test_capital_letters_and_other_keys_do_not_leave(site, visit):
    page = open_from_guidance(visit)
    for key in ("Shift", "Shift+A", "Shift", "Tab", "Shift", "Shift", "a"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text("or press Shift three times")
    assert page.url.endswith(PATH)


def test_without_scripts_it_is_a_link(site, visit):
    page = open_from_guidance(visit, java_script_enabled=False)
    expect(page.get_by_role("status")).to_have_count(0)
    page.get_by_role("link", name="Leave this site quickly").click()
    page.wait_for_url("**/privacy/")


def test_on_a_phone_it_stays_in_reach_of_the_thumb_and_covers_nothing_that_has_the_focus(site, visit):
    page = visit(PATH, **PHONE)
    button = page.get_by_role("link", name="Leave this site quickly")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    box = button.bounding_box()
    assert box["y"] > 844 / 2
    assert box["y"] + box["height"] <= 844
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    last = page.locator("footer a").last
    last.focus()
    assert last.bounding_box()["y"] + last.bounding_box()["height"] <= page.locator(".leave").bounding_box()["y"]


def test_on_the_narrowest_phone_a_number_leaves_room_for_the_words_that_say_when_to_ring_it(site, visit):
    page = visit("/directory/?q=kill+myself", **PHONE | {"viewport": {"width": 320, "height": 640}})
    lines = page.locator(".urgent-now .urgent-when")
    widths = lines.evaluate_all("lines => lines.map((line) => line.getBoundingClientRect().width)")
    assert min(widths) > 100  # "frightens", at least


def test_it_comes_and_goes_with_what_is_found_in_place(site, visit):
    network = f.NetworkFactory()
    f.CategoryFactory(network=network, name="Refuge", slug="refuge", is_sensitive=True)
    listed(network, "A safe place", "refuge")
    listed(network, "Pantry")
    page = visit("/directory/")
    button = page.get_by_role("link", name="Leave this site quickly")
    page.locator(".filters > summary").click()
    page.get_by_role("checkbox", name="Refuge").check()
    expect(heading(page)).to_have_text("1 service")
    expect(page.get_by_text("or press Shift three times")).to_be_visible()
    page.get_by_role("checkbox", name="Refuge").uncheck()
    expect(heading(page)).to_have_text("2 services")
    expect(button).to_have_count(0)
    for _ in range(3):
        page.keyboard.press("Shift")
    page.get_by_role("checkbox", name="Refuge").check()
    expect(button).to_be_visible()
    page.evaluate("window.isTheSamePage = true")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("**/privacy/")


def test_it_is_not_printed(site, visit):
    page = visit(PATH)
    page.emulate_media(media="print")
    expect(page.locator(".leave")).to_be_hidden()
