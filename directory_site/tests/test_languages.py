"""The public site in another language: addresses, the switch, what is translated and what stays as it was written."""

import re

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.urls import reverse
from django.utils import translation
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction

from directory_site.addresses import service_path
from directory_site.languages import in_language
from directory_site.models import DirectoryPage, GuidancePage
from directory_site.tests.listing import ADDRESS, listed_service
from directory_site.tests.made_sites import made_site
from directory_site.tests.reading import soup, words
from referrals.models import CardRequest, Notification, PublicMessage, Service
from referrals.notifications.rendering import render
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(seeded_site, network, noon, settings) -> Service:
    settings.PUBLIC_URL = ADDRESS
    made_site()
    return listed_service(network)


def pages(service: Service) -> list[str]:
    article = GuidancePage.objects.live().first().get_url()
    organisation = reverse("public_organisation", args=[service.organisation_id, "larder-lane"])
    forms = [f"{service_path(service)}{form}/" for form in ("correction", "send")]
    return ["/", "/directory/?q=pantry", article, organisation, service_path(service), *forms, "/contact/message/"]


def test_a_language_has_its_own_addresses(client, service):
    for path in pages(service):
        english, polish = soup(client, path), soup(client, f"/pl{path}")
        assert (english.html["lang"], polish.html["lang"]) == ("en-gb", "pl"), path
        assert (
            english.select_one(".search-form, .skip").get_text() != polish.select_one(".search-form, .skip").get_text()
        )
    assert client.get("/pl")["Location"] == "/pl/"
    assert client.get("/pl/").headers["Content-Language"] == "pl"


def test_every_link_to_the_public_site_stays_in_the_language(client, service):
    """What leads out of it is in English only, or a file, or the other language."""
    elsewhere = re.compile(r"/(backoffice|refer|static|branding|media|documents)/|/map/(boundary|catchments)")
    for path in pages(service):
        page = soup(client, f"/pl{path}")
        links = page.select(
            "a[href^='/']:not([hreflang]), form[action], link[rel=alternate]:not([hreflang]), img[src^='/']"
        )
        addresses = [tag.get("href") or tag.get("action") or tag.get("src") for tag in links]
        assert [one for one in addresses if not one.startswith("/pl/") and not elsewhere.match(one)] == [], path


def test_the_switch_leads_to_the_same_page_with_what_was_asked(client, service):
    polish = soup(client, "/directory/?q=pantry&day=1").select_one(".site-languages a[lang=pl]")
    assert (polish["href"], polish["lang"], polish["hreflang"]) == ("/pl/directory/?q=pantry&day=1", "pl", "pl")
    assert words(polish) == "Polski"
    english = soup(client, polish["href"]).select_one(".site-languages a[lang^=en]")
    assert (english["href"], english["lang"], words(english)) == ("/directory/?q=pantry&day=1", "en-gb", "English")


def test_there_is_no_switch_with_one_language(client, service, settings):
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [settings.LANGUAGES[0]]
    page = soup(client, "/")
    assert not page.select(".site-languages, link[hreflang]")


def test_search_engines_learn_of_each_language_and_its_own_address(client, service):
    for start, path in (("", service_path(service)), ("/pl", f"/pl{service_path(service)}")):
        page = soup(client, path)
        assert page.select_one("link[rel=canonical]")["href"] == f"{ADDRESS}{path}"
        english = path.removeprefix(start)
        assert {tag["hreflang"]: tag["href"] for tag in page.select("link[hreflang]")} == {
            "en-gb": f"{ADDRESS}{english}",
            "cy": f"{ADDRESS}/cy{english}",
            "pl": f"{ADDRESS}/pl{english}",
            "x-default": f"{ADDRESS}{english}",
        }


def test_the_sitemap_has_each_page_once(client, service):
    for section in ("pages", "services", "organisations"):
        content = client.get(f"/sitemap-{section}.xml").content.decode()
        assert "/directory/" in content or section != "pages"
        assert "/pl/" not in content
    assert client.get("/pl/sitemap.xml").status_code == 404
    assert "Disallow: /pl/services/*/send/" in client.get("/robots.txt").content.decode()


def test_neither_cookie_nor_browser_chooses(client, service):
    client.cookies["django_language"] = "pl"
    response = client.get("/", headers={"Accept-Language": "pl"})
    assert response.headers["Content-Language"] == "en-gb"
    assert not {"cookie", "accept-language"} & set(response.get("Vary", "").lower().replace(" ", "").split(","))
    assert not client.get("/pl/", headers={"Accept-Language": "en"}).cookies


def test_the_language_of_a_page_is_not_that_of_what_comes_after(client, service):
    client.get("/pl/")
    assert translation.get_language() == "en-gb"
    assert client.get("/pl/no-such-page/").status_code == 404
    assert translation.get_language() == "en-gb"


