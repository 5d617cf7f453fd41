"""Every kind of page in a real browser: nothing on it is refused by the policy that it came with.

Pages that are not stock ones are walked in test_every_page.py, here and in the directory.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect
from wagtail.models import Page as SitePage
from wagtail.models import Site

from backoffice.tests.browser.drawing import put_corner
from backoffice.tests.browser.kinds_of_page import (
    CMS_PAGES,
    NO_PAGE,
    ON_THE_WAY,
    OWN_CMS_PATTERNS,
    PAGES,
    address,
    kinds_of_admin_page,
    names_of_patterns,
    patterns_of_tables,
)
from backoffice.tests.browser.scene import PASSWORD, Scene, sign_in
from backoffice.tests.browser.test_second_factor import turn_on_second_factor
from backoffice.tests.page_policy import refused_markup
from referrals.tests.browsers import give_session, in_account_menu, wait_until, wait_until_ready
from referrals.tests.depth import draw_cases
from referrals.tests.watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PARTNER = "https://www.example.org"


@pytest.fixture
def scene(transactional_db) -> Scene:
    return Scene()


@pytest.fixture
def home(transactional_db) -> SitePage:
    """The public site's front page. Tests like these empty all tables behind them, so it may have to be made again."""
    call_command("make_site", verbosity=0)
    return Site.objects.get(is_default_site=True).root_page.specific


@pytest.fixture
def watched(new_context) -> Iterator[tuple[BrowserContext, Watch]]:
    """Open a browser in which nothing may be refused and no script may fail."""
    context = new_context()
    watch = Watch(context)
    yield context, watch
    assert watch.refused == []
    assert watch.broken == []


def test_every_kind_of_page_is_in_a_list():
    listed = {name for kinds in PAGES.values() for name, _ in kinds} | {name for name, _ in kinds_of_admin_page()}
    listed |= {*ON_THE_WAY, *NO_PAGE, *OWN_CMS_PATTERNS, *patterns_of_tables()}
    own = {name for name in names_of_patterns() if not name.startswith("wagtail")}
    assert own - listed == set()
    assert listed - own == set()


@pytest.mark.parametrize("planted", ["<script>1</script>", "<p style='color: red'>", "<img src='//example.org/x.png'>"])
def test_what_is_planted_is_refused_and_seen(planted, scene, live_server, new_context):
    context = new_context()
    watch = Watch(context)
    page = context.new_page()

    def plant(route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text() + planted)

    page.route("**/refer/**", plant)
    page.goto(f"{live_server.url}/refer/{scene.tenant.network.slug}/")
    wait_until(page, lambda: len(watch.refused) >= 2)  # by the event, and by the console


def draw_of_each_kind(client: Client, addresses: list[str]) -> list[str]:
    """Draw one address of each kind, which is of pages with the same template and the same scripts: all with --all.

    Whatever is drawn, no page's markup holds what its policy would refuse.
    """
    kinds: dict[tuple, list[str]] = defaultdict(list)
    for path in addresses:
        response = client.get(path, follow=True)
        assert refused_markup(response) == [], path
        scripts = sorted(set(re.findall(r'<script[^>]* src="([^"]+)"', response.text)))
        kinds[(response.templates[0].name if response.templates else "", *scripts)].append(path)
    return [drawn for kind, those in kinds.items() for drawn in draw_cases(repr(kind), those, share=0)]


@pytest.mark.sampled
@pytest.mark.slow(reason="a walk: making its scene again for each page would take longer than opening it")
def test_every_admin_page_keeps_to_its_policy(scene, live_server, watched, signed_in):
    context, _ = watched
    operator = scene.people["operator"]
    give_session(context, live_server.url, operator)
    page = context.new_page()
    addresses = [address(kind, scene) for kind in kinds_of_admin_page()]
    assert len(set(addresses)) > len(admin.site._registry) * 2
    for path in draw_of_each_kind(signed_in(operator), addresses):
        page.goto(live_server.url + path)


