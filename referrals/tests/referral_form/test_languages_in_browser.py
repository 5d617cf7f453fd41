"""The whole journey in Polish and in Welsh, in a real Chromium, changing the language in the middle."""

import pytest
from playwright.sync_api import Page, expect

from referrals.models import Person
from referrals.tests.referral_form.browsing import Inspector, make_northside
from referrals.tests.referral_form.conftest import Northside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def northside(transactional_db) -> Northside:
    return make_northside()


def press(page: Page, action: str) -> None:
    with page.expect_navigation():
        page.locator(f'.actions button[value="{action}"]').click()


def change_to(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def fill_in(page: Page) -> None:
    page.locator("[name=for_whom][value=other]").check()
    for name, value in {"name": "Maya Ferreira", "phone": "07700 900123", "postcode": "NW5 2DB"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=source_name]").fill("Sam Okoro")
    page.locator("[name=source_email]").fill("sam@example.org")


@pytest.mark.sampled
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    ("language", "name", "sent"),
    [
        ("pl", "Polski", "Zgłoszenie zostało wysłane"),
        ("cy", "Cymraeg", "Mae’r atgyfeiriad wedi’i anfon"),  # noqa: RUF001 - as Welsh is written
    ],
)
def test_the_whole_journey(live_server, new_page, northside, width, language, name, sent):
    page = new_page(viewport={"width": width, "height": 800})
    inspector = Inspector(page)
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in(page)
    change_to(page, name)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("[name=name]")).to_have_value("Maya Ferreira")
    inspector.look("person")
    page.locator("[name=name]").press("Enter")
    page.locator(".questions").first.wait_for()
    inspector.look("needs")
    page.locator("label.tick", has_text="A little").first.click()
    page.locator(".so-far").wait_for()
    page.locator("[name=details]").fill("She has not eaten since Monday. " * 4)
    change_to(page, "English")
    expect(page.locator("[name=details]")).to_have_value("She has not eaten since Monday. " * 4)
    change_to(page, name)
    press(page, "continue")
    inspector.look("suggestions")
    press(page, "continue")
    inspector.look("consent")
    page.locator("[name=consent][value=phone]").check()
    press(page, "continue")
    expect(page.get_by_role("heading", level=1)).to_have_text(sent)
    inspector.look("sent")
    assert Person.objects.get().language == language
    assert inspector.found == []
    assert page.context.cookies() == []