def test_back_office_and_form_have_no_other_addresses(client, service):
    assert client.get("/pl/backoffice/").status_code == 404
    assert client.get(f"/pl/refer/{service.network.slug}/").status_code == 404
    assert client.get("/en-gb/").status_code == 404
    assert client.get("/de/").status_code == 404


def test_a_page_that_is_missing_says_so_in_its_language(client, service):
    page = BeautifulSoup(client.get("/pl/no-such-page/").content, "html.parser")
    assert words(page.h1) == "Nie ma takiej strony"
    assert page.select_one("main .button.quiet")["href"] == "/pl/"


def test_an_editors_redirect_holds_in_every_language(client, service):
    Redirect.add_redirect("/old-directory", DirectoryPage.objects.get())
    assert client.get("/pl/old-directory/")["Location"] == "/pl/directory/"
    assert client.get("/old-directory/")["Location"] == "/directory/"


def test_a_redirect_to_a_page_is_for_whoever_may_read_the_page(client, service):
    page = DirectoryPage.objects.get()
    Redirect.add_redirect("/old-directory", page)
    assert "no-cache" in client.get("/old-directory/")["Cache-Control"]
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert client.get("/old-directory/").status_code == 404
    client.force_login(f.UserFactory())
    assert client.get("/old-directory/")["Location"] == "/directory/"
    restriction.delete()
    page.unpublish()
    assert client.get("/old-directory/").status_code == 404


@pytest.mark.parametrize("path", ["/pl//evil.example/", "/pl/%2fevil.example/", "/pl///evil.example/x"])
def test_no_address_makes_the_way_to_another_language_lead_off_the_site(client, service, path):
    ways = BeautifulSoup(client.get(path).content, "html.parser").select("a[hreflang]")
    assert ways
    assert not [way["href"] for way in ways if way["href"].startswith("//")]


@pytest.mark.parametrize("start", ["", "/pl"])
def test_a_page_for_the_signed_in_asks_for_the_one_way_to_sign_in(client, service, start):
    page = DirectoryPage.objects.get()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    answer = client.get(f"{start}/directory/")
    assert answer["Location"].startswith(f"{reverse('backoffice:login')}?next=")
    assert client.get(f"{start}/_util/login/")["Location"] == reverse("backoffice:login")


def test_a_service_in_polish(client, service):
    page = soup(client, f"/pl{service_path(service)}")
    assert words(page.select_one(".chip")) == "Otwarte dziś do 13:00"
    headings = [words(tag) for tag in page.select("h2")]
    assert [one for one in headings if one in {"When", "Kiedy", "Gdzie", "Kontakt"}] == ["Kontakt", "Kiedy", "Gdzie"]
    assert words(page.select_one("#when ~ ul li")) == "Wtorek: 10:00 – 13:00"
    assert words(page.select_one(".week .today th")) == "Wtorek 24 listopada, dziś"
    assert words(page.select_one(".departures li")) == (
        "Czwartek 24 grudnia – piątek 1 stycznia 2027: zamknięte (Christmas)"
    )
    assert words(page.select_one(".detail-foot p")) == "Październik 2026: potwierdzono 1 miesiąc temu."
    assert [words(tag) for tag in page.select(".reach-label")] == ["Telefon", "E-mail", "Strona internetowa"]
    assert "Przyjdź bez zapowiedzi" in words(page.select_one("#for-whom + .facts"))


def test_what_people_wrote_stays_and_says_its_language(client, service):
    page = soup(client, f"/pl{service_path(service)}")
    assert words(page.h1) == "Members' pantry"
    assert page.select_one(".detail-lead")["lang"] == page.select_one(".words")["lang"] == "en-gb"
    assert soup(client, "/pl/").h1["lang"] == "en-gb"
    assert not soup(client, service_path(service)).select("main [lang]")


SAID_IN_ENGLISH = {
    "/": [".site-name", ".site-menu ul", ".site-foot-name", ".site-foot nav ul", ".tiles"],
    "/directory/?q=pantry&category=food": [
        ".result h3 a",
        ".chosen a > span:first-child",
        ".tick:has([name=category]) > span:not(.count)",
        "fieldset:has([name=suits]) legend",
        ".tick:has([name=suits]) > span:not(.count)",
    ],
    "{service}": ["h1", ".chip.need", ".crumbs li:nth-child(2) a", "#refer ~ p a .visually-hidden span"],
    "{service}correction/": [".back span > span", ".lead span", ".service-card h3"],
    "{service}send/": [".back span > span", ".lead strong span"],
    "{organisation}": [".brief h3 a"],
    "/contact/message/": [".back span > span"],
}


