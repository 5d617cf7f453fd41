"""The Referrals screen in a browser: two panes, keys, a phone, no scripts, and a session that has ended."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from referrals import workflow
from referrals.tests import factories as f
from referrals.tests.browsers import give_session, wait_until_ready
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = [f"Person {number:02}" for number in range(20, 0, -1)]  # the newest comes first


@pytest.fixture
def world(transactional_db) -> World:
    world = World(organisations=1, needs=1)
    f.OrganisationFactory(network=world.network)
    for name in reversed(NAMES):
        world.submit(person=workflow.PersonDetails(name=name, phone="07700 900123"))
    return world


@pytest.fixture
def open_list(world, live_server, new_context):
    def open_it(**options) -> Page:
        context = new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        give_session(context, live_server.url, world.owners[0])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(live_server.url + reverse("backoffice:referrals") + "?tab=all")
        page.wait_for_load_state()
        return page

    return open_it


def row(page: Page, name: str):
    return page.get_by_role("link", name=name, exact=True)


def shown(page: Page):
    return page.locator("#viewing h2")


def list_top(page: Page) -> float:
    return page.locator(".list").evaluate("list => list.scrollTop")


def test_choosing_keeps_the_page_and_the_place_in_the_list(open_list):
    page = open_list()
    page.evaluate("window.isSamePage = true")
    page.locator(".list").evaluate("list => { list.scrollTop = 700 }")
    before = list_top(page)
    assert before > 0
    row(page, NAMES[12]).click()
    expect(shown(page)).to_have_text(NAMES[12])
    expect(page).to_have_url(re.compile("tab=all&view="))
    expect(page).to_have_title(re.compile(r"^\w{4}-\w{4} · Referrals"))
    expect(page.locator("#shown")).to_have_text(f"Shown: {NAMES[12]}")
    expect(page.locator(".rows [aria-current]")).to_contain_text(NAMES[12])
    assert page.evaluate("window.isSamePage")
    assert list_top(page) == before
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.reload()
    expect(shown(page)).to_have_text(NAMES[12])
    expect(row(page, NAMES[12])).to_be_in_viewport()
    page.go_back()
    expect(page.get_by_text("Choose a referral from the list")).to_be_visible()


def test_keys_go_from_one_to_the_next(open_list):
    page = open_list()
    row(page, NAMES[0]).focus()
    page.keyboard.press("Enter")
    expect(shown(page)).to_have_text(NAMES[0])
    for key, name in (
        ("j", NAMES[1]),
        ("ArrowDown", NAMES[2]),
        ("k", NAMES[1]),
        ("ArrowUp", NAMES[0]),
        ("k", NAMES[0]),
    ):
        page.keyboard.press(key)
        expect(shown(page)).to_have_text(name)
        wait_until_ready(page)
        expect(row(page, name)).to_be_focused()
    page.get_by_label("Add a note").fill("")
    page.get_by_label("Add a note").press_sequentially("jk")
    expect(page.get_by_label("Add a note")).to_have_value("jk")
    expect(shown(page)).to_have_text(NAMES[0])


def test_a_note_that_was_begun_is_not_lost(open_list):
    page = open_list()
    row(page, NAMES[0]).click()
    expect(shown(page)).to_have_text(NAMES[0])
    page.get_by_label("Add a note").fill("Rang twice")
    page.once("dialog", lambda dialog: dialog.dismiss())
    row(page, NAMES[1]).click()
    expect(page.get_by_label("Add a note")).to_have_value("Rang twice")
    expect(shown(page)).to_have_text(NAMES[0])
    page.once("dialog", lambda dialog: dialog.accept())
    row(page, NAMES[1]).click()
    expect(shown(page)).to_have_text(NAMES[1])


def test_on_a_phone_the_list_and_the_referral_come_one_after_the_other(open_list):
    page = open_list(viewport={"width": 390, "height": 800})
    row(page, NAMES[12]).click()
    expect(shown(page)).to_have_text(NAMES[12])
    expect(page.locator(".list")).to_be_hidden()
    page.go_back()
    expect(row(page, NAMES[12])).to_be_in_viewport()
    row(page, NAMES[12]).click()
    page.get_by_role("link", name="Back to the list").click()
    expect(row(page, NAMES[0])).to_be_visible()


def test_without_scripts_each_referral_is_a_page(open_list):
    page = open_list(java_script_enabled=False)
    row(page, NAMES[3]).click()
    expect(shown(page)).to_have_text(NAMES[3])
    expect(row(page, NAMES[0])).to_be_visible()


def test_when_the_session_has_ended_the_sign_in_leads_back(open_list):
    page = open_list()
    Session.objects.all().delete()
    row(page, NAMES[2]).click()
    page.wait_for_url(re.compile("/login/"))
    assert "referrals/%3Ftab%3Dall" in page.url


def test_a_filter_applies_at_once_and_keeps_what_is_shown(open_list, world):
    urgent = world.submit(person=workflow.PersonDetails(name="Urgent Person", phone="07700 900123"), is_urgent=True)
    workflow.accept(live_on(only_strand(urgent)).pk, actor=world.owners[0])
    page = open_list()
    row(page, NAMES[2]).click()
    expect(shown(page)).to_have_text(NAMES[2])
    page.evaluate("window.isSamePage = true")
    page.get_by_label("Status").focus()
    page.get_by_label("Status").select_option(label="Accepted")
    expect(row(page, "Urgent Person")).to_be_visible()
    expect(row(page, NAMES[2])).to_be_hidden()
    expect(page).to_have_url(re.compile("status="))
    expect(shown(page)).to_have_text(NAMES[2])
    expect(page.get_by_label("Status")).to_be_focused()
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(row(page, NAMES[2])).to_be_visible()
    Session.objects.all().delete()
    page.get_by_label("Status").select_option(label="Accepted")
    page.wait_for_url(re.compile("/login/"))
