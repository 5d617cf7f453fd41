"""The sections of the sitemap: pages, services and organisations, in files of at most 50,000 addresses each."""

from collections.abc import Callable
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest
from wagtail.contrib.sitemaps import Sitemap as WagtailSitemap
from wagtail.models import Page, PageQuerySet

from directory_site.addresses import organisation_path_from_name, service_path_from_title
from directory_site.models.sites import PublicSite
from directory_site.seo.meta import absolute

# The last day on which somebody confirmed that the service is right, or it came into the directory.
LAST_CHANGE = Greatest("last_confirmed_on", "listed_on")


class _SiteSection(Sitemap):
    """Its rows are named tuples and not models, since up to fifty thousand are read at a time."""

    def __init__(self, request: HttpRequest) -> None:
        self.site = PublicSite.for_request_or_404(request)
        self.root = urlsplit(absolute(request, "/"))

    def get_protocol(self, protocol: str | None = None) -> str:
        return self.root.scheme

    def get_domain(self, site: object = None) -> str:
        return self.root.netloc

    def lastmod(self, row: tuple) -> date:
        return row.changed

    def get_latest_lastmod(self) -> date | None:
        return self.site.shown_services.aggregate(latest=Max(LAST_CHANGE))["latest"]


class Services(_SiteSection):
    def items(self) -> QuerySet:
        rows = self.site.shown_services.annotate(changed=LAST_CHANGE).order_by("pk")
        return rows.values_list("pk", "activity__name", "organisation__name", "changed", named=True)

    def location(self, row: tuple) -> str:
        return service_path_from_title(row.pk, f"{row.activity__name}, {row.organisation__name}")


class Organisations(_SiteSection):
    def items(self) -> QuerySet:
        rows = self.site.shown_services.order_by("organisation").values("organisation", "organisation__name")
        rows = rows.annotate(changed=Max(LAST_CHANGE))
        return rows.values_list("organisation", "organisation__name", "changed", named=True)

    def location(self, row: tuple) -> str:
        return organisation_path_from_name(row.organisation, row.organisation__name)


class Pages(WagtailSitemap):
    """The pages of the CMS that everybody may read."""

    def get_latest_lastmod(self) -> datetime | None:
        return self._pages().aggregate(latest=Max("last_published_at"))["latest"]

    def items(self) -> PageQuerySet:
        return self._pages().order_by("path").defer_streamfields().specific()

    def _pages(self) -> PageQuerySet:
        """Return those of the site's tree, and of its trees in other languages."""
        roots = self.get_wagtail_site().root_page.get_translations(inclusive=True).live()
        of_tree = (Page.objects.descendant_of_q(root, inclusive=True) for root in roots)
        return Page.objects.filter(reduce(or_, of_tree, Q(pk=None))).live().public()

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict[str, Any]]:
        # Wagtail may know its default site as "localhost" only
        urls = super()._urls(page, protocol, domain)
        return [url | {"location": absolute(self.request, urlsplit(url["location"]).path)} for url in urls]


SECTIONS: dict[str, Callable[[HttpRequest], Sitemap]] = {
    "pages": Pages,
    "services": Services,
    "organisations": Organisations,
}
