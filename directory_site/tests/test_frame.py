"""What surrounds every page: its head, its menus, the way back; the same for everybody."""

import re

import pytest
from django.test import Client, override_settings
from wagtail.models import Page, PageViewRestriction

from directory_site.models import GuidancePage, PlainPage, PublicSite
from directory_site.tests.made_sites import made_site, second_site
from referrals.tests.factories import NetworkFactory, UserFactory
from referrals.tests.stock import stock_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site")]

PATHS = ["/", "/directory/", "/guidance/", "/guidance/no-food-today/", "/about/", "/contact/", "/privacy/"]
DASH = "\N{EN DASH}"
HOME = "https://help.example.org"


@pytest.fixture(autouse=True)
def address(settings):
    settings.PUBLIC_URL = HOME
    settings.ALLOWED_HOSTS = ["help.example.org", "westside.example.org", "testserver"]


def page_at(path: str, host: str = "help.example.org", client: Client | None = None) -> str:
    response = (client or Client()).get(path, headers={"host": host})
    assert response.status_code == 200
    return response.content.decode()


def only(pattern: str, html: str) -> str:
    """Return what the one match of a pattern holds."""
    (found,) = re.findall(pattern, html)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_what_it_is_and_where(path):
    made_site()
    html = page_at(f"{path}?utm_source=leaflet")
    assert only(r'<link rel="canonical" href="([^"]*)"', html) == f"{HOME}{path}"
    assert only(r'<meta property="og:url" content="([^"]*)"', html) == f"{HOME}{path}"
    title = only(r'<meta property="og:title" content="([^"]*)"', html)
    assert only(r"<title>([^<]*)</title>", html) == f"{title} {DASH} Help in Northside"
    described = only(r'<meta name="description" content="([^"]*)"', html)
    assert 40 <= len(described) <= 160
    assert only(r'<meta property="og:description" content="([^"]*)"', html) == described
    assert only(r'<html lang="([^"]*)">', html) == "en-gb"
    assert len(re.findall(r"<h1", html)) == 1


@pytest.mark.parametrize("path", [*PATHS, "/no-such-page/"])
def test_one_copy_serves_everybody(path):
    made_site()
    signed_in = Client()
    signed_in.force_login(UserFactory())
    answers = [client.get(path, headers={"host": "help.example.org"}) for client in (Client(), signed_in)]
    assert answers[0].content == answers[1].content
    assert not answers[0].cookies
    assert "Cookie" not in answers[0].get("Vary", "")
    assert b"csrf" not in answers[0].content


def test_nothing_is_loaded_from_elsewhere_or_written_into_the_page():
    made_site()
    for path in PATHS:
        html = page_at(path)
        assert not re.findall(r'<(?:link[^>]* rel="stylesheet"[^>]*|script|img)[^>]*(?:href|src)="(?:https?:)?//', html)
        assert " style=" not in html
        assert "<style" not in html


def test_the_language_of_a_page_is_that_of_its_address():
    made_site()
    assert only(r'<html lang="([^"]*)">', page_at("/pl/about/")) == "pl"
    assert only(r'<meta property="og:locale" content="([^"]*)"', page_at("/about/")) == "en_GB"


def test_a_page_that_has_no_description_is_described_by_its_first_words():
    site = made_site()
    words = "What we do. " * 20
    page = PlainPage(title="What we do", slug="what", introduction=f"<p>{words}</p><p>And more.</p>")
    site.site.root_page.add_child(instance=page)
    described = only(r'<meta name="description" content="([^"]*)"', page_at("/what/"))
    assert described.startswith("What we do. What we do.")
    assert len(described) <= 160


@pytest.mark.filterwarnings("error")
def test_the_picture_for_links_is_the_pages_own_else_the_sites():
    site = made_site()
    assert "og:image" not in page_at("/guidance/money-and-debt/")
    site.shared_image = stock_image("Hall")
    site.save()
    of_site = only(r'<meta property="og:image" content="([^"]*)"', page_at("/guidance/money-and-debt/"))
    assert of_site.startswith(f"{HOME}/media/images/")
    page = GuidancePage.objects.get(slug="money-and-debt")
    page.picture, page.picture_alt = stock_image("Purse"), "A purse"
    page.save_revision().publish()
    own = only(r'<meta property="og:image" content="([^"]*)"', page_at("/guidance/money-and-debt/"))
    assert own not in {of_site, ""}
    assert own.endswith(".jpg")


def test_the_logo_stands_for_the_name_when_it_shows_it():
    site = made_site()
    site.logo = stock_image("Logo")
    site.save()
    html = page_at("/about/")
    assert re.search(r'<a class="site-name" href="/">\s*<img [^>]*alt="">\s*<span>Help in Northside', html)
    site.logo_says_name = True
    site.save()
    assert re.search(r'<a class="site-name" href="/">\s*<img [^>]*alt="Help in Northside">\s*</a>', page_at("/about/"))


def test_a_page_with_a_password_asks_for_it_inside_the_site_and_tells_nothing_of_itself():
    made_site()
    page = PlainPage.objects.get(slug="about")
    PageViewRestriction.objects.create(page=page, restriction_type="password", password="northside-rota")
    client = Client()
    asked = page_at("/about/", client=client)
    assert only(r"<h1>(.*?)</h1>", asked) == "This page has a password"
    assert "Need help right now?" in asked
    assert "noindex" in asked
    assert page.title not in only(r"(?s)<head>(.*?)</head>", asked)
    action = only(r'<form method="post" action="([^"]*)"', asked)
    wrong = client.post(action, {"password": "a guess", "return_url": "/about/"}, headers={"host": "help.example.org"})
    assert "wrong-because" in wrong.content.decode()
    client.post(action, {"password": "northside-rota", "return_url": "/about/"}, headers={"host": "help.example.org"})
    assert only(r"<h1>(.*?)</h1>", page_at("/about/", client=client)) == page.title


