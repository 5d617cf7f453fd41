"""Pages that editors have translated: which is shown, what leads to it, and that none escapes its walls."""

import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import Locale, Page, PageViewRestriction, Site

from directory_site.models import GuidanceIndexPage, GuidancePage, HomePage, PlainPage, PublicSite, SiteWords
from directory_site.seed import translate_site
from directory_site.seed.content import HOME, PAGES, languages_with_texts, read_page, read_translated_page
from directory_site.seed.content import read_translated_settings as read_settings
from directory_site.tests.listing import ADDRESS, listed_service
from directory_site.tests.made_sites import made_site
from directory_site.tests.reading import soup, words
from referrals.enums import Role
from referrals.models import User
from referrals.tests import factories as f
from referrals.urgent_numbers import URGENT_NUMBERS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("translated_site")]


@pytest.fixture(autouse=True)
def address(settings) -> None:
    settings.PUBLIC_URL = ADDRESS
    Site.clear_site_root_paths_cache()


def path_of(name: str) -> str:
    content = read_page(name)
    return "/" if name == HOME else f"/{content.get('under', '')}/{content['slug']}/".replace("//", "/")


def polish(page: Page) -> Page:
    return page.specific.get_translation(Locale.objects.get(language_code="pl"))


def about() -> PlainPage:
    return PlainPage.objects.get(slug="about", locale__language_code="en-gb")


def ways(page: BeautifulSoup) -> dict[str, str]:
    return {tag["hreflang"]: tag["href"].removeprefix(ADDRESS) for tag in page.select("link[hreflang]")}


@pytest.mark.parametrize("name", PAGES)
def test_what_we_wrote_is_in_polish_from_the_menu_to_the_footer(client, name):
    page, title = soup(client, f"/pl{path_of(name)}"), read_translated_page(name, "pl")
    assert words(page.h1) == title.get("hero_title", title["title"])
    assert [words(tag) for tag in page.select(".site-menu a")] == ["Znajdź pomoc", "Poradnik", "O nas", "Kontakt"]
    assert words(page.select_one(".urgent-when")) == "Zagrożenie życia albo trwające przestępstwo"
    assert "Każda organizacja sama dba" in words(page.select_one(".site-foot-words"))
    english = [tag for tag in page.select("[lang='en-gb']") if not tag.has_attr("hreflang")]
    assert {words(tag) for tag in english if "site-name" not in tag.get("class", ())} <= {"Help in Northside"}
    assert [a["href"] for a in page.select("main a[href^='/']") if not a["href"].startswith(("/pl/", "/refer/"))] == []


def test_the_directory_and_a_service_stand_in_the_same_frame(client):
    service = listed_service(f.NetworkFactory(name="Northside", slug="northside"))
    for path in ("/pl/directory/?q=pantry", f"/pl{reverse('public_service', args=[service.pk, 'x'])}"):
        page = BeautifulSoup(client.get(path, follow=True).content, "html.parser")
        assert words(page.select_one(".site-menu a")) == "Znajdź pomoc"
        assert page.select_one(".site-menu a")["href"] == "/pl/directory/"


def test_a_page_and_its_translation_lead_to_each_other(client):
    for path in ("/guidance/no-food-today/", "/pl/guidance/no-food-today/"):
        page = soup(client, path)
        assert page.select_one("link[rel=canonical]")["href"] == f"{ADDRESS}{path}"
        assert ways(page) == {
            "en-gb": "/guidance/no-food-today/",
            "pl": "/pl/guidance/no-food-today/",
            "x-default": "/guidance/no-food-today/",
        }
    assert soup(client, "/about/?a=b").select_one(".site-languages a[lang=pl]")["href"] == "/pl/about/?a=b"


