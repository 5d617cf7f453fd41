"""What visitors do in the directory: with a mouse, a keyboard or a thumb, with scripts and without."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from directory_site.addresses import service_path
from directory_site.models import DangerWords
from directory_site.tests.browser.found import heading, map_of, names, pin, pins
from directory_site.tests.town import HOME, POSTCODE
from referrals.tests.browsers import wait_for_layout, wait_until_ready
from referrals.urgent_numbers import URGENT_NUMBERS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def ask(page: Page, *, words: str = "", place: str = "") -> None:
    page.get_by_role("searchbox", name="What do you need?").fill(words)
    page.get_by_label("Postcode or place").fill(place)
    page.get_by_role("button", name="Find help").click()


def unfold_filters(page: Page) -> None:
    page.locator(".filters > summary").click()


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name)


FOOD = "/directory/?q=food&place=NW5+2AA"
NEAREST_FIRST = ["Food parcels", "Hot lunch of food", "Fridge with food"]


def test_food_near_a_postcode_that_is_open_today_and_the_link_to_it(town, visit):
    page = visit("/")
    ask(page, words="food", place=POSTCODE)
    expect(heading(page)).to_have_text("3 services for “food” near NW5 2AA")
    expect(names(page)).to_have_text(NEAREST_FIRST)
    unfold_filters(page)
    page.evaluate("window.isTheSamePage = true")
    box(page, town.today).focus()
    page.keyboard.press("Space")

    announced = page.get_by_role("status")
    expect(announced).to_have_text("2 services for “food” near NW5 2AA")
    expect(names(page)).to_have_text(NEAREST_FIRST[:2])
    expect(box(page, town.today)).to_be_checked()
    expect(box(page, town.today)).to_be_focused()
    expect(page).to_have_url(re.compile(r"/directory/\?q=food&place=NW5\+2AA&day=\d$"))
    expect(page).to_have_title(re.compile("^2 services for “food” near NW5 2AA .* Find help"))
    assert page.evaluate("window.isTheSamePage")

    shared = visit(page.url)
    expect(names(shared)).to_have_text(NEAREST_FIRST[:2])
    unfold_filters(shared)
    expect(box(shared, town.today)).to_be_checked()
    expect(shared.get_by_label("Postcode or place")).to_have_value(POSTCODE)
    shared.get_by_role("link", name=re.compile(f"^{town.today}.*remove")).click()
    expect(heading(shared)).to_have_text("3 services for “food” near NW5 2AA")


def test_back_and_forward_go_through_what_was_asked(town, visit):
    page = visit(FOOD)
    unfold_filters(page)
    box(page, "Open now").check()
    expect(names(page)).to_have_count(2)
    box(page, "Free of charge").check()
    expect(names(page)).to_have_count(1)
    names(page).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Food parcels")
    page.go_back()
    expect(names(page)).to_have_text(["Food parcels"])
    page.go_back()
    expect(names(page)).to_have_count(2)
    expect(page.locator("input[name=free]")).not_to_be_checked()
    expect(page.locator("input[name=open_now]")).to_be_checked()
    page.go_back()
    expect(names(page)).to_have_count(3)
    expect(page.locator("input[name=open_now]")).not_to_be_checked()
    page.go_forward()
    expect(names(page)).to_have_count(2)
    expect(page.locator("input[name=open_now]")).to_be_checked()


def test_boxes_ticked_in_a_hurry_all_count(town, visit):
    page = visit(FOOD)
    unfold_filters(page)
    waiting: list = []
    page.route("**/directory/**", lambda route: waiting.append(route) if not waiting else route.continue_())
    page.evaluate("document.querySelectorAll('input[name=open_now], input[name=free]').forEach(box => box.click())")
    expect(names(page)).to_have_text(["Food parcels"])
    expect(page).to_have_url(re.compile("open_now=1&free=1$"))
    with page.expect_event("requestfinished", lambda request: request == waiting[0].request):
        waiting[0].continue_()  # the first answer comes last
    wait_for_layout(page)
    expect(names(page)).to_have_text(["Food parcels"])
    polish = page.locator(".site-languages a[lang=pl]")
    expect(polish).to_have_attribute("href", re.compile("^/pl/.*open_now=1&free=1$"))


def test_all_of_it_without_javascript(town, visit):
    page = visit("/", java_script_enabled=False)
    ask(page, words="food", place=POSTCODE)
    expect(names(page)).to_have_text(NEAREST_FIRST)
    expect(page.get_by_role("img", name="Map of the services found")).to_be_visible()
    expect(page.locator(".service-map .venue")).to_have_count(3)
    expect(page.get_by_role("button", name="Near me")).to_have_count(0)
    unfold_filters(page)
    box(page, town.today).check()
    box(page, "Free of charge").check()
    page.get_by_role("button", name="Show results").click()
    expect(names(page)).to_have_text(["Food parcels"])
    page.get_by_role("link", name=re.compile("^Free of charge.*remove")).click()
    expect(names(page)).to_have_text(NEAREST_FIRST[:2])
    page.get_by_role("link", name="Name", exact=True).click()
    expect(names(page)).to_have_text(["Food parcels", "Hot lunch of food"])
    names(page).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Food parcels")


def press_until(page: Page, place: Locator, *, key: str = "Tab", most: int = 40) -> None:
    for _ in range(most):
        page.keyboard.press(key)
        if place.evaluate("place => place === document.activeElement"):
            return
    pytest.fail(f"{key} does not lead there.")


def test_by_keyboard_alone(town, visit):
    page = visit("/directory/")
    page.evaluate("window.isTheSamePage = true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    expect(page.locator("#main")).to_be_focused()
    assert page.evaluate("window.isTheSamePage")
    press_until(page, page.get_by_label("What do you need?"))
    page.keyboard.type("food")
    page.keyboard.press("Tab")
    page.keyboard.type(POSTCODE)
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(NEAREST_FIRST)
    press_until(page, page.locator(".filters > summary"))
    page.keyboard.press("Enter")
    press_until(page, box(page, "Open now"))
    page.keyboard.press("Space")
    expect(names(page)).to_have_text(NEAREST_FIRST[:2])
    expect(page.locator(".filters")).to_have_attribute("open", "")
    press_until(page, names(page).nth(1))
    expect(page.locator(".result.is-lit h3 a")).to_have_text("Hot lunch of food")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hot lunch of food")


@pytest.mark.parametrize(
    ("query", "name"),
    [("q=food&category=food&access=step_free", "Step-free"), ("q=lunch&free=1", "Free of charge")],
    ids=["it vanishes", "it cannot be ticked again"],
)
def test_a_box_that_is_lost_leaves_the_focus_with_the_filters(query, name, town, visit):
    page = visit(f"/directory/?{query}")
    expect(heading(page)).to_have_text(re.compile("^No service"))
    unfold_filters(page)
    box(page, name).focus()
    page.keyboard.press("Space")
    expect(names(page).first).to_be_visible()
    expect(page.locator(".filters > summary")).to_be_focused()


def test_on_a_phone_the_pins_say_what_stands_there(town, visit):
    page = visit(FOOD, **PHONE)
    page.get_by_role("link", name="To the map").tap()
    map_of(page)
    expect(names(page)).to_have_count(3)
    pin(page, "1").tap()
    link = page.locator(".leaflet-popup").get_by_role("link", name="1. Food parcels")
    expect(page.locator(".map-catchment")).to_have_count(1)
    link.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Food parcels")
    page.go_back()
    unfold_filters(page)
    page.get_by_text("Free of charge").first.tap()
    expect(names(page)).to_have_text(["Food parcels"])
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_list_and_map_hold_each_other_without_tiles(town, visit):
    page = visit(FOOD)
    map_of(page)
    expect(pins(page)).to_have_text(["1", "2", "3"])
    names(page).first.focus()
    expect(page.locator(".map-number.is-lit")).to_have_text("1")
    expect(page.locator(".map-catchment")).to_have_count(1)
    page.locator(".result").nth(1).hover()
    expect(page.locator(".map-number.is-lit")).to_have_text("2")
    expect(page.locator(".map-catchment")).to_have_count(0)
    pin(page, "3").hover()
    expect(page.locator(".result.is-lit h3")).to_contain_text("Fridge with food")
    pin(page, "3").click()
    expect(names(page).nth(2)).to_be_focused()
    expect(page.locator(".leaflet-tile")).to_have_count(0)

    unfold_filters(page)
    box(page, "Free of charge").check()
    expect(pins(page)).to_have_text(["1"])


def test_what_the_page_does_not_list_is_on_the_map_in_clusters(town, visit):
    page = visit("/directory/?page=2")
    map_of(page)
    expect(pins(page)).to_have_text(["21 +1", "23 +2"])  # they would hide one another
    popup = page.locator(".leaflet-popup")
    page.get_by_role("button", name="8 services here").click()
    expect(popup.get_by_role("link")).to_have_text([f"Advice {n}, Law Rooms" for n in range(13, 21)])
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)

    house = page.get_by_role("button", name="12 services here")
    for _ in range(6):  # twelve under one roof: deeper and deeper, by keyboard, to where no map takes them apart
        house.evaluate("house => { house.focus(); house.dataset.isOld = true; }")
        page.keyboard.press("Enter")
        expect(page.locator(".live-map [role=button]:not([data-is-old]):focus, .map-names a:focus")).to_have_count(1)
        if popup.count():
            break
    popup.get_by_role("link", name="See all of them in the list").press("Escape")
    expect(house).to_be_focused()
    house.press("Enter")
    popup.get_by_role("link", name="See all of them in the list").press("Enter")
    expect(heading(page)).to_have_text("12 services within 1 mile of where you are")


def test_near_me_asks_the_browser_only_when_it_is_told_to(town, visit):
    here = {"longitude": HOME.x, "latitude": HOME.y}
    page = visit("/directory/?q=food", geolocation=here, permissions=["geolocation"])
    page.get_by_role("button", name="Near me").click()
    expect(heading(page)).to_have_text("3 services for “food” near where you are")
    expect(names(page)).to_have_text(NEAREST_FIRST)
    expect(page).to_have_url(re.compile(r"near=51\.550%2C-0\.140$"))
    page.get_by_role("link", name=re.compile("^Where you are.*remove")).click()
    expect(heading(page)).to_have_text("3 services for “food”")


def test_a_browser_that_does_not_say_where_it_is(town, visit):
    page = visit("/directory/")
    page.get_by_role("button", name="Near me").click()
    expect(page.get_by_role("status")).to_have_text(re.compile("^Your browser did not say where you are"))
    expect(page.locator("#place-problem")).to_contain_text("Type a postcode instead.")
    expect(page.get_by_label("Postcode or place")).to_be_focused()


def test_mistyped_words_and_unknown_places_are_pointed_out(town, visit):
    page = visit("/directory/")
    ask(page, words="foood", place="Atlantis")
    expect(page.get_by_text("Nothing matches “foood”. These are the results for “food”.")).to_be_visible()
    expect(names(page)).to_have_count(3)
    place = page.get_by_label("Postcode or place")
    expect(place).to_have_attribute("aria-invalid", "true")
    expect(place).to_have_accessible_description(re.compile("^We do not know where “Atlantis” is"))
    place.fill(POSTCODE)  # typed, not sent: a filter asks for it as well
    unfold_filters(page)
    box(page, "Open now").check()
    expect(heading(page)).to_have_text("2 services for “foood” near NW5 2AA")
    expect(place).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("We do not know where")).to_have_count(0)
    map_of(page)
    expect(page.locator(".map-here")).to_have_count(1)


def test_all_numbers_to_ring_are_on_the_first_screen_of_a_phone(town, visit):
    DangerWords.objects.create(danger="Violence at home", words="hits me")
    town.site.urgent_help = [
        ("line", {"when": line.when, "name": line.name, "phone": line.phone, "note": line.note})
        for line in URGENT_NUMBERS
    ]
    town.site.save()
    page = visit("/directory/?q=he+hits+me", **PHONE | {"viewport": {"width": 390, "height": 664}})
    numbers = page.locator(".urgent-now").get_by_role("link")
    expect(numbers).to_have_text([number.phone for number in URGENT_NUMBERS])
    top_of_the_way_out = page.locator(".leave").bounding_box()["y"]
    for number in numbers.all():
        expect(number).to_be_in_viewport(ratio=1)
        assert number.bounding_box()["y"] + number.bounding_box()["height"] <= top_of_the_way_out


def test_nothing_found_shows_wider_searches_and_urgent_help(town, visit):
    page = visit("/directory/?q=advice&place=NW5+2AA&within=1&free=1")
    expect(heading(page)).to_have_text("No service for “advice” within 1 mile of NW5 2AA")
    nothing = page.get_by_role("region", name="What you can try")
    expect(nothing).to_contain_text("Nothing here fits. Ask a person.")
    expect(nothing.get_by_role("link")).to_have_text(["“advice” anywhere: 22 services", "All services: 25 services"])
    urgent = page.get_by_role("region", name="If it cannot wait")
    expect(urgent.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    nothing.get_by_role("link", name="“advice” anywhere: 22 services").click()
    expect(heading(page)).to_have_text("22 services for “advice”")


def test_from_page_to_page_to_a_service_and_back(town, visit):
    page = visit("/directory/")
    expect(heading(page)).to_have_text("25 services")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    expect(names(page)).to_have_text(
        ["Advice 21", "Advice 22", "Food parcels", "Fridge with food", "Hot lunch of food"]
    )
    expect(page.locator(".pin-number").first).to_have_text("21")
    page.get_by_role("link", name="Hot lunch of food").click()
    assert page.url.endswith(service_path(town.lunch))
    page.go_back()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    unfold_filters(page)
    box(page, "Advice").check()  # from the first page again
    expect(heading(page)).to_have_text("22 services")
    expect(names(page).first).to_have_text("Advice 01")

    page.goto(page.url + "&page=9")
    expect(page.get_by_text("There are not that many pages.")).to_be_visible()
    page.get_by_role("link", name="The first page").click()
    expect(names(page).first).to_have_text("Advice 01")


def test_nothing_moves_when_the_scripts_start(town, visit):
    page = visit("/directory/", viewport={"width": 390, "height": 844})
    page.add_init_script(
        """window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => moved += entry.value))
        .observe({type: "layout-shift", buffered: true})"""
    )
    for path in (FOOD, f"{FOOD}&free=1", "/directory/"):
        page.goto(page.url.partition("/directory")[0] + path)
        expect(page.get_by_role("button", name="Near me")).to_be_visible()
        map_of(page)
        wait_until_ready(page)
        wait_for_layout(page)
        assert page.evaluate("moved") == 0, path


def test_filters_scroll_with_the_page_and_one_that_would_leave_nothing_cannot_be_ticked(town, visit):
    page = visit(f"/directory/?q=fridge&place={POSTCODE}")
    unfold_filters(page)
    expect(box(page, "Open now")).to_be_disabled()
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll(".filters, .filters *")]
             .filter(one => ["auto", "scroll"].includes(getComputedStyle(one).overflowY)).length"""
        )
        == 0
    )
