"""A catchment drawn by mouse, said by keyboard, pasted and mended; a venue's pin; wide and narrow."""

import json

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from backoffice.tests.browser.drawing import put_corner
from backoffice.tests.browser.scene import PASSWORD, sign_in
from backoffice.tests.tenants import Tenant
from referrals.models import Service, Venue
from referrals.tests.browsers import wait_until_ready
from referrals.tests.factories import AreaFactory, square
from referrals.tests.page_walk import find_accessibility_problems
from referrals.tests.watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = {"viewport": {"width": 1280, "height": 900}}, {"viewport": {"width": 390, "height": 844}}
BOW_TIE = [[-0.16, 51.53], [-0.14, 51.55], [-0.14, 51.53], [-0.16, 51.55], [-0.16, 51.53]]
LATER_POSTCODE = "We do not know NW9 9ZZ. It may be newer than our list of postcodes. Please check it."


@pytest.fixture
def tenant(transactional_db) -> Tenant:
    tenant = Tenant("Northside")
    tenant.refuge.point = Point(-0.16, 51.55, srid=4326)
    tenant.refuge.save()
    tenant.insider.set_password(PASSWORD)
    tenant.insider.save()
    return tenant


@pytest.fixture
def form(tenant, live_server, new_context):
    """Open the form of the tenant's service; nothing may be refused or fail in it."""
    watches = []

    def open_form(**options) -> Page:
        context = new_context(**options)
        watches.append(Watch(context))
        page = context.new_page()
        address = reverse("backoffice:referrals_service_change", args=[tenant.service.pk])
        sign_in(page, live_server.url, tenant.insider, then=address)
        wait_until_ready(page)
        return page

    yield open_form
    assert [problem for watch in watches for problem in (*watch.refused, *watch.broken)] == []


def said(page: Page) -> Locator:
    return page.locator(".catchment-said")


def drawn(page: Page) -> Locator:
    """The polygons that can be changed: what lies around them reacts to nothing."""
    return page.locator(".catchment-map path.leaflet-interactive")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def click_corners(page: Page, *corners: tuple[float, float]) -> None:
    """Click on the map at shares of its width and height."""
    for x, y in corners:
        box = page.locator(".catchment-map").bounding_box()
        put_corner(page, lambda x=box["x"] + x * box["width"], y=box["y"] + y * box["height"]: page.mouse.click(x, y))


def save(page: Page, tenant: Tenant) -> Service:
    button(page, "Save").click()
    page.get_by_text("was changed successfully").wait_for()
    return Service.objects.get(pk=tenant.service.pk)


@pytest.mark.sampled
def test_polygons_are_drawn_cut_changed_and_deleted_by_mouse(form, tenant):
    page = form(**WIDE)
    page.locator(".catchment").scroll_into_view_if_needed()
    expect(drawn(page)).to_have_count(1)
    button(page, "Draw an area").click()
    click_corners(page, (0.15, 0.15), (0.35, 0.15), (0.35, 0.85), (0.15, 0.85))
    button(page, "Finish").click()
    expect(said(page)).to_have_text("Added what was drawn.")
    expect(drawn(page)).to_have_count(2)

    button(page, "Cut a part away").click()
    click_corners(page, (0.2, 0.3), (0.3, 0.3), (0.3, 0.6), (0.2, 0.6))
    button(page, "Finish").click()
    expect(said(page)).to_have_text("Took away what was drawn.")
    shape = json.loads(page.locator("#id_catchment").input_value())
    assert sorted(len(rings) for rings in shape["coordinates"]) == [1, 2]

    button(page, "Move corners").click()
    corners = sum(len(ring) - 1 for rings in shape["coordinates"] for ring in rings)  # those of the hole as well
    expect(page.locator(".map-corner")).to_have_count(2 * corners)  # and the middle of each side
    corner = page.locator(".map-corner").first
    corner.hover()
    page.mouse.down()
    page.mouse.move(*[round(edge) + 12 for edge in (corner.bounding_box()["x"], corner.bounding_box()["y"])], steps=4)
    page.mouse.up()
    button(page, "Finish").click()
    expect(said(page)).to_have_text("Corners moved.")
    assert json.loads(page.locator("#id_catchment").input_value()) != shape

    button(page, "Delete an area").click()
    drawn(page).first.click(position={"x": 3, "y": 30})
    expect(said(page)).to_have_text("Area deleted.")
    expect(drawn(page)).to_have_count(1)
    assert len(save(page, tenant).catchment) == 1


