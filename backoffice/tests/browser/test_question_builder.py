"""A flow of ten questions, built by mouse and by keyboard alone, tried, published and taken back."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.tests.browser.scene import sign_in
from referrals.models import FlowVersion, Network, Question, QuestionOption, Referral
from referrals.questions.draft import load_draft
from referrals.tests import factories as f
from referrals.tests.browsers import wait_until_ready

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = "Is there food?"
FOLLOW_UPS = [f"Follow-up {number}?" for number in range(1, 10)]


@pytest.fixture
def network(transactional_db) -> Network:
    network = f.NetworkFactory(name="Northside", slug="northside")
    f.ConsentWordingFactory(network=network)
    f.CategoryFactory(network=network, name="Food parcels")
    network.coordinator = f.UserFactory(name="Ada")
    network.coordinator.network_roles.create(network=network, role="coordinator")
    return network


@pytest.fixture
def page(network, live_server, new_context) -> Page:
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    sign_in(page, live_server.url, network.coordinator, then=reverse("backoffice:questions", args=[network.pk]))
    wait_until_ready(page)
    return page


def settle(page: Page) -> None:
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def drop_above(page: Page, dragged: str, target: str) -> None:
    cards = page.locator(".question-card")
    handle = cards.filter(has=page.get_by_role("heading", name=dragged)).locator(".drag-handle")
    handle.hover()
    box = cards.filter(has=page.get_by_role("heading", name=target)).bounding_box()
    assert box["y"] > 0
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 30, steps=4)
    page.mouse.move(box["x"] + 40, box["y"] + 4, steps=4)
    page.mouse.up()


@pytest.mark.slow(reason="ten questions, each saved by itself")
def test_ten_questions_are_built_tried_published_and_taken_back_by_mouse(page, network, live_server):
    page.get_by_role("link", name="Add a question").click()
    page.get_by_label("Question", exact=True).fill(FIRST)
    page.get_by_label("Answer 1", exact=True).fill("Yes")
    page.get_by_label("Answer 2", exact=True).fill("No")
    page.get_by_text("Adds needs: none (answer 2)").click()
    page.get_by_role("group", name="Needs that answer 2 adds").get_by_label("Food parcels").check()
    page.get_by_text("Leads to: none (answer 2)").click()
    page.get_by_label("A new question that answer 2 leads to").fill(FOLLOW_UPS[0])
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_role("heading", name=FIRST)).to_be_visible()
    for number, text in enumerate(FOLLOW_UPS[1:]):
        page.get_by_label("Question", exact=True).fill(text)
        page.get_by_label("Answered by").select_option(["A few words", "A date", "Yes or no"][number % 3])
        page.get_by_role("button", name="Save and add another").click()
        expect(page.get_by_role("heading", name=text)).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name=f"Edit “{FOLLOW_UPS[0]}”").click()
    expect(page.get_by_label("Question", exact=True)).to_have_value(FOLLOW_UPS[0])
    settle(page)
    page.get_by_label("Answered by").select_option("A whole number")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"“{FOLLOW_UPS[0]}” is saved in the draft.")).to_be_visible()
    settle(page)
    expect(page.locator(".question-card")).to_have_count(10)
    expect(page.locator(".flow-box")).to_have_count(10)
    drop_above(page, FOLLOW_UPS[8], FOLLOW_UPS[5])
    expect(page.get_by_text(f"“{FOLLOW_UPS[8]}” is moved.")).to_be_visible()
    order = [box.text for box in load_draft(network.pk)]
    assert order == [FIRST, *FOLLOW_UPS[:5], FOLLOW_UPS[8], *FOLLOW_UPS[5:8]]

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Try it").click()
    trial = opened.value
    expect(trial.get_by_text("nothing that you write here is stored")).to_be_visible()
    trial.get_by_label("No", exact=True).first.check()
    trial.get_by_label(FOLLOW_UPS[0]).fill("3")
    trial.get_by_role("button", name="Continue").last.click()
    expect(trial.locator(".so-far")).to_contain_text("Food parcels")
    assert not Referral.objects.exists()
    trial.close()

    page.get_by_role("link", name="Publish…").click()
    expect(page.get_by_text(f"“{FIRST}” is new")).to_be_visible()
    page.get_by_role("button", name="Try it on them").or_(page.get_by_role("link", name="Try it on them")).click()
    expect(page.get_by_text("Nobody has been referred here yet")).to_be_visible()
    page.get_by_label("What for?").fill("To begin with")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The form asks version 1")).to_be_visible()
    Question.objects.filter(text=FIRST).update(text="Any food?")
    f.publish_drafts(network)
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_text(f"“Any food?” reads “{FIRST}” now.")).to_be_visible()
    page.get_by_role("button", name="Return to version 1").click()
    expect(page.get_by_text("This is version 3 now, the same as version 1")).to_be_visible()
    versions = FlowVersion.objects.filter(network=network)
    assert versions.get(number=3).content == versions.get(number=1).content


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until what has the focus is called this."""
    for _ in range(200):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate(
            """name => {
                const one = document.activeElement;
                const label = one.labels?.[0]?.textContent ?? one.textContent;
                return label.replace(/\\s+/g, ' ').trim() === name;
            }""",
            name,
        ):
            return
    pytest.fail(f"The keyboard does not reach “{name}”.")


