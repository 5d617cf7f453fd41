"""What the views of the network share: its services, filtered as the address says, and the links between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from backoffice.user_context import get_user_context, limit_to_workplace
from referrals.access import visible_to
from referrals.filters import ServiceFilter
from referrals.models import Network, Service
from referrals.network.load import with_known_load

VIEWS = {  # by the name of the address
    "network_list": "List",
    "network_map": "Map",
    "network_capacity": "Capacity",
    "network_calendar": "Calendar",
}
FILTERS = tuple(ServiceFilter.base_filters)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a filter with how many services it would leave."""

    value: object
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FilterField:
    field: BoundField
    choices: list[Choice]  # of a select; the first is "any", without a count
    count: int | None = None  # with the box ticked; None if it is no box

    @property
    def is_counted(self) -> bool:
        return bool(self.choices) or self.count is not None

    @property
    def options(self) -> SafeString:
        """Return the options without those that leave nothing: in a template, thousands would take a second."""
        first, *others = self.choices
        shown = [(first, first.label)]
        shown += [(one, f"{one.label} ({one.count})") for one in others if one.count or one.is_chosen]
        marks = {True: SafeString(" selected"), False: ""}
        return format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((one.value, marks[one.is_chosen], label) for one, label in shown),
        )


@dataclass(frozen=True)
class NetworkScreen:
    """`services` are those found, with their load as far as the user may know it."""

    request: HttpRequest
    networks: list[Network]
    filter: ServiceFilter

    @cached_property
    def services(self) -> QuerySet:
        return with_known_load(self.filter.qs, self.request.user)

    @cached_property
    def number_of_filters(self) -> int:
        self.filter.form.is_valid()
        return sum(self.filter.form.cleaned_data.get(name) not in (None, "", False) for name in FILTERS)

    @property
    def is_filtered(self) -> bool:
        return self.number_of_filters > 0

    @cached_property
    def found(self) -> dict[str, int]:
        """Return how many services are found, and of how many organisations."""
        return self.filter.qs.order_by().aggregate(
            services=Count("pk"), organisations=Count("organisation", distinct=True)
        )

    @property
    def filter_query(self) -> str:
        """Return "?..." with the filters alone, without the page or the order; empty if there are none."""
        kept = [(name, value) for name in FILTERS for value in self.request.GET.getlist(name) if value]
        return f"?{urlencode(kept)}" if kept else ""

    @cached_property
    def fields(self) -> list[FilterField]:
        counts = self.filter.counts()
        return [_with_counts(self.filter.form[name], counts.get(name, {})) for name in FILTERS]

    @property
    def views(self) -> list[dict[str, object]]:
        """Return the views with their addresses, which keep the filters but not the page or the order."""
        query, current = self.filter_query, self.request.resolver_match.url_name
        return [
            {"label": label, "url": f"{reverse(f'backoffice:{name}')}{query}", "is_current": name == current}
            for name, label in VIEWS.items()
        ]


def network_screen(request: HttpRequest) -> NetworkScreen:
    """Return the screen for the networks of the chosen workplace, or all that the user belongs to."""
    user_context = get_user_context(request)
    networks = list(Network.objects.all()) if user_context.runs_all_networks else list(user_context.networks)
    services = limit_to_workplace(request, visible_to(request.user, Service)).filter(archived_at=None)
    services = services.filter(network__in=networks).by_active_members()
    related = services.select_related("organisation", "activity", "venue", "network")
    return NetworkScreen(request, networks, ServiceFilter(request.GET, related, networks=networks, request=request))


def _with_counts(field: BoundField, counts: dict) -> FilterField:
    if isinstance(field.field.widget, CheckboxInput):
        return FilterField(field, [], counts[True])
    chosen = str(field.value() or "")
    pairs = [(getattr(value, "value", value), str(label)) for value, label in getattr(field.field, "choices", ())]
    return FilterField(
        field, [Choice(value, label, counts.get(value, 0), str(value) == chosen) for value, label in pairs]
    )


def order_links(request: HttpRequest, names: Sequence[str], first: str = "") -> tuple[str, dict[str, dict[str, str]]]:
    """Return the order asked for, such as "-load" (by default `first`, or the first of `names`), and links by name.

    Each link has a `url`, which turns the order round if it is the current one, and the heading's `aria_sort`.
    """
    asked = request.GET.get("sort", "")
    order = asked if asked.removeprefix("-") in names else first or names[0]
    links = {}
    for name in names:
        query = request.GET.copy()
        query.pop("page", None)
        query["sort"] = f"-{name}" if order == name else name
        aria_sort = {name: "ascending", f"-{name}": "descending"}.get(order, "")
        links[name] = {"url": f"?{query.urlencode()}", "aria_sort": aria_sort}
    return order, links
