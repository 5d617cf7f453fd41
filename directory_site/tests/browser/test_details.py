"""The pages of a service and an organisation in a real browser: wide and narrow, light and dark, on paper, without
scripts, by keyboard."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from directory_site.addresses import organisation_path, service_path
from directory_site.tests.listing import listed_service
from directory_site.tests.sites import public_site
from referrals.models import Postcode, Restriction, Service
from referrals.tests import factories as f
from referrals.tests.page_walk import PageWalk, draw_screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REFUSED = """addEventListener("securitypolicyviolation", event => console.error("refused: " + event.blockedURI))"""


@pytest.fixture
def pantry(transactional_db) -> Service:
    """A service that says all there is to say, in a network whose form is open, with neighbours."""
    public_site()
    network = f.NetworkFactory(name="Northside", slug="northside", area__name="Northside", details_length=0)
    f.ConsentWordingFactory(network=network)
    food = f.CategoryFactory(network=network, name="Food")
    pantry = listed_service(
        network,
        categories=[food],
        cost="charged",
        cost_note="£4.50 a week",
        closed_on_bank_holidays=True,
        description="You *choose*:\n\n- halal\n- vegetarian\n\nSee [the list](https://larderlane.example/list).",
        pathways=["drop_in", "self", "professional"],
    )
    pantry.organisation.phone = "020 7946 0100"
    pantry.organisation.description = "Neighbours who cook."
    pantry.organisation.save()
    Restriction.objects.create(service=pantry, age_from=18)
    Postcode.objects.create(code="NW52DB", point=f.INSIDE)
    listed_service(network, organisation=pantry.organisation, activity__name="Cook on a little")
    listed_service(network, organisation=f.OrganisationFactory(name="Kettle", network=network), categories=[food])
    return pantry


@pytest.fixture
def refuge(pantry) -> Service:
    organisation = f.OrganisationFactory(name="Turnstone", network=pantry.network)
    refuge = listed_service(pantry.network, organisation=organisation, activity__name="Way out", catchment=None)
    refuge.venue.is_confidential = True
    refuge.venue.save()
    return refuge


def open_page(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """Open a page; return it with the list that takes what goes wrong on it."""
    page, wrong = context.new_page(), []
    page.add_init_script(REFUSED)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(address)
    return page, wrong


# On these pages everything is pressed with a thumb, but for links within what organisations have written.
SMALL_TARGETS = """() => [...document.querySelectorAll("main a, main button")]
  .filter(one => one.checkVisibility() && !one.closest(".words"))
  .filter(one => { const box = one.getBoundingClientRect(); return box.height < 43.5 || box.width < 43.5; })
  .map(one => one.outerHTML)"""


@pytest.mark.slow(reason="a walk: making its site again for each page would take longer than opening it")
@pytest.mark.parametrize("screen", draw_screens("the details"), ids=str)
def test_pages_are_accessible_fit_the_screen_and_keep_to_their_policy(screen, pantry, refuge, live_server, new_context):
    walk = PageWalk(new_context, screen, small_targets=SMALL_TARGETS)
    for path in (service_path(pantry), service_path(refuge), organisation_path(pantry.organisation)):
        walk.look_at(live_server.url + path)
    walk.assert_no_problems()


def test_without_scripts_all_is_there_but_the_button_that_needs_one(pantry, live_server, new_context):
    page, _ = open_page(new_context(java_script_enabled=False), f"{live_server.url}{service_path(pantry)}")
    expect(page.get_by_role("table", name="The next seven days")).to_be_visible()
    expect(page.get_by_role("link", name="020 7946 0107")).to_have_attribute("href", "tel:02079460107")
    expect(page.get_by_role("img", name="Map of the area served")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()


def test_print_opens_the_browsers_dialogue(pantry, live_server, new_context):
    page, _ = open_page(new_context(), f"{live_server.url}{service_path(pantry)}")
    page.evaluate("window.print = () => { document.title = 'asked to print'; }")
    page.get_by_role("button", name="Print").click()
    assert page.title() == "asked to print"


def test_it_prints_on_one_sheet_with_what_is_needed_on_paper(pantry, live_server, new_context):
    page, _ = open_page(new_context(), f"{live_server.url}{service_path(pantry)}")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4", prefer_css_page_size=True))) == 1
    page.emulate_media(media="print")
    for words in ("Tuesday 10:00 to 13:00", "2 Larder Lane", "020 7946 0107", f"/services/{pantry.pk}/"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("img", name="The same address as a QR code")).to_be_visible()
    for words in ("The next seven days", "Open today", "Suggest a correction", "More from Larder Lane"):
        assert not [one for one in page.get_by_text(words).all() if one.is_visible()], words


def test_the_keyboard_comes_to_the_contacts_first(pantry, live_server, new_context):
    page, _ = open_page(new_context(), f"{live_server.url}{service_path(pantry)}")
    page.locator(".detail-by a").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="020 7946 0107")).to_be_focused()


def test_from_the_page_into_the_form_and_first_on_its_list(pantry, live_server, new_context):
    page, wrong = open_page(new_context(), f"{live_server.url}{service_path(pantry)}")
    page.get_by_role("link", name="Ask for help from").click()
    expect(page.get_by_text("You came from Members' pantry of Larder Lane.")).to_be_visible()
    page.get_by_label("Myself").check()
    page.get_by_label("Name", exact=True).fill("Maya Ferreira")
    page.get_by_label("Phone", exact=True).fill("07700 900123")
    page.get_by_label("Postcode").fill("NW5 2DB")
    page.get_by_label("Postcode").blur()
    page.locator("#place figure").wait_for()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Food").check()
    page.get_by_text("Tell more about you").or_(page.locator("#about section")).first.wait_for()
    page.locator("#about section #id_age").fill("40")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("where you came from, suits. It is asked first.")).to_be_visible()
    expect(page.locator(".offer h3").first).to_have_text("Larder Lane")
    assert wrong == []


def test_a_link_that_somebody_kept_still_leads_to_a_renamed_service(pantry, live_server, new_context):
    page, _ = open_page(new_context(), f"{live_server.url}{service_path(pantry)}")
    pantry.activity.name = "Community shop"
    pantry.activity.save()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Community shop")
    assert page.url == f"{live_server.url}/services/{pantry.pk}-community-shop-larder-lane/"
