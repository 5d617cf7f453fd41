"""Pages are cached for everybody, and never longer than what they show is true."""

import gzip
from contextlib import suppress

import pytest
from django.core.cache import caches
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction, Site

from directory_site.addresses import service_path
from directory_site.details import views
from directory_site.details.service import find_service
from directory_site.models import DirectoryPage, PlainPage, PublicSite, SiteWords
from directory_site.tests.made_sites import make_or_copy_site
from referrals.models import Organisation, PublicChange, Service
from referrals.public_changes import ROWS_TO_DELETE_AT, ROWS_TO_KEEP, content_version, delete_old_changes
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def page_cache(settings):
    """Pages are cached as in an installation; the cache is empty at first."""
    settings.CACHE_PAGES = True
    caches["pages"].clear()
    yield
    caches["pages"].clear()


@pytest.fixture
def service() -> Service:
    make_or_copy_site()
    return f.ServiceFactory(is_public=True, activity__name="Food parcels")


def pages(service: Service) -> list[str]:
    return [service_path(service), DirectoryPage.objects.get().url, reverse("new_services"), "/sitemap-services.xml"]


def test_a_page_is_made_once_and_read_with_one_query(client, service, django_assert_num_queries):
    for address in pages(service):
        first = client.get(address)
        with django_assert_num_queries(1):
            again = client.get(address)
        assert (again.status_code, again.content) == (200, first.content), address
        assert b"ood" in again.content
        assert again["Content-Security-Policy"] == first["Content-Security-Policy"]


@pytest.mark.parametrize(
    "change",
    [
        lambda service: Service.objects.update(paused_at=timezone.now()),
        lambda service: Service.objects.update(is_public=False),
        lambda service: service.organisation.memberships.update(status="suspended"),
        lambda service: service.delete(),
    ],
    ids=["paused", "unlisted", "suspended", "deleted"],
)
def test_what_is_gone_is_gone_at_once(client, service, change):
    for address in pages(service):
        assert b"ood" in client.get(address).content
    path = service_path(service)
    change(service)
    assert client.get(path).status_code == 404
    for address in (DirectoryPage.objects.get().url, reverse("new_services"), "/sitemap-services.xml"):
        assert b"ood parcels" not in client.get(address).content.replace(b"-", b" ").replace(b"food", b"ood")


def test_a_change_of_any_part_is_seen_at_once(client, service):
    path = service_path(service)
    client.get(path)
    Organisation.objects.update(phone="020 7946 0999")
    Service.objects.update(summary="Now with bread")
    assert b"Now with bread" in client.get(path).content


def test_words_of_the_site_in_another_language_are_seen_at_once(client, service):
    client.get("/pl/")
    site, polish = PublicSite.objects.get(), Locale.objects.get_or_create(language_code="pl")[0]
    SiteWords.objects.create(public_site=site, locale=polish, tagline="Razem")
    assert b"Razem" in client.get("/pl/").content
    SiteWords.objects.update(tagline="Wszyscy razem")
    assert b"Wszyscy razem" in client.get("/pl/").content


def test_a_change_while_a_page_is_made_is_seen_at_the_next_request(client, service, monkeypatch):
    path = service_path(service)

    def find_then_change(site, number):
        found = find_service(site, number)
        Service.objects.update(summary="Changed meanwhile")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(views, "find_service", find_then_change)
        assert b"Changed meanwhile" not in client.get(path).content
    assert b"Changed meanwhile" in client.get(path).content


def test_a_change_that_is_rolled_back_or_not_public_leaves_the_copy(client, service, django_assert_num_queries):
    version = content_version()
    client.get(service_path(service))
    with suppress(ZeroDivisionError), transaction.atomic():
        Service.objects.update(summary="Not for long")
        _ = 1 / 0
    f.PersonFactory()
    assert content_version() == version
    with django_assert_num_queries(1):
        client.get(service_path(service))


def test_a_browser_that_has_the_page_is_told_so(client, service):
    path = service_path(service)
    first = client.get(path)
    assert "no-cache" in first["Cache-Control"]
    assert "public" in first["Cache-Control"]
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Service.objects.update(summary="New")
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_who_knows_only_the_day_of_a_feed_gets_what_changed_later_on_it(client, service):
    path = reverse("new_services")
    first = client.get(path)
    Service.objects.update(summary="Open later")
    again = client.get(path, headers={"If-Modified-Since": first["Last-Modified"]})
    assert again.status_code == 200
    assert b"Open later" in again.content


