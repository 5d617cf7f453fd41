"""What a visitor writes on a phone, and what becomes of it: a real browser, a real worker, real e-mail."""

import pytest
from playwright.sync_api import Page, expect

from directory_site.addresses import correction_path, send_path, service_path
from directory_site.tests.sites import public_site
from referrals.models import CardRequest, PublicMessage, Service
from referrals.tests.browsers import wait_until
from referrals.tests.depth import gate_or_all
from referrals.tests.page_walk import PageWalk, draw_screens
from referrals.tests.worlds import World
from referrals.visitor_messages import card_requests

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough password"
PHONE = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}


@pytest.fixture
def world(transactional_db) -> World:
    world = World(name="Northside")
    public_site()
    owner = world.owners[0]
    owner.set_password(PASSWORD)
    owner.save()
    service = world.services[0]
    service.activity.name = "Hot lunch"
    service.activity.save()
    Service.objects.filter(pk=service.pk).update(is_public=True, phone="020 7946 0011")
    return world


@pytest.fixture
def service(world) -> Service:
    return Service.objects.get(pk=world.services[0].pk)


def suggest_a_correction(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Suggest a correction").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what is not right.")
    page.get_by_label("The phone number or e-mail is wrong").check()
    page.get_by_label("What would be right?").fill("It is 020 7946 0022 now.")
    page.get_by_label("Your e-mail or phone number").fill("ana@visitor.example")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.get_by_role("link", name="Back to Hot lunch").click()
    expect(page.get_by_text("020 7946 0011")).to_be_visible()


def correct_the_service(page: Page, link: str, email: str) -> None:
    page.goto(link)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("It is 020 7946 0022 now.")).to_be_visible()
    page.get_by_role("link", name="Correct the service").click()
    page.get_by_role("tab", name="Public details").click()
    page.get_by_role("textbox", name="Phone").fill("020 7946 0022")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("region", name="What people are told now")).to_contain_text("020 7946 0022")
    page.get_by_label("What came of it").fill("Rang them: right.")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_text("Marked as done.")).to_be_visible()


@pytest.mark.sampled
def test_a_visitors_correction_reaches_the_organisation_which_corrects_the_service(
    world, service, live_server, worker, mailbox, new_context
):
    visitor = new_context(**PHONE).new_page()
    suggest_a_correction(visitor, live_server.url + service_path(service))

    told = mailbox.to(world.organisations[0].email)
    text = told.get_body(("plain",)).get_content()
    assert told["Subject"] == "A visitor says that something about Hot lunch is not right"
    assert "ana@visitor.example" not in told.as_string() + mailbox.to(world.network.email).as_string()
    assert len(mailbox.messages) == 2
    (link,) = [line for line in text.splitlines() if line.startswith("http")]

    owner = new_context().new_page()
    correct_the_service(owner, link, world.owners[0].email)
    message = PublicMessage.objects.get()
    assert (message.state, message.done_by, message.outcome) == ("done", world.owners[0], "Rang them: right.")
    owner.goto(f"{live_server.url}/backoffice/")
    expect(owner.get_by_text("message from the public")).to_have_count(0)
    visitor.reload()
    expect(visitor.get_by_text("020 7946 0022")).to_be_visible()


@pytest.mark.sampled
def test_a_visitor_takes_a_services_card_along(world, service, live_server, worker, mailbox, new_context, settings):
    settings.PUBLIC_URL = live_server.url
    page = new_context(**PHONE).new_page()
    page.goto(live_server.url + service_path(service))
    page.get_by_role("link", name="Send to my phone or e-mail").click()
    square = page.get_by_role("img", name="A QR code")
    assert square.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    page.get_by_label("E-mail address").fill("visitor@example.org")
    page.get_by_role("button", name="Send the e-mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is on its way")

    text = mailbox.to("visitor@example.org").get_body(("plain",)).get_content()
    assert "020 7946 0011" in text
    (link,) = [line for line in text.splitlines() if line.startswith("http")]
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hot lunch")
    assert len(mailbox.messages) == 1
    # The worker's schedule may have come by already.
    wait_until(page, lambda: card_requests.delete_expired() or not CardRequest.objects.exists())


def send_it_empty(page: Page) -> None:
    page.locator("main form button").click()
    page.get_by_role("alert").wait_for()  # and see what is missing


# In the gate the walk in test_every_page.py looks at them as they are sent empty.
@pytest.mark.parametrize("screen", draw_screens("the pages to write on"), ids=str)
def test_the_pages_are_accessible_and_fit_the_screen(screen, world, service, live_server, new_context):
    walk = PageWalk(new_context, screen)
    for path in (correction_path(service), send_path(service), "/contact/message/"):
        for press in gate_or_all([None], [None, send_it_empty]):
            walk.look_at(live_server.url + path, press)
    walk.assert_no_problems()


def test_a_button_pressed_twice_sends_one_message(world, service, live_server, new_context):
    page = new_context(java_script_enabled=True).new_page()
    page.goto(live_server.url + correction_path(service))
    page.get_by_label("It has closed for good").check()
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert PublicMessage.objects.count() == 1
