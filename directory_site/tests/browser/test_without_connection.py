"""A phone that has lost its connection keeps what was typed."""

import pytest
from playwright.sync_api import expect

from directory_site.tests.browser.found import heading
from directory_site.tests.made_sites import listed, made_site
from referrals.tests import factories as f

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pantry(transactional_db):
    made_site()
    return listed(f.NetworkFactory(), "Pantry", "food")


def test_a_search_waits_and_so_does_a_filter(pantry, visit):
    page = visit("/directory/")
    page.locator(".filters > summary").click()
    page.context.set_offline(True)
    page.get_by_label("What do you need?").fill("pantry")
    box = page.locator(".filters input[type=checkbox]:enabled").first
    box.check()
    said = page.locator("#place-problem")
    expect(said).to_have_text("There is no connection just now. Search again when there is one.")
    box.uncheck()
    page.get_by_role("button", name="Find help").click()
    expect(page.get_by_label("What do you need?")).to_have_value("pantry")
    page.context.set_offline(False)
    page.get_by_role("button", name="Find help").click()
    expect(heading(page)).to_have_text("1 service for \u201cpantry\u201d")


def test_a_message_waits(pantry, visit):
    page = visit("/contact/message/")
    page.get_by_label("Your message").fill("Who helps with a move?")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("There is no connection just now.")).to_be_focused()
    page.context.set_offline(False)
    expect(page.get_by_text("There is no connection just now.")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/thanks/")
