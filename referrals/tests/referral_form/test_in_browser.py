"""Every page of the form in a real Chromium: accessible by axe-core's rules, in light and dark, wide and narrow."""

import pytest
from playwright.sync_api import Page, expect

from referrals.models import Person, QuestionOption, ReferralLink
from referrals.tests import factories as f
from referrals.tests.referral_form.browsing import Inspector, fill_in_person, make_northside, press
from referrals.tests.referral_form.conftest import Northside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = {"Name": "Maya Ferreira", "Phone": "07700 900123", "Postcode": "NW5 2DB"}


@pytest.fixture
def northside(transactional_db) -> Northside:
    return make_northside()


def focused(page: Page) -> str:
    page.wait_for_function("document.activeElement !== document.body")
    return page.evaluate("document.activeElement.className || document.activeElement.id")


@pytest.mark.sampled
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_every_page_is_accessible_and_fits(live_server, new_page, northside, width, scheme):
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    inspector = Inspector(page)
    page.goto(f"{live_server.url}/refer/northside/")
    inspector.look("person")
    press(page, "Continue")
    assert focused(page) == "message error attention"
    inspector.look("person with errors")
    fill_in_person(page)
    page.get_by_label("Postcode").fill("M1 1AA")
    page.get_by_label("Postcode").blur()
    page.locator("#place svg").wait_for()
    inspector.look("person with a map")
    press(page, "Continue")
    inspector.look("person with a caution")
    page.get_by_label("Postcode").fill("NW5 2DB")
    press(page, "Continue anyway")
    inspector.look("needs")
    page.get_by_label("A little", exact=True).check()
    page.get_by_text("Your answers ask for:").wait_for()
    press(page, "Continue")
    assert focused(page) == "message wait attention"
    inspector.look("needs with a caution")
    page.get_by_label("No", exact=True).check()
    page.get_by_role("heading", name="If it cannot wait, ring now").wait_for()
    inspector.look("needs with another question in place")
    page.get_by_text("Tell more about Maya").click()
    inspector.look("needs with more about the person")
    press(page, "Continue anyway")
    inspector.look("suggestions")
    press(page, "Remove Kilburn Pantry")
    inspector.look("suggestions with one removed")
    press(page, "Continue")
    inspector.look("consent")
    page.get_by_label("Maya does not agree").check()
    press(page, "Show whom to contact instead")
    inspector.look("contacts")
    press(page, "Back to consent")
    page.get_by_label("Maya agrees").check()
    press(page, "Send the referral")
    inspector.look("sent")
    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is sent")
    assert inspector.found == []
    assert page.context.cookies() == []


@pytest.mark.sampled
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_who_is_asked_for_what_is_accessible_and_fits(live_server, new_page, northside, width, scheme):
    northside.service("Debt Desk", northside.debt)
    northside.service("Far Pantry", northside.parcels, is_public=True, catchment=f.square(-0.11, 51.57, 0.005))
    QuestionOption.objects.get(text="A baby").needs.add(northside.debt)
    f.publish_drafts()
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    inspector = Inspector(page)
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    page.get_by_label("Postcode").fill("NW5 2DB")
    press(page, "Continue")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("A baby").check()
    page.get_by_text("Debt advice").first.wait_for()
    press(page, "Continue")
    inspector.look("several parts, one of them urgent and one without anybody")
    assert page.locator(".part-needs").all_inner_texts() == ["Food parcels\nUrgent", "Debt advice", "Baby supplies"]
    page.get_by_text("Why not another organisation?").click()
    page.get_by_label("Look for an organisation by its name").fill("far pantri")
    press(page, "Find")
    inspector.look("somebody found by name")
    press(page, "Ask it all the same Far Pantry")
    inspector.look("somebody asked for by name")
    assert page.locator(".offer h4").first.inner_text() == "Far Pantry"
    assert inspector.found == []


def test_the_keyboard_is_enough_and_enter_goes_on_rather_than_to_the_map(live_server, new_page, northside):
    page = new_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/refer/northside/")
    page.get_by_label("Somebody else").focus()
    page.keyboard.press("ArrowDown")  # to "Myself"
    page.keyboard.press("Tab")
    page.keyboard.type("Maya")
    page.keyboard.press("Tab")
    page.keyboard.type("07700 900123")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What do you need?").wait_for()


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the field or button of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim().split(/\\s+/).join(' ')"
        )
        if name.startswith(words):
            return
    raise AssertionError(f"Tab does not lead to {words}.")


