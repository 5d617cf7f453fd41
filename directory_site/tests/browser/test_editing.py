"""An editor's day in a real browser: writing a page of blocks, looking at it, publishing, renaming and moving it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from directory_site.models import GuidanceIndexPage, GuidancePage, PlainPage, PublicSite
from directory_site.tests.made_sites import listed, made_site
from referrals.enums import Role
from referrals.models import User
from referrals.tests import factories as f
from referrals.tests.browsers import give_session
from referrals.tests.stock import stock_image
from referrals.tests.watch import Watch

# Wagtail leaves the temporary file of a rendition to the garbage collector.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture
def site(transactional_db) -> PublicSite:
    network = f.NetworkFactory(name="Northside")
    listed(network, "Warm room", "energy", summary="Soup and a heater.")
    stock_image("A kettle", description="")
    return made_site()


@pytest.fixture
def editor(site) -> User:
    return f.NetworkRoleFactory(role=Role.EDITOR).user


@pytest.fixture
def desk(editor, live_server, new_context) -> Page:
    """A page of the CMS, in which nothing may be refused by the policy and no script may fail."""
    context = new_context(viewport={"width": 1280, "height": 1000})
    watch = Watch(context)
    give_session(context, live_server.url, editor)
    yield context.new_page()
    assert watch.refused == []
    assert watch.broken == []


@pytest.fixture
def outside(live_server, new_context) -> Page:
    """A page of the public site, as a visitor has it."""
    return new_context().new_page()


def add_block(body: Locator, name: str) -> Locator:
    """Put a block at the end and return it."""
    body.get_by_role("button", name="Insert a block").last.click()
    body.page.get_by_role("option", name=name, exact=True).click()
    block = body.locator("[data-streamfield-child]").last
    block.scroll_into_view_if_needed()
    return block


def write_article(page: Page) -> None:
    page.get_by_role("textbox", name="Title").fill("If you are cold at home")
    page.get_by_role("textbox", name="Summary").fill("What to do when the heating is off.")
    body = page.locator("#panel-child-content-body-section")
    add_block(body, "Heading").get_by_role("textbox", name="Text").fill("Today")
    add_block(body, "Text").get_by_role("textbox").fill("Ring your supplier and ask for credit.")
    call_out = add_block(body, "Call-out")
    call_out.get_by_role("combobox", name="Kind").select_option("urgent")
    call_out.get_by_role("textbox", name="Title").fill("Smell gas?")
    call_out.locator("[contenteditable=true]").fill("Ring 0800 111 999.")
    choose_a_picture(add_block(body, "Picture"))
    services = add_block(body, "Services of a category")
    services.get_by_role("combobox", name="Category").select_option("energy")
    button = add_block(body, "Button")
    choose_a_page(button, "Contact us")


def choose_a_picture(block: Locator, *, alt: str = "A kettle on a stove") -> None:
    block.get_by_role("button", name="Choose an image").click()
    block.page.locator(".modal").get_by_role("link", name="A kettle").click()
    block.page.locator(".modal").wait_for(state="detached")
    expect(block.get_by_label("Alt text")).to_have_value("A kettle")  # what is known of it, to begin with
    block.get_by_label("Alt text").fill(alt)


def choose_a_page(block: Locator, title: str) -> None:
    block.get_by_role("button", name="Choose a page").click()
    dialog = block.page.locator(".modal")
    dialog.get_by_placeholder("Search").fill(title)
    dialog.get_by_role("link", name=title, exact=True).click()
    dialog.wait_for(state="detached")


def publish(page: Page) -> None:
    page.locator(".footer").get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=re.compile("^Publish")).click()
    page.get_by_text(re.compile("published|publish.*done")).first.wait_for()


@pytest.mark.sampled
@pytest.mark.slow(reason="one story, from an empty page to a published one")
def test_an_editor_writes_a_page_of_blocks_looks_at_it_and_publishes(desk, outside, live_server):
    parent = GuidanceIndexPage.objects.get().pk
    desk.goto(f"{live_server.url}/cms/pages/{parent}/add_subpage/")
    desk.wait_for_url("**/add/directory_site/guidancepage/**")  # the only kind there can be here
    write_article(desk)
    desk.get_by_role("button", name="Toggle preview").first.click()
    preview = desk.frame_locator("#w-preview-iframe").locator("main")
    expect(preview.get_by_role("heading", name="Today")).to_be_visible()
    expect(preview.get_by_text("Soup and a heater.")).to_be_visible()
    assert outside.goto(f"{live_server.url}/guidance/if-you-are-cold-at-home/").status == 404
    publish(desk)
    assert outside.goto(f"{live_server.url}/guidance/if-you-are-cold-at-home/").status == 200
    expect(outside.get_by_role("heading", level=1)).to_have_text("If you are cold at home")
    expect(outside.locator(".call-out.urgent")).to_contain_text("Ring 0800 111 999.")
    expect(outside.get_by_role("img", name="A kettle on a stove")).to_be_visible()
    expect(outside.get_by_role("link", name="Warm room")).to_be_visible()
    expect(outside.get_by_role("article").get_by_role("link", name="Contact us")).to_have_attribute("href", "/contact/")
    assert outside.context.cookies() == []


@pytest.mark.sampled
def test_what_was_forgotten_is_pointed_out_when_a_page_is_published(desk, live_server):
    page = GuidancePage.objects.get(slug="money-and-debt")
    desk.goto(f"{live_server.url}/cms/pages/{page.pk}/edit/")
    body = desk.locator("#panel-child-content-body-section")
    choose_a_picture(add_block(body, "Picture"), alt="")
    add_block(body, "Button")
    desk.locator(".footer").get_by_role("button", name="More actions").click()
    desk.get_by_role("button", name=re.compile("^Publish")).click()
    expect(desk.get_by_text("Please add some alt text for your image or mark it as decorative")).to_be_visible()
    expect(desk.get_by_text("Choose a page or write an address, not both.")).to_be_visible()


@pytest.mark.sampled
def test_old_links_of_a_renamed_and_a_moved_page_still_work(desk, outside, live_server):
    page = GuidancePage.objects.get(slug="money-and-debt")
    desk.goto(f"{live_server.url}/cms/pages/{page.pk}/edit/")
    desk.get_by_role("tab", name="Promote").click()
    desk.get_by_role("textbox", name="Slug").fill("money")
    publish(desk)
    outside.goto(f"{live_server.url}/guidance/money-and-debt/")
    expect(outside).to_have_url(f"{live_server.url}/guidance/money/")
    about, privacy = (PlainPage.objects.get(slug=slug).pk for slug in ("about", "privacy"))
    desk.goto(f"{live_server.url}/cms/pages/{about}/move/{privacy}/confirm/")
    desk.get_by_role("button", name=re.compile("move", re.IGNORECASE)).click()
    desk.wait_for_url(f"**/cms/pages/{privacy}/")
    outside.goto(f"{live_server.url}/about/")
    expect(outside).to_have_url(f"{live_server.url}/privacy/about/")
    expect(outside.get_by_role("heading", level=1)).to_have_text("About this site")


@pytest.mark.sampled
def test_an_editor_gives_the_site_its_look(desk, outside, site, live_server):
    desk.goto(f"{live_server.url}/cms/settings/directory_site/publicsite/{site.site_id}/")
    expect(desk.get_by_role("tab", name="Networks")).to_have_count(0)
    desk.get_by_role("textbox", name="Brand colour").fill("#ffcc00")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("This colour is too pale")).to_be_visible()
    desk.get_by_role("textbox", name="Brand colour").fill("#5b2a86")
    desk.get_by_role("tab", name="Menus and footer").click()
    menu = desk.locator("#panel-child-menus_and_footer-header_menu-section")
    link = add_block(menu, "Link") if menu.get_by_role("option").count() else add_only_block(menu)
    link.get_by_role("textbox", name="Link text").fill("Privacy")
    choose_a_page(link, "Privacy notice")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_text("updated").first.wait_for()
    outside.goto(live_server.url)
    expect(outside.get_by_role("navigation", name="Main").get_by_role("link")).to_have_text(
        ["Find help", "Guidance", "About", "Contact", "Privacy"]
    )
    expect(outside.get_by_role("button", name="Find help")).to_have_css("background-color", "rgb(91, 42, 134)")


def add_only_block(stream: Locator) -> Locator:
    stream.get_by_role("button", name="Insert a block").last.click()
    return stream.locator("[data-streamfield-child]").last


@pytest.mark.sampled
def test_an_editor_adds_words_that_a_search_takes_for_the_same(desk, live_server):
    desk.goto(f"{live_server.url}/cms/")
    desk.get_by_role("button", name="Search words").click()
    desk.get_by_role("link", name="Words that mean the same").click()
    desk.get_by_role("link", name=re.compile("^Add words")).first.click()
    desk.get_by_role("textbox", name="Words").fill("hamper, Christmas box")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_text("created").first.wait_for()
    desk.goto(f"{live_server.url}/cms/snippets/directory_site/synonymgroup/?q=christmas")
    expect(desk.get_by_role("link", name="hamper, christmas box").first).to_be_visible()
