"""The views of the network as their users meet them: filters that apply at once, boxes, and both on a phone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from backoffice.tests.tenants import Tenant
from referrals.tests import factories as f
from referrals.tests.browsers import give_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_as(live_server, new_context):
    def open_as(person, address: str, **options):
        context = new_context(**options)
        give_session(context, live_server.url, person)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(live_server.url + reverse(address))
        return page

    return open_as


def test_a_filter_applies_at_once_and_keeps_the_focus_and_what_is_typed(open_as):
    tenant = Tenant("Northside")
    soup = f.ServiceFactory(network=tenant.network, activity__name="Soup run", capacity=1)
    page = open_as(tenant.coordinator, "backoffice:network_list")
    expect(page.get_by_role("button", name="Filter")).to_be_hidden()
    category = page.get_by_label("What it helps with")
    category.focus()
    category.select_option(label=f"{tenant.category.name} (1)")
    expect(page).to_have_url(re.compile(rf"\?category={tenant.category.pk}$"))
    expect(page.locator("#found")).to_contain_text("1 service of 1 organisation found")
    expect(category).to_be_focused()
    page.get_by_role("link", name="Clear").click()
    search = page.get_by_label("Search")
    search.press_sequentially("soup")
    expect(page).to_have_url(re.compile(r"\?q=soup$"))
    expect(page.get_by_role("link", name=tenant.activity.name)).to_have_count(0)
    expect(search).to_be_focused()
    expect(search).to_have_value("soup")
    page.get_by_role("link", name="Capacity").click()
    expect(page).to_have_url(re.compile(r"capacity/\?q=soup$"))
    box = page.get_by_role("link", name=f"Soup run, {soup.organisation.name}: 0 of 1 place taken")
    expect(box).to_have_count(1)
    box.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Soup run").first).to_be_visible()


def test_on_a_phone_the_filters_are_folded_away_and_boxes_have_a_layout_of_their_own(open_as):
    tenant = Tenant("Northside")
    page = open_as(
        tenant.commissioner, "backoffice:network_capacity", viewport={"width": 390, "height": 844}, has_touch=True
    )
    expect(page.get_by_label("Organisation")).to_be_hidden()
    page.locator("summary", has_text="Filters").tap()
    page.get_by_label("Has room").check()
    expect(page).to_have_url(re.compile(r"\?has_room=on$"))
    expect(page.locator("summary", has_text="Filters")).to_have_text("Filters (1)")
    expect(page.locator(".treemap.narrow")).to_be_visible()
    expect(page.locator(".treemap.wide")).to_be_hidden()


def test_without_scripts_a_button_filters(open_as):
    tenant = Tenant("Northside")
    page = open_as(tenant.outsider, "backoffice:network_list", java_script_enabled=False)
    page.get_by_label("Search").fill("nothing like it")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No service matches.")).to_be_visible()


def test_a_week_leads_to_others_and_to_its_days_and_keeps_the_filters(open_as):
    tenant = Tenant("Northside")
    page = open_as(tenant.coordinator, "backoffice:network_calendar")
    period = page.locator(".calendar-head h2")
    this_week = period.inner_text()
    page.get_by_role("link", name="Week after").click()
    expect(period).not_to_have_text(this_week)
    page.get_by_label("Search").press_sequentially(tenant.activity.name)
    expect(page).to_have_url(re.compile(r"q=.*from=|from=.*q="))
    expect(page.get_by_role("link", name=tenant.activity.name)).to_have_count(1)
    page.get_by_role("link", name=re.compile(r"^Tue \d")).click()
    expect(period).to_have_text(re.compile("^Tuesday"))
    expect(page.get_by_label("Search")).to_have_value(tenant.activity.name)
    page.get_by_role("link", name="Whole week").click()
    page.get_by_role("link", name="This week").click()
    expect(period).to_have_text(this_week)