def test_sites_of_other_hosts_have_their_own_copies(client, service, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    path = service_path(service)
    assert client.get(path).status_code == 200
    home = Site.objects.get(is_default_site=True).root_page
    other = Site.objects.create(hostname="other.example", port=80, root_page=home)
    PublicSite.objects.update_or_create(site=other, defaults={"shows_all_networks": False})
    assert [client.get(path, headers={"Host": host}).status_code for host in ("other.example", "testserver")] == [
        404,
        200,
    ]
    assert [client.get(path, headers={"Host": host}).status_code for host in ("other.example", "testserver")] == [
        404,
        200,
    ]


def test_pages_are_compressed_for_browsers_that_accept_gzip(client, service):
    path = service_path(service)
    plain, small = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert (plain.get("Content-Encoding"), small["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(small.content) == plain.content
    assert "Accept-Encoding" in plain["Vary"]
    for refusal in ("gzip;q=0", "br, gzip; q=0.0, deflate", "identity"):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": refusal})
    assert client.get(path, headers={"Accept-Encoding": "gzip;q=0.5"})["Content-Encoding"] == "gzip"


def test_all_browsers_that_accept_gzip_share_a_copy(client, service, django_assert_num_queries):
    path = service_path(service)
    client.get(path, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    with django_assert_num_queries(1):
        client.get(path, headers={"Accept-Encoding": "br, gzip"})


def test_pages_with_a_token_of_their_reader_are_not_compressed(client, service):
    page = PlainPage.objects.live().first()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.PASSWORD, password="open")
    for address in (page.url, reverse("backoffice:login")):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert b"csrfmiddlewaretoken" in answer.content, address
        assert "Content-Encoding" not in answer, address


def test_a_draft_that_is_saved_leaves_the_copies(client, service, django_assert_num_queries):
    page = PlainPage.objects.live().first()
    before = client.get(page.url).content
    page.title = "Not yet for everybody"
    revision = page.save_revision()
    with django_assert_num_queries(1):
        assert client.get(page.url).content == before
    revision.publish()
    assert b"Not yet for everybody" in client.get(page.url).content


def test_pages_for_some_are_not_cached_for_all(client, service):
    page = PlainPage.objects.live().first()
    assert client.get(page.url).status_code == 200
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(page.url).status_code == 302
    client.force_login(f.UserFactory())
    allowed = client.get(page.url)
    assert allowed.status_code == 200
    client.logout()
    assert client.get(page.url).status_code == 302


def test_a_preview_is_of_the_draft_and_not_of_the_copy(client, service, rf):
    page = PlainPage.objects.live().first()
    client.get(page.url)
    page.title = "Not yet for anybody"
    answer = page.make_preview_request(rf.get("/", headers={"Host": "localhost"}))
    assert "Not yet for anybody" in answer.content.decode()
    assert b"Not yet for anybody" not in client.get(page.url).content


def test_addresses_with_a_made_up_query_are_not_cached(client, service, django_assert_num_queries):
    path = service_path(service)
    assert "ETag" not in client.get(f"{path}?made=up")
    assert "ETag" in client.get(path)


def test_where_a_proxy_says_that_the_site_begins_changes_no_copy(client, service):
    ours = client.get("/accessibility/").content
    caches["pages"].clear()
    client.get("/accessibility/", SCRIPT_NAME="/accessibility")
    client.get("/", SCRIPT_NAME="/accessibility")
    assert client.get("/accessibility/").content == ours
    assert b'href="/accessibility/accessibility/' not in client.get("/").content


def test_the_signed_in_see_the_same_page(client, service):
    path = service_path(service)
    stranger = client.get(path).content
    client.force_login(f.UserFactory())
    assert client.get(path).content == stranger
    assert not client.get(path).cookies


def test_a_host_that_is_not_ours_is_refused(client, service, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    one = client.get("/robots.txt", headers={"Host": "one.example"})
    assert one.status_code == 200
    assert client.get("/robots.txt", headers={"Host": "evil.example"}).status_code == 400


def test_old_changes_are_deleted():
    PublicChange.objects.all().delete()
    PublicChange.objects.bulk_create(PublicChange(id=number) for number in range(1, ROWS_TO_DELETE_AT + 1))
    assert delete_old_changes() == 0
    PublicChange.objects.create(id=ROWS_TO_DELETE_AT + 1)
    version = content_version()
    assert delete_old_changes() == ROWS_TO_DELETE_AT + 1 - ROWS_TO_KEEP
    assert content_version() != version