def test_a_page_without_a_translation_says_so_in_the_visitors_language(client):
    polish(about()).unpublish()
    page = soup(client, "/pl/about/")
    assert words(page.select_one("main .message")) == "Ta strona jest tylko po angielsku."
    assert page.h1.find_parent(lang="en-gb")
    assert page.select_one("link[rel=canonical]")["href"] == f"{ADDRESS}/about/"
    assert ways(page) == ways(soup(client, "/about/")) == {}
    assert page.select_one(".site-languages a[lang^=en]")["href"] == "/about/"
    assert soup(client, "/about/").select_one(".site-languages a[lang=pl]")["href"] == "/pl/about/"
    assert not soup(client, "/about/").select("main .message")


def test_guidance_that_nobody_has_translated_is_listed_in_english_behind_the_rest(client):
    polish(GuidancePage.objects.get(slug="no-food-today", locale__language_code="en-gb")).unpublish()
    titles = soup(client, "/pl/guidance/").select(".article-card h2")
    assert [words(title) for title in titles][-1] == "If you have no food today"
    assert [title.get("lang") for title in titles] == [None] * 5 + ["en-gb"]
    assert titles[-1].a["href"] == "/pl/guidance/no-food-today/"


def test_a_page_that_is_in_polish_only_leads_to_the_english_front_page(client):
    home = polish(HomePage.objects.get(locale__language_code="en-gb"))
    home.add_child(instance=PlainPage(title="Po polsku", slug="polsku", locale=home.locale))
    page = soup(client, "/pl/polsku/")
    assert page.select_one(".site-languages a")["href"] == "/"
    assert page.select_one("link[rel=canonical]")["href"] == f"{ADDRESS}/pl/polsku/"
    assert client.get("/polsku/").status_code == 404


def test_the_old_address_of_a_renamed_translation_leads_to_the_new_one(client, django_capture_on_commit_callbacks):
    home = polish(HomePage.objects.get(locale__language_code="en-gb"))
    page = home.add_child(instance=PlainPage(title="Po polsku", slug="polsku", locale=home.locale))
    page.save_revision().publish()
    page.slug = "nowa"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    assert client.get("/pl/polsku/")["Location"] == "/pl/nowa/"


def test_a_translation_has_an_address_of_its_own_and_the_english_path_leads_to_it(client):
    page = polish(about())
    page.slug = "o-nas"
    page.save_revision().publish()
    assert client.get("/pl/about/?a=b")["Location"] == "/pl/o-nas/?a=b"
    assert ways(soup(client, "/about/"))["pl"] == "/pl/o-nas/"
    assert soup(client, "/pl/").select_one(".site-menu a[href='/pl/o-nas/']")


def test_the_sitemap_has_each_page_in_each_language(client):
    polish(about()).unpublish()
    content = client.get("/sitemap-pages.xml").content.decode()
    found = {path.removeprefix(ADDRESS) for path in re.findall("<loc>(.*?)</loc>", content)}
    assert {"/", "/pl/", "/about/", "/pl/guidance/no-food-today/"} <= found
    assert "/pl/about/" not in found
    assert len(found) == 2 * len(PAGES) - 1


def test_an_editor_translates_a_page_which_stays_behind_its_wall(client):
    index = GuidanceIndexPage.objects.get(locale__language_code="en-gb")
    page = index.add_child(instance=GuidancePage(title="For staff", slug="staff", summary="Codes of doors"))
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.PASSWORD, password="open")
    client.force_login(f.NetworkRoleFactory(role=Role.EDITOR).user)
    form = reverse("simple_translation:submit_page_translation", args=[page.pk])
    assert "Translate" in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).text
    client.post(form, {"locales": [Locale.objects.get(language_code="pl").pk]})
    copy = polish(page)
    assert not copy.live
    copy.save_revision().publish()
    client.logout()
    for path in ("/guidance/staff/", "/pl/guidance/staff/"):
        assert "Codes of doors" not in client.get(path).text
    assert "Codes of doors" not in client.get("/pl/guidance/").text
    assert client.get("/sitemap-pages.xml").text.count("staff") == 0


