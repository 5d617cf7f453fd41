"""What is in the sitemap: the site's pages, services and organisations, in files of at most 50,000 addresses each."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest
from wagtail.contrib.sitemaps import Sitemap as WagtailSitemap

from directory_site.addresses import path_of, path_of_organisation
from directory_site.models.sites import PublicSite
from directory_site.seo.meta import absolute

# The last day on which somebody said that all of it is right, which saving it says as well.
LAST_CHANGE = Greatest("last_confirmed_on", "listed_on")


class _OfSite(Sitemap):
    """Rows of values rather than of models: fifty thousand of these are read at a time."""

    def __init__(self, request: HttpRequest) -> None:
        self.site = PublicSite.for_request_or_404(request)
        self.own = urlsplit(absolute(request, "/"))

    def get_protocol(self, protocol: str | None = None) -> str:
        return self.own.scheme

    def get_domain(self, site: object = None) -> str:
        return self.own.netloc

    def lastmod(self, row: tuple) -> date:
        return row.changed

    def get_latest_lastmod(self) -> date | None:
        return self.site.shown_services.aggregate(latest=Max(LAST_CHANGE))["latest"]


class Services(_OfSite):
    def items(self) -> QuerySet:
        rows = self.site.shown_services.annotate(changed=LAST_CHANGE).order_by("pk")
        return rows.values_list("pk", "activity__name", "organisation__name", "changed", named=True)

    def location(self, row: tuple) -> str:
        return path_of(row.pk, f"{row.activity__name}, {row.organisation__name}")


class Organisations(_OfSite):
    def items(self) -> QuerySet:
        rows = self.site.shown_services.order_by("organisation").values("organisation", "organisation__name")
        rows = rows.annotate(changed=Max(LAST_CHANGE))
        return rows.values_list("organisation", "organisation__name", "changed", named=True)

    def location(self, row: tuple) -> str:
        return path_of_organisation(row.organisation, row.organisation__name)


class Pages(WagtailSitemap):
    """The pages of the CMS that are published for everybody, each by what its own kind says of it."""

    def get_latest_lastmod(self) -> datetime | None:
        root = self.get_wagtail_site().root_page
        pages = root.get_descendants(inclusive=True).live().public()
        return pages.aggregate(latest=Max("last_published_at"))["latest"]

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict[str, Any]]:
        """What the CMS knows of its own name may be no more than "localhost"."""
        found = super()._urls(page, protocol, domain)
        return [one | {"location": absolute(self.request, urlsplit(one["location"]).path)} for one in found]


SECTIONS: dict[str, Callable[[HttpRequest], Sitemap]] = {
    "pages": Pages,
    "services": Services,
    "organisations": Organisations,
}
