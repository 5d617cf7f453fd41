"""robots.txt, the sitemap and the feed of new services: what is in them, where it leads, and what it costs."""

from datetime import date
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.templatetags.static import static
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from directory_site.addresses import organisation_path, service_path
from directory_site.seo import sitemaps
from directory_site.tests.listing import ADDRESS, listed_service
from referrals.models import Service
from referrals.tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon", "known_site")]

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(path: str) -> list[tuple[str, str | None]]:
    """Return what a file of the sitemap lists: addresses, and since when each is as it is."""
    root = ElementTree.fromstring(Client().get(path).content)  # noqa: S314 - our own answer
    return [(one.findtext(f"{MAP}loc"), one.findtext(f"{MAP}lastmod")) for one in root]


def feed() -> list[dict[str, str]]:
    response = Client().get("/services/new.rss")
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own answer
    return [{part.tag: part.text for part in item} for item in root.iter("item")]


class TestRobots:
    def test_they_are_kept_from_forms_and_told_of_the_sitemap(self, client):
        lines = client.get("/robots.txt").text.splitlines()
        assert lines[0] == "User-agent: *"
        assert {"Disallow: /backoffice/", "Disallow: /cms/", "Disallow: /refer/"} <= set(lines)
        assert "Disallow: /services/*/correction/" in lines
        assert lines[-1] == f"Sitemap: {ADDRESS}/sitemap.xml"

    def test_pages_are_open_to_them(self, client):
        assert "Disallow: /" not in client.get("/robots.txt").text.splitlines()


class TestSitemap:
    def test_the_index_leads_to_each_kind(self, network):
        listed_service(network)
        assert [address for address, _ in addresses("/sitemap.xml")] == [
            f"{ADDRESS}/sitemap-pages.xml",
            f"{ADDRESS}/sitemap-services.xml",
            f"{ADDRESS}/sitemap-organisations.xml",
        ]

    def test_services_and_organisations_say_when_they_were_last_right(self, network):
        service = listed_service(network)
        Service.objects.update(listed_on=date(2026, 9, 1))
        assert addresses("/sitemap-services.xml") == [(f"{ADDRESS}{service_path(service)}", "2026-10-20")]
        assert addresses("/sitemap-organisations.xml") == [
            (f"{ADDRESS}{organisation_path(service.organisation)}", "2026-10-20")
        ]
        assert dict(addresses("/sitemap.xml"))[f"{ADDRESS}/sitemap-services.xml"] == "2026-10-20"

    def test_it_is_split_into_files(self, network, monkeypatch):
        monkeypatch.setattr(sitemaps.Services, "limit", 2)
        services = [listed_service(network) for _ in range(3)]
        assert f"{ADDRESS}/sitemap-services.xml?p=2" in dict(addresses("/sitemap.xml"))
        files = [addresses("/sitemap-services.xml"), addresses("/sitemap-services.xml?p=2")]
        assert [len(file) for file in files] == [2, 1]
        assert {address for file in files for address, _ in file} == {
            f"{ADDRESS}{service_path(service)}" for service in services
        }

    def test_a_file_has_at_most_as_many_addresses_as_may_be(self):
        assert sitemaps.Services.limit == sitemaps.Organisations.limit == sitemaps.Pages.limit == 50_000

    @pytest.mark.parametrize("path", ["/sitemap-services.xml?p=2", "/sitemap-services.xml?p=x", "/sitemap-people.xml"])
    def test_there_are_no_other_files(self, path, network, client):
        listed_service(network)
        assert client.get(path).status_code == 404

    def test_pages_of_the_cms_are_in_it_unless_they_are_drafts_or_private(self, known_site):
        home = known_site.site.root_page
        before = {address for address, _ in addresses("/sitemap-pages.xml")}
        assert f"{ADDRESS}/" in before
        for title in ("shown", "draft", "private"):
            page = home.add_child(instance=Page(title=title, slug=title, live=title != "draft"))
            if title == "private":
                PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
        assert {address for address, _ in addresses("/sitemap-pages.xml")} - before == {f"{ADDRESS}/shown/"}

    def test_it_costs_the_same_however_many_there_are(self, network, client):
        def cost() -> list[int]:
            counts = []
            for path in ("/sitemap.xml", "/sitemap-services.xml", "/sitemap-organisations.xml", "/sitemap-pages.xml"):
                with CaptureQueriesContext(connection) as seen:
                    assert client.get(path).status_code == 200
                counts.append(len(seen))
            return counts

        listed_service(network)
        cost()
        few = cost()
        for number in range(3):
            listed_service(network, organisation=f.OrganisationFactory(name=f"Friends {number}", network=network))
        assert cost() == few
        assert max(few) <= 12


class TestFeed:
    def test_the_newest_come_first(self, network):
        services = [listed_service(network, activity__name=name) for name in ("Old", "New")]
        Service.objects.filter(pk=services[1].pk).update(listed_on=date(2026, 11, 20))
        Service.objects.filter(pk=services[0].pk).update(listed_on=date(2026, 11, 1))
        assert [item["title"] for item in feed()] == ["New, Larder Lane", "Old, Larder Lane"]
        assert feed()[0] == {
            "title": "New, Larder Lane",
            "link": f"{ADDRESS}{service_path(services[1])}",
            "description": "Groceries for £4.50 a week. · Part of Northside",
            "guid": f"service:{services[1].pk}:2026-11-20",
            "pubDate": "Fri, 20 Nov 2026 00:00:00 +0000",
        }

    def test_a_renamed_service_is_not_news(self, network):
        service = listed_service(network)
        before = feed()[0]["guid"]
        service.activity.name = "Another name"
        service.activity.save()
        assert feed()[0]["guid"] == before

    def test_pages_tell_readers_of_it(self, network, client):
        service = listed_service(network)
        told = '<link rel="alternate" type="application/rss+xml" title="New services" href="/services/new.rss">'
        assert told in client.get(service_path(service)).text
        assert told in client.get(organisation_path(service.organisation)).text

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_however_many_there_are(self, count, network, client, django_assert_num_queries):
        for number in range(count):
            service = listed_service(network, activity__name=f"Kind {number}")
            f.RestrictionFactory(service=service, age_from=18)
        # Site, settings; services, hours, exceptions, restrictions.
        with django_assert_num_queries(6):
            assert len(feed()) == count


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/sitemap-services.xml", "/services/new.rss"])
def test_they_are_the_same_for_everybody(path, network, client, settings):
    settings.ALLOWED_HOSTS = ["other.example.org"]
    listed_service(network)
    response = client.get(path, headers={"Host": "other.example.org"})
    assert response.status_code == 200
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    assert "other.example.org" not in response.text


def test_a_browser_that_looks_for_an_icon_finds_one(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"] == static("referrals/icon.svg")