def test_words_of_editors_and_names_of_services_say_their_language(client, service):
    service.categories.add(f.CategoryFactory(network=service.network, name="Food", slug="food"))
    option = f.DemographicOptionFactory(demographic__network=service.network)
    f.RestrictionFactory(service=service, option=option)
    f.ConsentWordingFactory(network=service.network)
    at = {
        "service": service_path(service),
        "organisation": reverse("public_organisation", args=[service.organisation_id, "larder-lane"]),
    }
    for path, places in SAID_IN_ENGLISH.items():
        polish, english = (soup(client, start + path.format(**at)) for start in ("/pl", ""))
        for place in places:
            tags = polish.select(place)
            assert tags, (path, place)
            assert {tag.get("lang") for tag in tags} == {"en-gb"}, (path, place)
        assert [tag for tag in english.select("body [lang]") if not tag.get("hreflang")] == [], path
    directory = soup(client, "/pl/directory/")
    assert directory.select_one(".service-map")["data-names-in"] == "en-gb"
    assert not soup(client, f"/pl{at['service']}").select_one(".crumbs a").get("lang")  # our own "Home"


def test_schema_org_is_not_translated(client, service):
    data = soup(client, f"/pl{service_path(service)}").select_one("script[type='application/ld+json']").string
    assert "https://schema.org/Tuesday" in data
    assert f"{ADDRESS}/pl{service_path(service)}" in data


def test_the_directory_in_polish(client, service):
    page = soup(client, "/pl/directory/?q=pantry&day=1")
    assert words(page.select_one("#found-heading")) == "1 usługa dla hasła „pantry”"
    assert [words(tag) for tag in page.select(".chosen a")] == ["Wtorek × (usuń)"]
    legends = [words(tag) for tag in page.select("legend")]
    assert legends == ["Pokaż tylko", "Dni otwarcia", "Jak się zgłosić", "Wiek"]
    assert words(page.select_one(".ask-go")) == "Znajdź pomoc"
    clusters = page.select_one(".service-map")["data-clusters"]
    assert clusters.startswith("/pl/map/clusters.json?")
    found = client.get(f"{clusters}&zoom=12&box=-1,51,1,52").json()["clusters"]
    [[path]] = [[row[2] for row in one["services"]] for one in found]
    assert path == f"/pl/services/{service.pk}/"
    assert client.get(path)["Location"] == f"/pl{service_path(service)}"


def test_polish_words_find_what_they_mean(client, service):
    heading = soup(client, "/pl/directory/?q=tanie+zakupy").select_one("#found-heading")
    assert words(heading) == "1 usługa dla hasła „tanie zakupy”"


@pytest.mark.parametrize(
    ("number", "heading"), [(1, "1 usługa"), (2, "2 usługi"), (5, "5 usług"), (22, "22 usługi"), (25, "25 usług")]
)
def test_numbers_bend_their_nouns(number, heading):
    with translation.override("pl"):
        found = translation.ngettext("%(number)s service", "%(number)s services", number) % {"number": number}
    assert found == heading


def test_a_form_answers_in_its_language_and_goes_on_in_it(client, service):
    path = f"/pl{service_path(service)}correction/"
    refused = BeautifulSoup(client.post(path, {"text": ""}).content, "html.parser")
    assert "Wybierz, co się nie zgadza." in words(refused.select_one("[role=alert]"))
    assert words(refused.select_one("#attention-title")) == "Jedno pole wymaga poprawki"
    assert client.post(path, {"wrong": "hours"})["Location"] == f"{path}thanks/"
    assert PublicMessage.objects.get().wrong == "hours"


def test_a_card_is_sent_in_the_language_of_its_page(client, service, mailoutbox):
    client.post(f"/pl{service_path(service)}send/", {"email": "ola@example.org"})
    request = CardRequest.objects.get()
    assert (request.language, request.page) == ("pl", f"{ADDRESS}/pl{service_path(service)}")
    message = render(Notification.objects.get(card_request=request))
    assert "Dla kogo: Dla wszystkich" in message.text
    assert "Kiedy: Wtorek: 10:00 – 13:00" in message.text
    assert '<html lang="pl">' in message.html


def test_paths_move_between_languages():
    assert in_language("/directory/?q=food", "pl") == "/pl/directory/?q=food"
    with translation.override("pl"):
        assert in_language("/pl/", "en-gb") == "/"
        assert in_language("/pl/plan/", "en-gb") == "/plan/"


@pytest.mark.django_db(transaction=True)
def test_kept_pages_are_kept_apart(client, settings, django_assert_num_queries):
    settings.CACHE_PAGES = True
    caches["pages"].clear()
    made_site()
    english, polish = client.get("/").content, client.get("/pl/").content
    for path, first in (("/", english), ("/pl/", polish)):
        with django_assert_num_queries(1):
            assert client.get(path).content == first
    assert english != polish
    caches["pages"].clear()