@pytest.mark.slow(reason="ten questions, each by hundreds of keys")
def test_ten_questions_are_built_put_in_order_and_published_by_keyboard_alone(page, network):
    tab_to(page, "Add a question")
    page.keyboard.press("Enter")
    for number, text in enumerate([FIRST, *FOLLOW_UPS]):
        page.locator("#id_question-text").wait_for()
        tab_to(page, "Question")
        page.keyboard.type(text)
        if number == 0:
            tab_to(page, "Answer 1")
            page.keyboard.type("No")
            tab_to(page, "Urgent if answer 1")
            page.keyboard.press("Space")
        else:
            tab_to(page, "Answered by")
            page.keyboard.type("A few")
        tab_to(page, "Save and add another")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=text).wait_for()
        settle(page)
    for _ in range(2):
        tab_to(page, f"↑ Move “{FOLLOW_UPS[8]}” up")
        page.keyboard.press("Enter")
        page.get_by_text(f"“{FOLLOW_UPS[8]}” is moved.").wait_for()
        settle(page)
    assert [box.text for box in load_draft(network.pk)] == [FIRST, *FOLLOW_UPS[:6], FOLLOW_UPS[8], *FOLLOW_UPS[6:8]]
    assert QuestionOption.objects.get().is_urgent
    tab_to(page, "Publish…")
    page.keyboard.press("Enter")
    page.wait_for_url("**/publish/")
    tab_to(page, "Publish")
    page.keyboard.press("Enter")
    page.get_by_text("The form asks version 1").wait_for()
    assert FlowVersion.objects.get().number == 1


def test_it_works_without_scripts(network, live_server, new_context):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server.url, network.coordinator, then=reverse("backoffice:questions", args=[network.pk]))
    page.get_by_role("link", name="Add a question").click()
    page.get_by_label("Question", exact=True).fill(FIRST)
    for number in (1, 2, 3):
        page.get_by_label(f"Answer {number}", exact=True).fill(f"Way {number}")
    page.get_by_role("button", name="More answers").click()
    page.get_by_label("Answer 4", exact=True).fill("Way 4")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is saved in the draft")).to_be_visible()
    assert QuestionOption.objects.count() == 4


def test_whoever_was_signed_out_meanwhile_is_told_and_keeps_what_was_typed(page, network):
    page.get_by_role("link", name="Add a question").click()
    page.get_by_label("Question", exact=True).fill(FIRST)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".question-form [data-failed]")).to_contain_text("signed out")
    expect(page.get_by_label("Question", exact=True)).to_have_value(FIRST)
    assert not Question.objects.exists()
