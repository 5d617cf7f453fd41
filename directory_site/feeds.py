"""What is new: RSS of the services that a site has begun to show."""

from datetime import datetime, time

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from directory_site.addresses import service_path
from directory_site.heads import absolute
from directory_site.languages import home_path
from directory_site.visited import visited_site
from referrals.models import Service
from referrals.public_card import card_of, with_card_rows

AT_MOST = 30


class NewServices(Feed):
    """Nothing is kept on the feed itself: one serves all visitors, and several sites."""

    def get_object(self, request: HttpRequest) -> HttpRequest:
        return request

    def title(self, request: HttpRequest) -> str:
        return _("New services: %(site)s") % {"site": visited_site(request).name}

    def description(self) -> str:
        return _("Services that have been listed lately, the newest first.")

    def link(self, request: HttpRequest) -> str:
        return absolute(request, home_path())

    def feed_url(self, request: HttpRequest) -> str:
        return absolute(request, reverse("new_services"))

    def items(self, request: HttpRequest) -> list[dict[str, object]]:
        rows = visited_site(request).shown_services.order_by("-listed_on", "-pk")
        return [_item(request, row) for row in with_card_rows(rows[:AT_MOST])]

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
    """A service that is listed again is news again, so that the day is a part of its key; its name is not."""
    card = card_of(service, now=timezone.now())
    titled = {"activity": card.activity, "organisation": card.organisation}
    facts = [card.summary, _("For: %(whom)s") % {"whom": card.for_whom} if card.for_whom else "", card.serves]
    return {
        "title": _("%(activity)s, %(organisation)s") % titled,
        "words": " · ".join(filter(None, facts)),
        "address": absolute(request, service_path(service)),
        "key": f"service:{service.pk}:{service.listed_on:%Y-%m-%d}",
        "listed": timezone.make_aware(datetime.combine(service.listed_on, time())),
    }