def test_a_translation_that_few_may_read_is_told_to_nobody(client):
    page = polish(about())
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert ways(soup(client, "/about/")) == {}
    assert client.get("/pl/about/").status_code == 302  # to sign in
    assert not soup(client, "/pl/").select(".site-menu a[href='/pl/about/']")


@pytest.mark.parametrize("kind", [PageViewRestriction.LOGIN, PageViewRestriction.GROUPS])
def test_a_wall_that_comes_later_goes_round_the_translations_too(client, kind):
    index = GuidanceIndexPage.objects.get(locale__language_code="en-gb")
    client.force_login(User.objects.create_superuser("operator@example.org"))
    editors = Group.objects.get(name="Moderators")
    address = reverse("wagtailadmin_pages:set_privacy", args=[index.pk])
    assert client.post(address, {"restriction_type": kind, "groups": [editors.pk]}).status_code == 200
    client.logout()
    for path in ("/guidance/", "/pl/guidance/", "/pl/guidance/no-food-today/"):
        assert client.get(path).status_code == 302, path  # to sign in
    assert "no-food-today" not in client.get("/sitemap-pages.xml").text
    [copied] = polish(index).get_view_restrictions()
    assert copied.restriction_type == kind
    assert list(copied.groups.all()) == ([editors] if kind == PageViewRestriction.GROUPS else [])


def test_menus_and_numbers_of_a_language_are_its_editors_own(client):
    SiteWords.objects.update(tagline="Razem", header_menu=[], footer_menu=[], footer_text="")
    page = soup(client, "/pl/")
    assert (words(page.select_one(".site-tagline")), page.select_one(".site-tagline")["lang"]) == ("Razem", "pl")
    assert words(page.select_one(".site-menu ul")) == "Find help Guidance About Contact"
    assert page.select_one(".site-menu ul")["lang"] == "en-gb"
    link = page.select_one(".site-foot nav a[href='/pl/guidance/']")  # named by the title of its page
    assert (words(link), link["lang"], link.find_parent("ul")["lang"]) == ("Poradnik", "pl", "en-gb")
    assert soup(client, "/").select_one(".site-tagline").get_text() == PublicSite.objects.get().tagline


def test_it_is_made_once_and_leaves_to_editors_what_is_theirs():
    assert translate_site() == []
    polish(about()).delete()
    assert translate_site() == []
    assert not about().has_translation(Locale.objects.get(language_code="pl"))


def test_what_editors_have_rewritten_or_taken_down_is_not_translated_by_us():
    Page.objects.get(slug="home-pl").delete()
    about().save_revision().publish()
    PlainPage.objects.get(slug="privacy", locale__language_code="en-gb").unpublish()
    site = made_site()
    site.made = [key for key in site.made if not key.endswith(":pl")]
    site.save()
    made = translate_site()
    assert "page “Poradnik”" in made
    assert "page “O tej stronie”" not in made
    assert "page “Informacja o prywatności”" not in made


@pytest.mark.parametrize("language", languages_with_texts())
@pytest.mark.parametrize("name", PAGES)
def test_a_translated_text_has_the_shape_the_links_and_the_numbers_of_its_original(name, language):
    own, translated = read_page(name), read_translated_page(name, language)
    assert [block["type"] for block in own.get("body", [])] == [block["type"] for block in translated.get("body", [])]
    facts = re.compile(r"""(?:href|page)="[^"]*"|'(?:page|phone|website|address|category|level)': '[^']*'""")
    assert facts.findall(str(own)) == facts.findall(str(translated))
    assert {field for field in own if field not in ("kind", "under", "slug", "is_sensitive")} == {*translated}


def test_the_urgent_numbers_are_the_same_in_each_language():
    for language in languages_with_texts():
        phones = [line["phone"] for line in read_settings(language)["urgent_help"]]
        assert phones == [number.phone for number in URGENT_NUMBERS]
