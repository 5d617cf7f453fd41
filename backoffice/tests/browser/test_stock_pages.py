"""Stock forms and lists in a browser: nothing that has the focus is covered, and all of it fits a phone."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse
from playwright.sync_api import Page

from backoffice.tests.tenants import Tenant
from referrals.models import User
from referrals.tests import factories as f
from referrals.tests.browsers import give_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Part of what has the focus, that something else lies on; a label belongs to its field.
COVERED = """() => {
  const focused = document.activeElement, box = focused.getBoundingClientRect();
  const bar = document.querySelector(".submit-row").getBoundingClientRect();
  if (focused.closest(".submit-row") || focused === document.body) return "";
  return box.bottom > bar.top + 1 && box.top < bar.bottom ? focused.outerHTML.slice(0, 120) : "";
}"""
PLACES = """row => [...row.children].filter(cell => cell.offsetHeight).map(cell => {
  const box = cell.getBoundingClientRect();
  return [Math.round(box.left), Math.round(box.top), Math.round(box.right)];
})"""


@pytest.fixture
def ours(transactional_db) -> Tenant:
    return Tenant("Ours")


@pytest.fixture
def open_page(live_server, new_context) -> Callable[..., Page]:
    """Open a page of the back office as somebody."""

    def open_it(person: User, name: str, *args: int, width: int = 1280, height: int = 720, query: str = "") -> Page:
        context = new_context(viewport={"width": width, "height": height})
        give_session(context, live_server.url, person)
        page = context.new_page()
        page.goto(live_server.url + reverse(f"backoffice:{name}", args=args) + query)
        return page

    return open_it


def test_the_bar_of_buttons_never_covers_what_has_the_focus(ours, open_page):
    page = open_page(ours.coordinator, "referrals_network_change", ours.network.pk)
    page.locator("[name=name]").focus()
    covered, steps = [], 0
    while not page.evaluate("document.activeElement.matches('.submit-row *')"):
        covered.append(page.evaluate(COVERED))
        page.keyboard.press("Tab")
        steps += 1
        assert steps < 60, "Tab does not come to the button that saves"
    assert steps > 15
    assert not any(covered), [one for one in covered if one]
    heights = page.eval_on_selector_all(
        ".form-field :is(input:not([type=checkbox]), select)", "all => all.map(one => one.offsetHeight)"
    )
    assert min(heights) >= 44


def test_rows_of_a_list_are_cards_on_a_phone(ours, open_page):
    page = open_page(ours.coordinator, "referrals_venue_changelist")
    row = page.locator("#result_list tbody tr").first
    filters = page.locator("#changelist-filter")
    assert filters.bounding_box()["y"] < row.bounding_box()["y"]
    assert len({top for _, top, _ in row.evaluate(PLACES)}) == 1
    page.set_viewport_size({"width": 390, "height": 800})
    places = row.evaluate(PLACES)
    assert len({top for _, top, _ in places}) == len(places) > 2
    assert max(right for *_, right in places) <= 390
    label = row.locator("td").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label == '"Postcode"'


def test_several_words_of_a_cell_stand_beside_its_label(ours, open_page):
    page = open_page(ours.coordinator, "referrals_service_changelist", width=390, query="?as=table")
    cell = page.locator("td.field-state").first
    assert cell.locator(".chip").all_inner_texts() == ["Has room", "Not listed publicly"]
    start = cell.bounding_box()["x"]
    for chip in cell.locator(".chip").all():
        box = chip.bounding_box()
        assert box["x"] >= start + 7 * 16
        assert box["height"] < 36, "broken over lines"


def test_a_filter_stays_as_wide_as_it_is_when_it_opens(ours, open_page):
    page = open_page(ours.coordinator, "referrals_service_changelist")
    summary = page.locator("#changelist-filter summary").first
    closed = summary.bounding_box()
    summary.click()
    assert summary.bounding_box() == closed
    selected = page.locator("#changelist-filter details[open] li.selected")
    assert selected.bounding_box()["x"] > closed["x"]


def test_an_operators_header_is_one_row(ours, open_page):
    page = open_page(f.UserFactory(is_staff=True, is_superuser=True, name="Robin Okonkwo"), "index")
    assert page.locator(".bar").bounding_box()["height"] < 64


def test_the_history_of_a_service_fits_a_phone(ours, open_page):
    ours.insider.email = "bernadette.quilligan-oldfield@larder-lane-community-trust.example"
    ours.insider.save()
    LogEntry.objects.log_actions(ours.insider.pk, [ours.service], CHANGE, "Changed Description.", single_object=True)
    page = open_page(ours.insider, "referrals_service_history", ours.service.pk, width=390)
    page.get_by_text("Changed Description.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_long_venue_and_the_dialog_of_a_new_one_fit_a_phone(ours, open_page):
    ours.venue.name = "The community centre and library annexe, upper hall, second floor by the lift, east wing"
    ours.venue.save()
    page = open_page(ours.insider, "referrals_service_change", ours.service.pk, width=390)
    page.locator("#id_venue").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="Add a venue").click()
    dialog = page.get_by_role("dialog")
    for scrolled in (0, 400):
        dialog.get_by_role("button", name="Save").wait_for()
        dialog.evaluate("(dialog, top) => dialog.scrollTop = top", scrolled)
        for name in ("Cancel", "Save"):
            box = dialog.get_by_role("button", name=name).bounding_box()
            assert 0 <= box["y"] <= 720 - box["height"], name
