"""What the four views of the network share: its services, filtered as the address says, and the links between them."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.urls import reverse

from backoffice.user_context import get_user_context, limit_to_workplace
from referrals.access import visible_to
from referrals.filters import ServiceFilter
from referrals.models import Network, Service
from referrals.network.load import with_known_load

VIEWS = {"network_list": "List", "network_map": "Map", "network_capacity": "Capacity", "network_calendar": "Calendar"}
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
    def is_filtered(self) -> bool:
        self.filter.form.is_valid()
        return any(self.filter.form.cleaned_data.get(name) not in (None, "", False) for name in FILTERS)

    @cached_property
    def fields(self) -> list[FilterField]:
        counts = self.filter.counts()
        return [_with_counts(self.filter.form[name], counts.get(name, {})) for name in FILTERS]

    @property
    def views(self) -> list[dict[str, object]]:
        """Return the four views with their addresses, which keep the filters but not the page or the order."""
        kept = self.request.GET.copy()
        for name in kept.keys() - FILTERS:
            del kept[name]
        query = f"?{kept.urlencode()}" if kept else ""
        current = self.request.resolver_match.url_name
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
