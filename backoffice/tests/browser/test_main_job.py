"""The main job from the first field of the form to an accepted referral, as four people live it."""

import csv
import io
import re
from urllib.parse import urlsplit

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import expect

from referrals.models import Event, Postcode, Referral
from referrals.tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough password"
PRIVATE = ["Maya", "Ferreira", "07700 900123", "maya@example.org", "NW5 2AA", "Leighton", "nut allergy"]


@pytest.fixture
def northside(transactional_db) -> World:
    """Three organisations that cover a real postcode, each with somebody who can sign in."""
    Postcode.objects.create(code="NW52AA", point=Point(-0.1372, 51.5520, srid=4326))
    world = World(needs=2, name="Northside")
    for user in [*world.owners, world.coordinator]:
        user.set_password(PASSWORD)
        user.save()
    return world


def textbox(page, name):
    """Find a field by the first words of its label."""
    return page.get_by_role("textbox", name=re.compile(f"^{name}"))


def fill_in_the_form(page, url, world):
    page.goto(url)
    page.get_by_label("Somebody else").check()
    textbox(page, "Name").fill("Maya Ferreira")
    textbox(page, "Phone").fill("07700 900123")
    textbox(page, "E-mail").fill("maya@example.org")
    textbox(page, "Postcode").fill("nw5 2aa")
    page.get_by_text("Add an address").click()
    textbox(page, "Address").fill("12 Leighton Road")
    page.locator("#place figure").wait_for()  # the map moves what is below it
    textbox(page, "Your name").fill("Sam Okoro")
    textbox(page, "Your organisation").fill("Citizens' Contact Centre")
    textbox(page, "Your phone").fill("020 7946 0011")
    page.get_by_role("button", name="Continue", exact=True).click()
    for need in world.needs:
        page.get_by_label(need.name, exact=True).check()
    page.get_by_text("Tell more about Maya").click()
    textbox(page, "Adults").fill("2")
    textbox(page, "In your own words").fill(
        "Benefits stopped on Friday while a change of address is checked. No food in the house from tomorrow. "
        "One child has a nut allergy."
    )
    page.get_by_role("button", name="Continue", exact=True).click()


def sign_in(page, user):
    textbox(page, "E-mail").fill(user.email)
    textbox(page, "Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def link_in(message) -> str:
    text = message.get_body(("plain",)).get_content()
    return next(line for line in text.splitlines() if line.startswith("http"))


def refer(page, url, world) -> Referral:
    """Fill in the form, remove the second of three organisations, consent and send."""
    removed = world.organisations[1]
    fill_in_the_form(page, url, world)
    offers = page.locator(".offer")
    expect(offers.locator("h3")).to_have_text([organisation.name for organisation in world.organisations])
    for reason in ("Covers NW5 2", "Meets both needs", "Has room"):
        expect(offers.first).to_contain_text(reason)
    page.get_by_role("button", name=f"Remove {removed.name}").click()
    expect(page.get_by_role("button", name=f"Put back {removed.name}")).to_be_visible()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.locator(".asked")).to_contain_text(world.organisations[0].name)
    expect(page.locator(".asked")).not_to_contain_text(removed.name)
    page.get_by_label("Maya agrees").check()
    page.get_by_role("button", name="Send the referral").click()
    page.get_by_role("heading", name="The referral is sent").wait_for()
    referral = Referral.objects.get()
    expect(page.locator("main")).to_contain_text(referral.reference)
    page.wait_for_load_state()
    assert not any(private in page.url + page.content() for private in PRIVATE)
    assert page.context.cookies() == []
    return referral


def check_messages(to_person, to_first, first):
    """The person is named in nothing but the own message's body; the organisation's has no personal detail."""
    assert "Maya" not in to_person["Subject"]
    assert first.name in to_person.get_body(("plain",)).get_content()
    for part in (str(to_first["Subject"]), *(p.get_content() for p in to_first.walk() if not p.is_multipart())):
        assert not any(private in part for private in PRIVATE)
    assert "NW5" in to_first.get_body(("plain",)).get_content()


def check_download(page):
    """The download holds what is needed to get in touch."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this referral as CSV").click()
    with open(download.value.path(), encoding="utf-8-sig") as file:
        text = file.read()
    rows = list(csv.reader(io.StringIO(text)))
    assert any("Maya Ferreira" in cell for row in rows for cell in row)
    assert any("nut allergy" in cell for row in rows for cell in row)
    assert not any(private in urlsplit(page.url).geturl() for private in PRIVATE)


def test_from_the_form_to_an_accepted_referral(northside, live_server, worker, mailbox, new_context):
    world = northside
    first, _, second = world.organisations
    referral = refer(new_context().new_page(), f"{live_server.url}/refer/{world.network.slug}/", world)

    to_first = mailbox.to(first.email)
    check_messages(mailbox.to("maya@example.org"), to_first, first)

    # The first organisation signs in from its link and rejects.
    page = new_context().new_page()
    page.goto(link_in(to_first))
    assert not any(private in page.content() for private in PRIVATE)
    sign_in(page, world.owners[0])
    page.get_by_role("heading", name="Maya Ferreira").wait_for()
    page.get_by_role("link", name="Reject").click()
    page.get_by_label("No room").check()
    page.get_by_role("button", name="Reject").click()
    page.locator(".messages").get_by_text("You rejected this").wait_for()

    # The second is asked by the worker, and two clicks from its message the referral is accepted.
    page = new_context().new_page()
    page.goto(link_in(mailbox.to(second.email)))
    sign_in(page, world.owners[2])
    page.get_by_role("button", name="Accept both needs").click()
    page.get_by_role("link", name="Refer on").wait_for()
    referral.refresh_from_db()
    assert referral.status == "placed"
    check_download(page)

    kinds = list(Event.objects.filter(referral=referral).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["submitted", "offered", "rejected", "offered", "accepted"]
    about_it = [message for message in mailbox.messages if referral.reference in message["Subject"]]
    assert len(about_it) == 3  # and perhaps the week's summary, if the worker came upon its hour
