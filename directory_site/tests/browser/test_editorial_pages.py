"""The pages that editors make, in a real browser: wide and narrow, light and dark, without scripts, by keyboard."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from directory_site.languages import other_languages
from directory_site.models import GuidancePage, PublicSite
from directory_site.tests.browser.found import SMALL_TARGETS
from directory_site.tests.made_sites import listed, made_site
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases, gate_or_all
from referrals.tests.page_walk import PageWalk, Screen, draw_screens
from referrals.tests.stock import stock_image

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = [
    "/",
    "/guidance/",
    "/guidance/no-food-today/",
    "/guidance/unsafe-at-home/",
    "/guidance/money-and-debt/",
    "/about/",
    "/contact/",
    "/accessibility/",
    "/no-such-page/",
]
# In the gate the walk in test_every_page.py opens the others.
ONLY_HERE = ["/guidance/unsafe-at-home/", "/guidance/money-and-debt/", "/accessibility/"]


@pytest.fixture
def site(transactional_db) -> PublicSite:
    network = f.NetworkFactory(name="Northside", phone="020 7946 0010")
    f.ConsentWordingFactory(network=network)
    listed(network, "Members' pantry", summary="Groceries for £4.50 a week.")
    listed(network, "Debt advice", "money")
    site = made_site()
    site.logo = stock_image("Logo")
    site.save()
    page = GuidancePage.objects.get(slug="money-and-debt")
    page.picture, page.picture_alt = stock_image("Purse"), "An open purse"
    page.save()
    return site


def unfold(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")


@pytest.mark.parametrize("screen", draw_screens("the editors' pages"), ids=str)
def test_pages_are_accessible_fit_the_screen_and_keep_to_their_policy(screen, site, live_server, new_context):
    walk = PageWalk(new_context, screen, small_targets=SMALL_TARGETS)
    for path in gate_or_all(ONLY_HERE, PATHS):
        walk.look_at(live_server.url + path, unfold)
    walk.assert_no_problems()


@pytest.mark.parametrize(
    ("colour", "scheme"),
    draw_cases(
        "brand colours",
        [(colour, scheme) for colour in ("#5b2a86", "#8e6a00", "#101010") for scheme in ("light", "dark")],
        share=1 / 6,
    ),
)
def test_they_stay_so_in_a_colour_of_the_sites_own(colour, scheme, site, live_server, new_context):
    site.brand_colour = colour
    site.full_clean()
    site.save()
    walk = PageWalk(new_context, Screen(1280, scheme), small_targets=SMALL_TARGETS)
    for path in ("/guidance/no-food-today/", "/"):
        walk.look_at(live_server.url + path, unfold)
    walk.assert_no_problems()
    if scheme == "light":
        page = walk.context.new_page()
        page.goto(live_server.url)
        red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
        button = page.get_by_role("button", name="Find help")
        expect(button).to_have_css("background-color", f"rgb({red}, {green}, {blue})")


def visitor(new_context, **options: object) -> BrowserContext:
    return new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, **options)


def test_a_visitor_without_scripts_finds_a_number_and_the_way_to_food(site, live_server, new_context):
    page = visitor(new_context).new_page()
    page.goto(live_server.url)
    assert page.context.cookies() == []
    page.get_by_text("Need help right now?").click()
    expect(page.get_by_role("complementary").get_by_role("link", name="116 123")).to_have_attribute(
        "href", "tel:116123"
    )
    page.get_by_role("link", name="If you have no food today").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("If you have no food today")
    page.get_by_text("My children get no breakfast").click()
    expect(page.get_by_text("Ask at the school for the breakfast club")).to_be_visible()
    page.get_by_role("link", name="Members' pantry").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Members' pantry")
    assert page.context.cookies() == []


def test_the_front_page_asks_the_directory(site, live_server, new_context):
    page = visitor(new_context).new_page()
    page.goto(live_server.url)
    page.get_by_label("What do you need?").fill("pantry")
    page.get_by_label("Postcode or place").fill("NW5")
    page.get_by_role("button", name="Find help").click()
    expect(page).to_have_url(f"{live_server.url}/directory/?q=pantry&place=NW5")
    page.go_back()
    page.get_by_role("link", name=re.compile("Money")).first.click()
    expect(page).to_have_url(f"{live_server.url}/directory/?category=money")


def test_a_keyboard_reaches_everything_in_the_order_of_the_page(site, live_server, new_context):
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{live_server.url}/guidance/")
    reached = []
    while "Home" not in reached and len(reached) < 20:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    languages = {one.name for one in other_languages("/guidance/")}
    assert [words for words in reached if words not in languages] == [
        "Skip to the content",
        "Need help right now? Numbers to ring",
        "Help in NorthsidePeople who work together, in one place",
        "Find help",
        "Guidance",
        "About",
        "Contact",
        "Sign in",
        "Home",
    ]
    page.goto(f"{live_server.url}/guidance/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "If you have no food today"


def test_on_paper_an_article_is_its_words_alone(site, live_server, new_context):
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{live_server.url}/guidance/no-food-today/")
    page.emulate_media(media="print")
    for hidden in (".urgent-bar", ".site-menu", ".crumbs", ".neighbours", ".site-foot nav"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_role("heading", name="Money for this week")).to_be_visible()