def test_all_of_it_is_done_by_keyboard_alone(form, tenant):
    AreaFactory(name="Gospel Oak", boundary=square(-0.15, 51.54))
    page = form(**WIDE)
    keys = page.keyboard
    page.get_by_label("What to do").focus()
    keys.press("Tab")
    keys.type("a circle")
    for word in ("1", "a postcode", "NW5 2AA"):
        keys.press("Tab")
        keys.type(word)
    keys.press("Enter")
    expect(said(page)).to_have_text("Started from a circle of 1 mile round NW5 2AA.")

    for _ in range(4):
        keys.press("Shift+Tab")
    expect(page.get_by_label("What to do")).to_be_focused()
    keys.type("Take")
    keys.press("Tab")
    keys.type("areas")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    expect(said(page)).to_have_text("Took away Gospel Oak.")
    catchment = save(page, tenant).catchment
    assert catchment.num_coords > 40
    assert not catchment.contains(Point(-0.15, 51.54, srid=4326))


@pytest.mark.sampled
@pytest.mark.parametrize("screen", [WIDE, {**NARROW, "has_touch": True}], ids=["wide", "narrow, by touch"])
def test_what_is_wrong_is_said_in_words_and_what_crosses_is_mended(screen, form, tenant):
    page = form(**screen)
    page.locator(".catchment").scroll_into_view_if_needed()
    page.get_by_label("Show a postcode on the map").fill("NW9 9ZZ")
    button(page, "Show").click()
    expect(said(page)).to_have_text(LATER_POSTCODE)
    page.get_by_label("Show a postcode on the map").fill("nw5 2aa")
    button(page, "Show").click()
    expect(said(page)).to_have_text("The map shows NW5 2AA.")

    page.get_by_text("The same as GeoJSON text").first.click()
    text = page.locator("#id_catchment")
    text.fill('{"type": "Polygon", "coordinates": [[[-0.15, 50], [-0.14, 50], [-0.14, 50.1]]]}')
    text.blur()
    expect(said(page)).to_contain_text("lies outside Northside area, about ")
    expect(drawn(page)).to_have_count(1)
    text.fill(json.dumps({"type": "Polygon", "coordinates": [BOW_TIE]}))
    text.blur()
    expect(said(page)).to_contain_text("crossed itself near NW5 2AA and was mended")
    expect(drawn(page)).to_have_count(2)
    button(page, "Undo").click()
    expect(drawn(page)).to_have_count(1)
    if "has_touch" in screen:
        draw_by_touch(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    save(page, tenant)


def draw_by_touch(page: Page) -> None:
    button(page, "Draw an area").tap()
    map_ = page.locator(".catchment-map")
    box = map_.bounding_box()
    for x, y in ((0.2, 0.3), (0.8, 0.3), (0.5, 0.7)):
        put_corner(page, lambda at={"x": x * box["width"], "y": y * box["height"]}: map_.tap(position=at))
    button(page, "Finish").tap()
    expect(said(page)).to_contain_text("Added what was drawn.")


def test_a_venue_is_made_in_a_dialog_by_keyboard_and_a_circle_drawn_round_it(form, tenant):
    page = form(**NARROW)
    link, keys = page.get_by_role("link", name="Add a venue"), page.keyboard
    link.focus()
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Add a venue")
    assert dialog.get_by_label("Organisation").count() == 0
    expect(dialog.get_by_label("Name")).to_be_focused()
    keys.press("Enter")  # without a name: what is wrong is said in the dialog, where one was
    expect(dialog.locator(".field-name")).to_contain_text("Please fill this in.")
    expect(dialog.get_by_label("Name")).to_be_focused()
    assert find_accessibility_problems(page) == []
    keys.type("New hall")
    keys.press("Escape")
    expect(link).to_be_focused()
    keys.press("Enter")
    expect(dialog.get_by_label("Name")).to_have_value("New hall")
    postcode = dialog.get_by_role("textbox", name="Postcode")
    postcode.fill("NW9 9ZZ")
    button(dialog, "Find the postcode on the map").click()
    expect(dialog.locator(".pin-postcode-said")).to_have_text(LATER_POSTCODE)
    postcode.fill("NW5 2AA")
    keys.press("Enter")
    expect(dialog.locator(".pin-said")).to_have_text("The pin is at NW5 2AA.")
    dialog.locator(".map-pin").focus()
    keys.press("ArrowRight")
    expect(dialog.locator(".pin-said")).to_have_text("Pin moved.")
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    button(dialog, "Save").click()
    expect(page.get_by_label("Venue", exact=True)).to_be_focused()
    expect(page.get_by_text("New hall is added and chosen.")).to_be_visible()
    hall = Venue.objects.get(name="New hall")
    assert hall.point.y == pytest.approx(51.54, abs=1e-3)  # the arrow moves by whole pixels
    assert -0.15 < hall.point.x < -0.14

    page.get_by_label("Which area").select_option("circle")
    page.get_by_label("What to do").select_option("add")
    button(page, "Add it").click()
    expect(said(page)).to_have_text("Added a circle of 2 miles round New hall.")


def test_a_dialog_whose_session_has_ended_says_so_where_one_is(tenant, form, live_server, new_context):
    context = new_context(**WIDE)  # its refusals are what is looked for
    page = context.new_page()
    address = reverse("backoffice:referrals_service_change", args=[tenant.service.pk])
    sign_in(page, live_server.url, tenant.insider, then=address)
    page.get_by_role("link", name="Add a venue").click()
    dialog = page.get_by_role("dialog", name="Add a venue")
    dialog.get_by_label("Name").fill("New hall")
    dialog.locator(".map-pin, .pin-field").first.scroll_into_view_if_needed()
    context.clear_cookies(name="sessionid")
    button(dialog, "Save").click()
    expect(dialog.get_by_text("You have been signed out.")).to_be_in_viewport()
    expect(dialog.get_by_role("link", name="Sign in")).to_be_in_viewport()
    expect(dialog.get_by_label("Name")).to_have_value("New hall")
    expect(button(dialog, "Save")).to_be_enabled()
    assert not Venue.objects.filter(name="New hall").exists()


def test_a_dialog_closed_while_it_saves_takes_neither_choice_nor_focus(form):
    page, held = form(**WIDE), []
    page.get_by_role("link", name="Add a venue").click()
    dialog = page.get_by_role("dialog", name="Add a venue")
    dialog.get_by_label("Name").fill("New hall")
    page.route("**/venue/add/**", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function
    dialog.get_by_label("Name").press("Enter")
    expect(button(dialog, "Saving …")).to_be_disabled()
    page.keyboard.press("Escape")
    chosen = page.get_by_label("Venue", exact=True).input_value()
    page.get_by_label("Activity").focus()
    held[0].continue_()
    expect(page.get_by_text("New hall is added: you can choose it in the list.")).to_be_visible()
    expect(page.get_by_label("Activity")).to_be_focused()
    expect(page.get_by_label("Venue", exact=True)).to_have_value(chosen)


def test_the_pin_is_put_by_mouse_without_any_postcode(tenant, form, live_server):
    page = form(**WIDE)
    page.goto(live_server.url + reverse("backoffice:referrals_venue_change", args=[tenant.refuge.pk]))
    page.locator(".pin-map").click(position={"x": 200, "y": 100})
    expect(page.locator(".pin-said")).to_have_text("Pin moved.")
    pin = page.locator(".map-pin")
    pin.hover()
    page.mouse.down()
    page.mouse.move(pin.bounding_box()["x"] + 60, pin.bounding_box()["y"] + 60, steps=4)
    page.mouse.up()
    button(page, "Save").click()
    page.get_by_text("was changed successfully").wait_for()
    moved = Venue.objects.get(pk=tenant.refuge.pk).point
    assert moved.coords != (-0.16, 51.55)
    assert moved.distance(tenant.refuge.point) < 0.2


def test_without_scripts_text_and_file_are_the_way(form, tenant):
    page = form(java_script_enabled=False)
    shape = json.dumps({"type": "Polygon", "coordinates": [BOW_TIE[:3]]})
    file = {"name": "area.geojson", "mimeType": "application/geo+json", "buffer": shape.encode()}
    page.get_by_label("A GeoJSON file").set_input_files(file)
    assert save(page, tenant).catchment.num_coords == 4
