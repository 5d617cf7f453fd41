"""RSS of the services that are new on a site."""

from datetime import datetime, time

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from directory_site.addresses import service_path
from directory_site.caching.page_cache import cacheable
from directory_site.languages import home_path
from directory_site.models.sites import PublicSite
from directory_site.seo.meta import absolute
from referrals.models import Service
from referrals.services.public_card import area_served, line_of, with_line_rows
from referrals.view_access import public_site

MAX_ITEMS = 30


class NewServices(Feed):
    """One instance serves all visitors of all sites, so it keeps no state."""

    def get_object(self, request: HttpRequest) -> HttpRequest:
        return request

    def title(self, request: HttpRequest) -> str:
        return _("New services: %(site)s") % {"site": PublicSite.for_request_or_404(request).name}

    def description(self) -> str:
        return _("Recently listed services, newest first.")

    def link(self, request: HttpRequest) -> str:
        return absolute(request, home_path())

    def feed_url(self, request: HttpRequest) -> str:
        return absolute(request, reverse("new_services"))

    def items(self, request: HttpRequest) -> list[dict[str, object]]:
        rows = with_line_rows(PublicSite.for_request_or_404(request).shown_services).select_related("network__area")
        newest = rows.defer("network__area__boundary").order_by("-listed_on", "-pk")[:MAX_ITEMS]
        return [_item(request, row) for row in newest]

    def item_title(self, item: dict[str, object]) -> str:
        return item["title"]

    def item_description(self, item: dict[str, object]) -> str:
        return item["words"]

    def item_link(self, item: dict[str, object]) -> str:
        return item["address"]

    def item_guid(self, item: dict[str, object]) -> str:
        return item["key"]

    item_guid_is_permalink = False

    def item_pubdate(self, item: dict[str, object]) -> datetime:
        return item["listed"]


def _item(request: HttpRequest, service: Service) -> dict[str, object]:
    line = line_of(service, now=timezone.now())
    names = {"activity": line.activity, "organisation": line.organisation}
    served = area_served(service, has_catchment=line.has_catchment)
    facts = [line.summary, _("For: %(whom)s") % {"whom": line.for_whom} if line.for_whom else "", served]
    return {
        "title": _("%(activity)s, %(organisation)s") % names,
        "words": " · ".join(filter(None, facts)),
        "address": absolute(request, service_path(service)),
        # With the day, so that a service that is listed again is news again; without its name, which may change.
        "key": f"service:{service.pk}:{service.listed_on:%Y-%m-%d}",
        "listed": timezone.make_aware(datetime.combine(service.listed_on, time())),
    }


new_services = public_site(cacheable(NewServices()))