class TestMenus:
    def labels(self, path: str = "/") -> list[str]:
        header = page_at(path).partition('<nav class="site-menu"')[2].partition("</nav>")[0]
        return re.findall(r"<a [^>]*>([^<]*)</a>", header)

    def test_they_lead_to_pages_wherever_these_are(self):
        site = made_site()
        assert self.labels() == ["Find help", "Guidance", "About", "Contact"]
        about = Page.objects.get(slug="about")
        about.move(Page.objects.get(slug="privacy"), pos="last-child")
        assert '<a href="/privacy/about/">About</a>' in page_at("/")
        assert site.header_menu[2].value["label"] == "About"

    def test_pages_that_are_gone_or_not_published_are_left_out(self):
        made_site()
        Page.objects.get(slug="about").unpublish()
        GuidancePage.objects.all().delete()
        Page.objects.get(slug="guidance").delete()
        assert self.labels() == ["Find help", "Contact"]

    def test_they_say_where_one_is(self):
        made_site()
        assert '<a href="/guidance/" aria-current="page">Guidance</a>' in page_at("/guidance/")
        assert '<a href="/guidance/" aria-current="true">Guidance</a>' in page_at("/guidance/money-and-debt/")
        assert "aria-current" not in page_at("/privacy/")

    def test_one_is_not_on_a_page_whose_address_only_begins_alike_nor_on_the_front_page_of_another_language(self):
        site = made_site()
        site.header_menu = [("link", {"label": label, "address": address}) for label, address in self.NEARLY.items()]
        site.save()
        here = re.findall(r"aria-current[^>]*>([^<]*)", page_at("/pl/privacy/"))
        assert here == ["Polish privacy"]

    NEARLY = {"Home": "/", "Po polsku": "/pl/", "Other": "/pl/priv", "Polish privacy": "/pl/privacy/"}

    def test_they_and_urgent_help_cost_as_many_queries_with_one_link_as_with_six(self, django_assert_num_queries):
        site = made_site()
        links = site.header_menu.get_prep_value()
        page_at("/privacy/")  # what is remembered between requests
        for number in (1, 4):
            site.header_menu = links[:number]
            site.save()
            # Site, locale, page and its rules: 7. Settings, directory, menu, restricted pages, translations, trail: 9.
            with django_assert_num_queries(16):
                page_at("/privacy/")


class TestTheWayBack:
    def crumbs(self, path: str) -> list[tuple[str, str]]:
        trail = page_at(path).partition('<nav class="crumbs')[2].partition("</nav>")[0]
        return re.findall(r'<a href="([^"]*)">([^<]*)</a>', trail)

    def test_it_leads_up_to_the_front_page(self):
        made_site()
        assert self.crumbs("/") == []
        assert self.crumbs("/about/") == [("/", "Home")]
        assert self.crumbs("/guidance/money-and-debt/") == [("/", "Home"), ("/guidance/", "Guidance")]


class TestSeveralSites:
    def test_each_has_its_own_name_look_menus_and_addresses(self):
        made_site(NetworkFactory())
        other = second_site("westside.example.org", NetworkFactory())
        other.tagline, other.brand_colour, other.contact_email = "Together", "#5b2a86", "hello@westside.example.org"
        other.save()
        ours, theirs = page_at("/"), page_at("/", "westside.example.org")
        assert "<title>Help in westside</title>" in theirs
        assert only(r'<link rel="canonical" href="([^"]*)"', theirs) == "http://westside.example.org/"
        for words in ("Together", other.brand_digest, "hello@westside.example.org"):
            assert words in theirs
            assert words not in ours
        assert "site-menu" not in theirs
        assert "urgent-bar" not in theirs
        assert "Need help right now?" in ours

    def test_the_directory_is_that_of_the_site(self):
        made_site()
        second_site("westside.example.org")
        for host in ("help.example.org", "westside.example.org"):
            assert 'action="/directory/"' in page_at("/", host)
        Page.objects.get(slug="westside").get_children().get(slug="directory").unpublish()
        assert "search-form" not in page_at("/", "westside.example.org")


class TestErrors:
    def test_a_missing_page_stands_in_the_sites_look_with_the_search(self):
        made_site()
        response = Client().get("/no-such-page/", headers={"host": "help.example.org"})
        html = response.content.decode()
        assert response.status_code == 404
        assert f"<title>There is no such page {DASH} Help in Northside</title>" in html
        assert 'action="/directory/"' in html
        assert "Need help right now?" in html
        assert "canonical" not in html

    def test_it_does_so_where_there_is_no_site_at_all(self):
        PublicSite.objects.all().delete()
        Page.objects.get(depth=1).get_children().delete()
        html = Client().get("/no-such-page/", headers={"host": "help.example.org"}).content.decode()
        assert "There is no such page" in html
        assert "Referral Networks" in html

    @override_settings(DEBUG=False)
    def test_the_page_of_a_server_error_needs_no_database(self, monkeypatch, django_assert_num_queries):
        made_site()
        client = Client(raise_request_exception=False)
        monkeypatch.setattr("directory_site.models.pages.GuidancePage.get_context", lambda *args, **kwargs: 1 / 0)
        html = client.get("/guidance/money-and-debt/", headers={"host": "help.example.org"}).content.decode()
        assert "<h1>Something went wrong on our side</h1>" in html
        assert "/static/directory_site/site.css" in html