def test_what_scripts_of_the_back_office_do_keeps_to_the_policy(scene, live_server, watched):
    context, watch = watched
    page = context.new_page()
    sign_in(page, live_server.url, scene.people["operator"])
    page.goto(live_server.url + reverse("backoffice:referrals_service_change", args=[scene.tenant.service.pk]))
    draw_on_the_map(page)
    add_a_venue_in_a_dialog(page)
    wait_until_ready(page)
    page.goto(live_server.url + reverse("backoffice:referrals_activity_add"))
    complete_a_field(page)
    add_in_a_pop_up(page)
    read_a_message(page, live_server.url)
    sign_out(page)
    ways = ("autocomplete", "catchment_change", "catchment_surroundings", "logout", "service_preview")
    assert {f"backoffice:{name}" for name in ways} <= watch.names


def test_the_way_in_with_a_second_factor_keeps_to_the_policy(scene, live_server, watched):
    context, watch = watched
    page = context.new_page()
    sign_in(page, live_server.url, scene.people["insider"])
    page.goto(live_server.url + reverse("backoffice:second_factor"))
    turn_on_second_factor(page)
    for name in ("recovery_codes", "second_factor_off"):
        page.goto(live_server.url + reverse(f"backoffice:{name}"))
    sign_out(page)
    page.goto(live_server.url + reverse("backoffice:login"))
    page.get_by_label("E-mail").fill(scene.people["insider"].email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").wait_for()
    assert {f"backoffice:{name}" for name in ("code", "recovery", "recovery_codes", "second_factor_off")} <= watch.names


def sign_out(page: Page) -> None:
    with page.expect_navigation():
        in_account_menu(page, "button", "Sign out").click()


def draw_on_the_map(page: Page) -> None:
    wait_until_ready(page)
    page.get_by_role("button", name="Draw an area").click()
    for x, y in ((80, 60), (140, 60), (140, 110)):
        put_corner(page, lambda at={"x": x, "y": y}: page.locator(".catchment-map").click(position=at))
    with page.expect_response("**/catchments/change/"):
        page.get_by_role("button", name="Finish").click()


def complete_a_field(page: Page) -> None:
    page.locator(".select2-selection").first.click()
    page.locator(".select2-results__option").first.wait_for()
    page.keyboard.press("Escape")


def add_a_venue_in_a_dialog(page: Page) -> None:
    page.get_by_role("link", name="Add a venue").click()
    page.locator("#venue-dialog .leaflet-container").wait_for()
    page.keyboard.press("Escape")


def add_in_a_pop_up(page: Page) -> None:
    with page.expect_popup() as opened:
        page.locator("a.add-related").first.click()
    opened.value.wait_for_load_state()
    opened.value.close()


def read_a_message(page: Page, site: str) -> None:
    page.goto(f"{site}{reverse('backoffice:referrals_notification_changelist')}")
    page.locator("#result_list tbody th a").first.click()
    page.locator(".message-frame").scroll_into_view_if_needed()
    expect(page.frame_locator(".message-frame").locator(".frame")).to_have_css("max-width", "600px")


def walk_the_form(form: Page | FrameLocator, scene: Scene) -> None:
    """From the person to the end, through every step."""

    def go_on(name: str = "Continue") -> None:
        form.get_by_role("button", name=name, exact=True).last.click()

    form.get_by_label("Myself").check()
    form.get_by_label("Name", exact=True).fill("Maya")
    form.get_by_label("Phone", exact=True).fill("07700 900123")
    form.get_by_label("Postcode").fill("NW5 2AA")
    form.get_by_label("Postcode").blur()
    form.locator("#place figure").wait_for()  # the map moves what is below it
    go_on()
    form.get_by_text("Or choose from the list").click()
    form.get_by_label(scene.tenant.category.name, exact=True).check()
    go_on()
    anyway = form.get_by_role("button", name="Continue anyway")  # when few words were typed
    anyway.or_(form.locator(".shortlist")).last.wait_for()
    if anyway.count():
        go_on("Continue anyway")
    form.locator(".shortlist").wait_for()
    go_on()
    form.get_by_label("I agree", exact=True).check()
    form.get_by_role("button", name="Send the referral").click()
    form.get_by_role("heading", name="The referral is sent").wait_for()


def test_every_step_of_the_form_keeps_to_the_policy(scene, live_server, watched):
    context, watch = watched
    page = context.new_page()
    page.goto(f"{live_server.url}/refer/{scene.tenant.network.slug}/")
    walk_the_form(page, scene)
    assert {"referral_form", "referral_sent"} <= watch.names


def framing_page(context: BrowserContext, origin: str, framed: str) -> Page:
    page = context.new_page()
    html = f'<iframe src="{framed}" width="900" height="900"></iframe>'
    page.route(f"{origin}/**", lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto(f"{origin}/help")
    return page


def test_every_step_of_the_form_works_in_a_frame_of_the_partner(scene, live_server, watched):
    context, watch = watched
    link = scene.tenant.link
    link.embed_origins = PARTNER
    link.save()
    page = framing_page(context, PARTNER, f"{live_server.url}{link.get_absolute_url()}?embed=1")
    walk_the_form(page.frame_locator("iframe"), scene)
    assert {"referral_form_link", "referral_sent"} <= watch.names


def test_nobody_else_frames_the_form(scene, live_server, new_context):
    context = new_context()
    watch = Watch(context)
    scene.tenant.link.embed_origins = PARTNER
    scene.tenant.link.save()
    address = f"{live_server.url}{scene.tenant.link.get_absolute_url()}?embed=1"
    page = framing_page(context, "https://elsewhere.example.org", address)
    wait_until(page, lambda: any("frame-ancestors" in words for words in watch.refused))
    assert page.frame_locator("iframe").get_by_label("Name").count() == 0


@pytest.fixture
def cms_keys(home, scene) -> dict[str, int]:
    pages = SitePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
    return dict(pages.values_list("slug", "pk")) | {"site": Site.objects.get().pk}


@pytest.fixture
def cms(cms_keys, scene, live_server, watched) -> Callable[[str], Page]:
    """Sign the operator in and return what opens a page of the CMS."""
    context, _ = watched
    page = context.new_page()
    sign_in(page, live_server.url, scene.people["operator"], then="/cms/")

    def open_page(path: str) -> Page:
        page.goto(live_server.url + path.format_map(cms_keys))
        return page

    return open_page


@pytest.mark.sampled
@pytest.mark.slow(reason="a walk: making its scene again for each page would take longer than opening it")
def test_pages_of_the_cms_keep_to_its_policy(cms, cms_keys, scene, signed_in):
    addresses = [path.format_map(cms_keys) for path in CMS_PAGES]
    for path in draw_of_each_kind(signed_in(scene.people["operator"]), addresses):
        cms(path)


@pytest.mark.sampled
def test_writing_a_page_in_the_cms_keeps_to_its_policy(cms):
    page = cms("/cms/pages/{home}/edit/")
    text = page.get_by_role("textbox", name="Introduction").or_(page.locator(".public-DraftEditor-content")).first
    text.click()
    page.keyboard.type("We help")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.locator(".modal").get_by_text("External link").click()
    page.locator(".modal input[type=url], .modal input[name*=url]").first.wait_for()  # it is there as a whole
    page.locator(".modal button[data-dismiss]").first.click()
    expect(page.locator(".modal-backdrop")).to_have_count(0)
    page.get_by_role("button", name="Toggle preview").first.click()
    expect(page.frame_locator("#w-preview-iframe").locator("main")).to_contain_text("We help")
    page.get_by_role("button", name="Toggle comments").first.click()
    page.get_by_role("button", name="Toggle checks").first.click()
    page.get_by_role("button", name="Toggle status").first.click()
    page.get_by_role("button", name="Set schedule").click()
    page.locator("#id_go_live_at").click()
    page.locator(".xdsoft_datetimepicker:visible .xdsoft_date").nth(20).click()
    expect(page.locator("#id_go_live_at")).not_to_have_value("")


@pytest.mark.sampled
def test_fields_of_the_cms_start_without_scripts_in_the_page(cms):
    page = cms("/cms/redirects/add/")
    page.locator("[data-chooser-action-choose]:visible").first.click()
    page.locator(".modal").get_by_role("heading", name="Choose a page").wait_for()
    page = cms("/cms/workflows/add/")
    page.get_by_role("button", name="Add task").click()
    page.get_by_role("button", name="Choose a task").first.click()
    page.locator(".modal").get_by_text("New").first.wait_for()


# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.sampled
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_is_sent_and_cropped_in_the_cms(cms):
    page = cms("/cms/images/multiple/add/")
    picture = BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "PNG")
    page.set_input_files("#fileupload", {"name": "hall.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    page.get_by_role("button", name="Update").wait_for()
    cms("/cms/images/").get_by_role("link", name="hall").first.click()
    page.locator(".jcrop-holder").wait_for()
