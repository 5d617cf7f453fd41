"""The whole service form as its users meet it: by mouse, by keyboard alone, narrow, without scripts, and gone wrong."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from backoffice.tests.browser.drawing import put_corner
from backoffice.tests.browser.scene import PASSWORD, sign_in
from backoffice.tests.tenants import Tenant
from referrals.models import Postcode, Service, Venue
from referrals.tests import factories as f
from referrals.tests.browsers import wait_for_layout, wait_until, wait_until_ready

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
ADD = reverse("backoffice:referrals_service_add")


@pytest.fixture
def tenant(transactional_db) -> Tenant:
    tenant = Tenant("Northside")
    food = f.CategoryFactory(network=tenant.network, name="Food", position=0)
    for name in ("Food parcels", "Community meals", "Food pantries"):
        f.CategoryFactory(network=tenant.network, name=name, parent=food, position=1)
    for name in ("Debt advice", "Housing advice", "Befriending", "Transport"):
        f.CategoryFactory(network=tenant.network, name=name, position=2)
    Postcode.objects.get_or_create(code="NW12DB", defaults={"point": Point(-0.13, 51.53, srid=4326)})
    tenant.insider.set_password(PASSWORD)
    tenant.insider.save()
    return tenant


@pytest.fixture
def open_form(tenant, live_server, new_context) -> Callable[..., Page]:
    def open_form(address: str = ADD, **options) -> Page:
        page = new_context(**options).new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        sign_in(page, live_server.url, tenant.insider, then=address)
        wait_until_ready(page)
        return page

    return open_form


def photograph() -> dict:
    file = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "JPEG")
    return {"name": "bread.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=re.compile(name))


def change_page(service: Service) -> str:
    return reverse("backoffice:referrals_service_change", args=[service.pk])


def drag_a_square(page: Page, side: int = 60) -> None:
    """Click the corners of a square round the middle of the map, and the first one again."""
    box = page.locator(".catchment-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for across, down in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)):
        put_corner(page, lambda x=x + across * side, y=y + down * side: page.mouse.click(x, y))


def add_a_venue(page: Page) -> None:
    """In a dialog: a postcode that is unknown, then one that finds the place."""
    page.get_by_role("link", name="Add a venue").click()
    dialog = page.get_by_role("dialog", name="Add a venue")
    dialog.get_by_label("Name").fill("Elm Row Hall")
    dialog.get_by_role("textbox", name="Postcode").fill("NW9 9ZZ")
    dialog.get_by_role("button", name="Find").click()
    expect(dialog.get_by_role("alert")).to_contain_text("do not know NW9 9ZZ")
    dialog.get_by_role("textbox", name="Postcode").fill("nw1 2db")
    dialog.get_by_role("button", name="Find").click()
    expect(dialog.locator(".leaflet-marker-icon")).to_have_count(1)
    access = dialog.get_by_role("group", name="Access")
    for name in ("Step-free access", "Accessible toilet"):
        access.get_by_label(name).check()
    dialog.get_by_label("About access").fill("Ring at the door")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Venue", exact=True).locator("option:checked")).to_have_text("Elm Row Hall")


def fill_in_details(page: Page) -> None:
    expect(tab(page, "Details")).to_contain_text("Missing: a name and what it helps with")
    page.get_by_label("Activity").fill("Hot lunch")
    page.get_by_label("Find in the list").fill("food")
    expect(page.locator(".tree li:visible")).to_have_count(4)
    page.get_by_label("Food", exact=True).check()
    expect(page.locator(".tree li", has_text="Community meals")).to_contain_text("covered by Food")
    add_a_venue(page)
    page.get_by_role("button", name="Draw an area").click()
    drag_a_square(page)
    expect(page.locator(".catchment-state")).to_have_text("One area drawn.")
    expect(tab(page, "Details")).to_contain_text("Complete")


def fill_in_opening_days(page: Page) -> None:
    tab(page, "Opening days").click()
    for day in ("Mon", "Wed"):
        page.locator(".day", has_text=day).first.click()
    page.get_by_label("Opens").first.fill("22:00")
    page.get_by_label("Closes").first.fill("02:00")
    page.get_by_label("Day", exact=True).first.fill("2026-12-25")
    page.get_by_label("Why").first.fill("Christmas")
    expect(page.locator("[data-live=hours]")).to_contain_text("Wednesday 22:00 to 02:00 the next day")
    expect(page.locator("[data-live=hours]")).to_contain_text("25 December 2026: closed (Christmas)")


def fill_in_capacity(page: Page) -> None:
    tab(page, "Capacity").click()
    page.get_by_role("spinbutton", name="Capacity").fill("12")


def fill_in_public_details(page: Page) -> None:
    tab(page, "Public details").click()
    page.get_by_label("Listed publicly").check()
    page.get_by_label("Summary").fill("Soup and company")
    page.get_by_label("Phone", exact=True).fill("020 7946 0999")
    page.get_by_label("Just turn up").check()
    expect(tab(page, "Public details")).to_contain_text("Missing: what it costs")
    page.get_by_role("group", name="What does it cost").get_by_label("There is a charge").check()
    page.get_by_label("More about the cost").fill("£3, and nothing when that is too much")
    expect(tab(page, "Public details")).to_contain_text("Complete")
    page.get_by_label("Or a new picture").set_input_files(photograph())
    page.get_by_label("What the picture shows").fill("A long table set for lunch")
    card = page.locator("[data-live=card]")
    for told in ("Soup and company", "There is a charge: £3, and nothing", "Step-free access", "Ring at the door"):
        expect(card).to_contain_text(told)


def fill_in_restrictions(page: Page) -> None:
    tab(page, "Restrictions").click()
    page.get_by_label("From age").fill("60")
    expect(page.locator("[data-live=for-whom]")).to_have_text(
        "People aged 60 or over who live in the area drawn on the map."
    )
    page.get_by_label("Age", exact=True).fill("59")
    page.get_by_role("button", name="Would they be suggested?").click()
    expect(page.locator("[data-live=trial]")).to_contain_text("No, they would not be suggested.")


def expect_everything_is_stored(service: Service) -> None:
    assert [category.name for category in service.categories.all()] == ["Food"]
    assert (service.venue.name, service.venue.point.coords) == ("Elm Row Hall", (-0.13, 51.53))
    assert service.catchment.num_points == 5
    assert [str(opening) for opening in service.opening_hours.all()] == [
        "Monday 22:00 to 02:00",
        "Wednesday 22:00 to 02:00",
    ]
    assert service.opening_exceptions.get().note == "Christmas"
    assert (service.capacity, service.is_public, service.pathways) == (12, True, ["drop_in"])
    assert (service.cost, service.cost_note) == ("charged", "£3, and nothing when that is too much")
    assert (service.venue.access_features, service.venue.access) == (
        ["step_free", "accessible_toilet"],
        "Ring at the door",
    )
    assert (service.picture.width, service.picture_alt) == (640, "A long table set for lunch")
    assert service.restrictions.get().age_from == 60


@pytest.mark.sampled
@pytest.mark.slow(reason="one story through all five parts of the form")
def test_a_service_is_made_whole_by_mouse(tenant, open_form):
    page = open_form()
    fill_in_details(page)
    fill_in_opening_days(page)
    fill_in_capacity(page)
    fill_in_public_details(page)
    fill_in_restrictions(page)
    assert not Service.objects.filter(activity__name="Hot lunch").exists()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()
    expect_everything_is_stored(Service.objects.get(activity__name="Hot lunch"))


class Keyboard:
    """Somebody who has no mouse: everything is reached by Tab and worked by keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, target: Locator) -> None:
        for key in ("Tab", "Shift+Tab"):
            for _ in range(120):
                if target.evaluate("element => element === document.activeElement"):
                    return
                self.page.keyboard.press(key)
        pytest.fail(f"No way by keyboard to {target}")

    def type(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def press(self, target: Locator, key: str = "Enter") -> None:
        self.reach(target)
        self.page.keyboard.press(key)

    def choose(self, target: Locator, option: str) -> None:
        """Type the beginning of the option, as one does in a closed list."""
        self.reach(target)
        self.page.keyboard.type(option)
        expect(target.locator("option:checked")).to_contain_text(option)

    def to_tab(self, name: str) -> None:
        selected = self.page.locator("[role=tab][aria-selected=true]")
        self.reach(selected)
        while name not in selected.inner_text():
            self.page.keyboard.press("ArrowRight")


@pytest.mark.sampled
@pytest.mark.slow(reason="one story through all five parts of the form")
def test_a_service_is_made_by_keyboard_alone_on_a_narrow_screen(tenant, open_form):
    page = open_form(**PHONE)
    keys = Keyboard(page)
    keys.type(page.get_by_label("Activity"), "Hot lunch")
    keys.type(page.get_by_label("Find in the list"), "debt")
    keys.press(page.get_by_label("Debt advice"), "Space")
    # drawing's equal: a circle round a postcode, and a smaller one taken away again
    keys.choose(page.get_by_label("Which area"), "a circle")
    keys.type(page.get_by_label("Miles"), "2")
    keys.choose(page.get_by_label("round", exact=True), "a postcode")
    keys.type(page.get_by_label("Postcode at the centre"), "NW1 2DB")
    keys.press(page.get_by_role("button", name="Start from it"))
    expect(page.locator(".catchment-said")).to_contain_text("circle of 2 miles round NW1 2DB")
    keys.choose(page.get_by_label("What to do"), "Take away")
    keys.type(page.get_by_label("Miles"), "1")
    keys.press(page.get_by_role("button", name="Take it away"))
    expect(page.locator(".catchment-said")).to_contain_text("1 mile")

    keys.to_tab("Opening days")
    keys.press(page.get_by_label("Tue").first, "Space")
    for label, time in (("Opens", "0930AM"), ("Closes", "1230PM")):  # the letters are for clocks of twelve hours
        keys.reach(page.get_by_label(label).first)
        page.keyboard.type(time)
    keys.to_tab("Capacity")
    keys.type(page.get_by_role("spinbutton", name="Capacity"), "4")
    keys.to_tab("Public details")
    keys.press(page.get_by_label("Not said"), "ArrowDown")
    expect(page.get_by_label("Free", exact=True)).to_be_checked()
    keys.type(page.get_by_label("More about the cost"), "tea included")
    keys.to_tab("Restrictions")
    keys.type(page.get_by_label("To age"), "25")
    expect(page.locator("[data-live=for-whom]")).to_contain_text("People aged 25 or under")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    keys.press(page.get_by_role("button", name="Save", exact=True).last)
    page.get_by_text("was added successfully").wait_for()
    service = Service.objects.get(activity__name="Hot lunch")
    assert service.catchment[0].num_interior_rings == 1
    assert [str(opening) for opening in service.opening_hours.all()] == ["Tuesday 09:30 to 12:30"]
    assert (service.capacity, service.restrictions.get().age_to) == (4, 25)
    assert (service.cost, service.cost_note) == ("free", "tea included")


def test_what_is_wrong_is_shown_where_it_is_and_nothing_typed_is_lost(tenant, open_form):
    page = open_form()
    page.get_by_label("Activity").fill("Hot lunch")
    tab(page, "Opening days").click()
    page.get_by_label("Opens").first.fill("09:00")
    page.get_by_label("Closes").first.fill("12:00")
    tab(page, "Public details").click()
    page.get_by_label("Summary").fill("Soup and company")
    page.get_by_label("Or a new picture").set_input_files(photograph())
    page.get_by_label("What the picture shows").fill("A long table")
    page.get_by_role("button", name="Save", exact=True).click()

    problems = page.locator("#problems")
    expect(problems).to_contain_text("On which days? Click them.")
    expect(tab(page, "Opening days")).to_have_attribute("aria-selected", "true")
    expect(tab(page, "Opening days")).to_contain_text("1 to correct")
    tab(page, "Details").click()
    problems.get_by_role("link").first.click()
    expect(page.locator(".days input").first).to_be_focused()
    page.keyboard.press("Space")
    tab(page, "Public details").click()
    expect(page.get_by_label("Summary")).to_have_value("Soup and company")
    expect(page.get_by_text("is kept and chosen")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()
    service = Service.objects.get(activity__name="Hot lunch")
    assert (str(service.opening_hours.get()), service.picture_alt) == ("Monday 09:00 to 12:00", "A long table")


def test_leaving_with_unsaved_changes_asks_first(tenant, open_form):
    page = open_form(change_page(tenant.service))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Referrals", exact=True).click()
    page.wait_for_url("**/backoffice/referrals/")
    page.go_back()
    page.get_by_label("Activity").fill("Something else")
    page.get_by_role("link", name="Referrals", exact=True).click()
    page.wait_for_url("**/backoffice/referrals/")
    assert asked == ["beforeunload"]


def test_a_map_in_a_tab_that_was_hidden_is_whole_and_keeps_ones_zoom(tenant, open_form):
    f.ServiceFactory(network=tenant.network, organisation=tenant.asked, catchment=f.square(-0.13, 51.56))
    page = open_form(f"{change_page(tenant.service)}#part-capacity")
    expect(page.locator(".catchment-map")).to_be_hidden()
    tab(page, "Details").click()
    page.wait_for_function("""() => {
      const map = document.querySelector(".catchment-map").getBoundingClientRect();
      const shapes = Array.from(document.querySelectorAll(".catchment-map path"), path => path.getBoundingClientRect());
      return map.width > 300 && shapes.length > 1 && shapes.every(
        shape => shape.width > 30 && shape.left >= map.left - 1 && shape.right <= map.right + 1);
    }""")
    page.get_by_label("Show the areas of our other services").check()
    expect(page.locator(".catchment-map path[stroke-dasharray]")).to_have_count(1)

    def width() -> float:
        return page.locator(".catchment-map path").first.bounding_box()["width"]

    zoomed = pytest.approx(2 * width(), abs=4)
    page.get_by_role("button", name="Zoom in").click()
    wait_until(page, lambda: width() == zoomed and not page.locator(".leaflet-zoom-anim").count())
    page.set_viewport_size({"width": 900, "height": 700})
    wait_for_layout(page)
    assert width() == zoomed


def test_without_scripts_it_is_one_long_page_that_works(tenant, open_form):
    page = open_form(change_page(tenant.service), java_script_enabled=False)
    for heading in ("Details", "Opening days", "Capacity", "Public details", "Restrictions"):
        expect(page.get_by_role("heading", name=re.compile(rf"\d\. {heading}"))).to_be_visible()
    page.get_by_label("Activity").fill("Hot lunch")
    line = page.locator("#hours-lines .line").nth(1)
    line.locator(".day", has_text="Sat").click()
    line.get_by_label("Opens").fill("10:00")
    line.get_by_label("Closes").fill("11:00")
    page.get_by_label("To age").fill("25")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("was changed successfully").wait_for()
    service = Service.objects.get(pk=tenant.service.pk)
    assert service.activity.name == "Hot lunch"
    assert [str(opening) for opening in service.opening_hours.all()] == [
        "Monday 09:00 to 17:00",
        "Saturday 10:00 to 11:00",
    ]
    assert Venue.objects.filter(pk=service.venue_id).exists()
    assert service.restrictions.filter(age_to=25).exists()


def test_pausing_and_resuming_take_one_click_each(tenant, open_form):
    page = open_form(f"{reverse('backoffice:referrals_service_changelist')}?whose=own", **PHONE)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("is paused: it will not be suggested").wait_for()
    assert Service.objects.get().paused_at
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("can be suggested again").wait_for()
    assert Service.objects.get().paused_at is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
