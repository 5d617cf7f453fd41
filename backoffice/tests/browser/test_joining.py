"""From the coordinator's invitation to a published service: four people, four browsers, real e-mail."""

import pytest
from django.urls import reverse

from backoffice.tests.browser.test_main_job import PASSWORD, link_in, sign_in, textbox
from backoffice.tests.browser.test_second_factor import turn_on_second_factor
from referrals.models import Invitation, Network, Organisation, Service
from referrals.tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db) -> World:
    world = World(needs=2, name="Northside", requires_second_factor=False)
    world.coordinator.set_password(PASSWORD)
    world.coordinator.save()
    return world


def invite(page, live_server, email: str) -> None:
    page.goto(live_server.url + reverse("backoffice:index"))
    page.get_by_role("link", name="Organisations", exact=True).first.click()
    page.get_by_role("link", name="Invite an organisation").click()
    textbox(page, "Name of the organisation").fill("Elm Row Kitchen")
    textbox(page, "E-mail of someone there").fill(email)
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text(f"{email} has been invited").wait_for()


def join(page, link: str, name: str) -> None:
    page.goto(link)
    textbox(page, "Your name").fill(name)
    textbox(page, "Choose a password").fill(PASSWORD)
    textbox(page, "The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()


def publish_a_service(page, world) -> Service:
    page.get_by_role("link", name="Add a service").click()
    page.get_by_label("Activity").fill("Hot lunch")
    page.get_by_label(world.needs[0].name).check()
    page.get_by_role("tab", name="Capacity").click()
    page.get_by_role("spinbutton", name="Capacity").fill("12")
    page.get_by_role("tab", name="Public details").click()
    page.get_by_label("Listed publicly").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()
    return Service.objects.get(activity__name="Hot lunch")


@pytest.mark.sampled
@pytest.mark.slow(reason="one story of three people, each with a browser")
def test_an_organisation_is_invited_joins_brings_a_colleague_and_publishes(
    world, live_server, worker, mailbox, new_context
):
    coordinator = new_context().new_page()
    coordinator.goto(live_server.url + reverse("backoffice:index"))
    sign_in(coordinator, world.coordinator)
    coordinator.get_by_role("heading", name="Waiting for you").wait_for()
    invite(coordinator, live_server, "ana@elmrow.example")
    Network.objects.update(requires_second_factor=True)

    owner = new_context().new_page()
    join(owner, link_in(mailbox.to("ana@elmrow.example")), "Ana Reyes")
    turn_on_second_factor(owner)  # at once: the network asks for it
    owner.get_by_role("link", name="I have kept them").click()
    owner.get_by_role("heading", name="First steps for Elm Row Kitchen").wait_for()

    owner.get_by_role("link", name="Invite a colleague").click()
    textbox(owner, "E-mail").fill("bo@elmrow.example")
    owner.get_by_role("button", name="Send the invitation").click()
    owner.get_by_text("bo@elmrow.example has been invited").wait_for()
    colleague = new_context().new_page()
    join(colleague, link_in(mailbox.to("bo@elmrow.example")), "Bo Lindqvist")
    turn_on_second_factor(colleague)
    colleague.get_by_role("link", name="I have kept them").click()
    colleague.get_by_text("Elm Row Kitchen").first.wait_for()

    organisation = Organisation.objects.get(name="Elm Row Kitchen")
    owner.goto(live_server.url + reverse("backoffice:first_steps", args=[organisation.pk]))
    service = publish_a_service(owner, world)
    assert (service.organisation, service.is_public, service.capacity) == (organisation, True, 12)
    owner.goto(live_server.url + reverse("backoffice:first_steps", args=[organisation.pk]))
    owner.get_by_text("You are ready").wait_for()
    assert sorted(organisation.members.values_list("user__name", "role")) == [
        ("Ana Reyes", "owner"),
        ("Bo Lindqvist", "member"),
    ]


@pytest.mark.sampled
def test_a_withdrawn_and_an_expired_invitation_say_so(world, live_server, worker, mailbox, new_context):
    coordinator = new_context().new_page()
    coordinator.goto(live_server.url + reverse("backoffice:index"))
    sign_in(coordinator, world.coordinator)
    coordinator.get_by_role("heading", name="Waiting for you").wait_for()
    invite(coordinator, live_server, "ana@elmrow.example")
    link = link_in(mailbox.to("ana@elmrow.example"))

    coordinator.get_by_role("link", name="Withdraw").click()
    coordinator.get_by_role("button", name="Withdraw").click()
    coordinator.get_by_text("has been withdrawn").wait_for()
    invited = new_context().new_page()
    invited.goto(link)
    invited.get_by_role("heading", name="This invitation has been withdrawn").wait_for()

    Invitation.objects.update(withdrawn_at=None, expires_at="2026-01-01T00:00Z")
    invited.goto(link)
    invited.get_by_role("heading", name="This invitation has expired").wait_for()
    assert world.coordinator.email in invited.content()
