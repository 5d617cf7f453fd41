"""The browser's Back and Forward, questions that come in place, and a connection that goes: nothing typed is lost."""

import pytest
from playwright.sync_api import expect

from referrals.models import Person
from referrals.tests import factories as f
from referrals.tests.referral_form.browsing import fill_in_person, make_northside, press
from referrals.tests.referral_form.conftest import Northside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MUCH = "They have eaten little for a week. " * 4


@pytest.fixture
def northside(transactional_db) -> Northside:
    return make_northside()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_back_and_forward_keep_what_was_typed_also_after_sending(live_server, new_page, northside, has_scripts):
    page = new_page(java_script_enabled=has_scripts)
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page)
    press(page, "Continue")
    page.get_by_label("A little", exact=True).check()
    page.get_by_label("In your own words").fill(MUCH)
    press(page, "Continue")
    page.get_by_role("heading", name="can help Maya").wait_for()
    press(page, "Continue")
    page.get_by_label("Maya agrees").check()
    press(page, "Send the referral")
    steps = ["May we share this?", "Two organisations can help Maya", "What does Maya need?", "Who needs support?"]
    for title in steps:
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
    if has_scripts:
        expect(page.get_by_label("Name", exact=True)).to_have_value("Maya Ferreira")
        expect(page.get_by_label("Your e-mail")).to_have_value("sam@example.org")
    for title in reversed(steps[:-1]):
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        if title == "What does Maya need?" and has_scripts:
            expect(page.get_by_label("A little", exact=True)).to_be_checked()
            expect(page.get_by_label("In your own words")).to_have_value(MUCH)
    press(page, "Send the referral")  # the same again
    page.get_by_role("heading", name="The referral is sent").wait_for()
    assert Person.objects.count() == 1


def test_a_correction_on_the_first_page_loses_nothing_of_the_later_ones(live_server, new_page, northside):
    page = new_page()
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page)
    press(page, "Continue")
    page.get_by_label("A little", exact=True).check()
    page.get_by_label("In your own words").fill(MUCH)
    press(page, "Continue")
    press(page, "Remove Kilburn Pantry")
    for _ in range(3):
        page.go_back()
    expect(page.get_by_label("Phone", exact=True)).to_have_value("07700 900123")
    page.get_by_label("Phone", exact=True).fill("07700 900124")
    press(page, "Continue")
    expect(page.get_by_label("A little", exact=True)).to_be_checked()
    expect(page.get_by_label("In your own words")).to_have_value(MUCH)
    press(page, "Continue")
    expect(page.get_by_role("button", name="Put back Kilburn Pantry")).to_be_visible()
    press(page, "Continue")
    expect(page.locator("main")).to_contain_text("07700 900124")


def test_an_answer_stays_where_it_is_when_questions_come(live_server, new_page, northside):
    page = new_page(viewport={"width": 390, "height": 500})
    for number in range(12):
        f.QuestionOptionFactory(question__network=northside.network, text=f"Further {number}")
    f.publish_drafts()
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    press(page, "Continue")
    answer = page.get_by_label("No", exact=True)
    page.evaluate("scrollTo(0, 300)")
    before = answer.bounding_box()["y"]
    answer.check()
    page.get_by_label("A baby").wait_for()
    expect(page.locator(".htmx-settling, .htmx-request")).to_have_count(0)
    assert abs(answer.bounding_box()["y"] - before) < 5


def test_back_shows_the_questions_that_came_in_place_with_their_answers(live_server, new_page, northside):
    page = new_page()
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    press(page, "Continue")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("A baby").check()
    page.get_by_text("Baby supplies", exact=True).first.wait_for()
    press(page, "Continue")
    page.go_back()
    expect(page.get_by_label("A baby")).to_be_checked()
    press(page, "Continue")
    page.get_by_role("heading", name="can help you").wait_for()


def test_what_is_typed_while_a_question_comes_is_not_lost(live_server, new_page, northside):
    page = new_page()
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    press(page, "Continue")
    page.get_by_text("Tell more about you").click()
    waiting = []
    page.route("**/refer/**", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    page.get_by_label("No", exact=True).check()
    page.locator("#id_age").fill("34")
    page.wait_for_function("document.querySelector('.htmx-request')")
    waiting[0].continue_()
    page.get_by_label("A baby").wait_for()
    expect(page.locator("#id_age")).to_have_value("34")


def test_without_a_connection_a_form_waits_and_loading_again_stays_at_the_step(live_server, new_page, northside):
    page = new_page()
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.get_by_text("There is no connection just now.")).to_be_focused()
    page.context.set_offline(False)
    press(page, "Continue")
    page.reload()
    page.get_by_role("heading", name="What do you need?").wait_for()


def test_a_proposed_need_that_is_ticked_stays_so(live_server, new_page, northside):
    page = new_page()
    page.goto(f"{live_server.url}/refer/northside/")
    fill_in_person(page, is_self=True)
    press(page, "Continue")
    page.get_by_label("In your own words").fill("Some debt advice would help. " * 5)
    page.get_by_label("In your own words").blur()
    page.locator("#proposed").get_by_label("Debt advice").check()
    expect(page.locator("#proposed")).not_to_contain_text("Debt advice")
    expect(page.locator("#list").get_by_label("Debt advice")).to_be_checked()
    press(page, "Continue")
    press(page, "Continue anyway")  # whether there is food was left open
    expect(page.locator(".so-far")).to_contain_text("Debt advice")