def test_from_the_first_page_to_the_last_by_keyboard_alone(live_server, new_page, northside):
    page = new_page()
    press_key = page.keyboard.press
    page.goto(f"{live_server.url}/refer/northside/")
    tab_to(page, "Somebody else")
    press_key("Space")
    tab_to(page, "Name")
    page.keyboard.type("Maya")
    tab_to(page, "Phone")
    page.keyboard.type("07700 900123")
    tab_to(page, "Your name")
    page.keyboard.type("Sam")
    tab_to(page, "Your e-mail")
    page.keyboard.type("sam@example.org")
    press_key("Enter")
    page.get_by_role("heading", name="What does Maya need?").wait_for()
    tab_to(page, "A little")
    press_key("Space")
    press_key("ArrowDown")  # to "No", which asks more at once
    page.get_by_label("A baby").wait_for()
    expect(page.get_by_label("No", exact=True)).to_be_focused()
    tab_to(page, "A baby")
    press_key("Space")
    tab_to(page, "Continue")
    press_key("Enter")
    page.get_by_role("heading", name="can help Maya").wait_for()
    tab_to(page, "Remove")
    press_key("Enter")
    page.get_by_text("Put back", exact=False).first.wait_for()
    tab_to(page, "Continue")
    press_key("Enter")
    page.get_by_role("heading", name="May we share this?").wait_for()
    tab_to(page, "Maya agrees")
    press_key("Space")
    tab_to(page, "Send the referral")
    press_key("Enter")
    page.get_by_role("heading", name="The referral is sent").wait_for()
    assert Person.objects.count() == 1


def test_a_double_click_on_send_makes_one_referral(live_server, new_page, northside):
    page = new_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    press(page, "Continue")
    page.get_by_label("No", exact=True).check()
    press(page, "Continue")
    page.get_by_label("A baby").check()
    press(page, "Continue")
    press(page, "Continue")
    page.get_by_label("I agree", exact=True).check()
    page.get_by_role("button", name="Send the referral").dblclick()
    page.get_by_role("heading", name="The referral is sent").wait_for()
    assert Person.objects.count() == 1


def test_a_partner_needs_five_entries_and_four_submits_for_food(live_server, new_page, northside, record_property):
    link = ReferralLink.objects.create(
        network=northside.network, name="Desk", source_name="The front desk", source_phone="020 7946 0000"
    )
    northside.network.details_length = 0
    northside.network.save()
    page = new_page()
    entries = tabs = 0
    sent = []
    page.on("request", lambda request: request.is_navigation_request() and sent.append(request.method))
    page.goto(f"{live_server.url}{link.get_absolute_url()}")
    while page.evaluate("document.activeElement.textContent.trim()") != "Continue":
        page.keyboard.press("Tab")
        tabs += 1
        label = page.evaluate("document.activeElement.labels?.[0]?.textContent.trim() ?? ''")
        typed = next((text for name, text in TYPED.items() if label.startswith(name)), None)
        if typed:
            page.keyboard.type(typed)
            entries += 1
    press(page, "Continue")
    page.get_by_label("A little", exact=True).check()
    page.get_by_text("Your answers ask for:").wait_for()
    press(page, "Continue")
    press(page, "Continue")
    page.get_by_label("Maya agrees").check()
    press(page, "Send the referral")
    page.get_by_role("heading", name="The referral is sent").wait_for()
    submits = sent.count("POST")
    counted = {"entries": entries + 2, "submits": submits, "tabs to the first Continue": tabs}
    for name, number in counted.items():
        record_property(name, number)
    print(counted)  # noqa: T201 - figures that a run with -s shows
    assert (entries + 2, submits) == (5, 4), counted
    assert tabs <= 15, counted


def test_in_an_iframe_of_another_site_the_form_works_without_cookies(live_server, new_page, northside):
    link = ReferralLink.objects.create(
        network=northside.network, name="Partner", embed_origins="https://www.example.org"
    )
    page = new_page()
    address = f"{live_server.url}{link.get_absolute_url()}?embed=1"
    page.route(
        "https://www.example.org/**",
        lambda route: route.fulfill(content_type="text/html", body=f'<iframe src="{address}"></iframe>'),
    )
    page.goto("https://www.example.org/help")
    frame = page.frame_locator("iframe")
    frame.get_by_label("Myself").check()
    frame.get_by_label("Name", exact=True).fill("Maya")
    frame.get_by_label("Phone", exact=True).fill("07700 900123")
    frame.get_by_role("button", name="Continue", exact=True).last.click()
    frame.get_by_role("heading", name="What do you need?").wait_for()
    assert page.context.cookies() == []
    page.route(
        "https://elsewhere.example.org/**",
        lambda route: route.fulfill(content_type="text/html", body=f'<iframe src="{address}"></iframe>'),
    )
    page.goto("https://elsewhere.example.org/")
    assert page.frame_locator("iframe").get_by_label("Name").count() == 0
