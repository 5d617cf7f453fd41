"""The list of services as a table, with the columns it can be sorted by."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Case, Count, F, FloatField, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from backoffice.scoped_admin.admin import WorkplaceChangeList
from backoffice.service_card import NOT_SHARED, ServiceCard
from referrals.models import OpeningHours, Service

LAYOUT = "as"  # in the address: "table", or nothing for cards
_LIVE = F("open_cases") + F("waiting_offers")
_STATE_ORDER = Case(
    When(archived_at__isnull=False, then=Value(5)),
    When(paused_at__isnull=False, then=Value(4)),
    When(capacity=0, then=Value(3)),
    When(load_is_known=False, then=Value(2)),
    When(capacity__lte=_LIVE, then=Value(1)),
    default=Value(0),
    output_field=IntegerField(),
)
# Services without a value sort before the smallest, where PostgreSQL would put nulls after the largest.
_LOAD_ORDER = Case(
    When(load_is_known=False, then=Value(-2.0)),
    default=Coalesce(Cast(_LIVE, FloatField()) / NullIf(F("capacity"), Value(0)), -1.0),
)
_DAYS_ORDER = Coalesce(
    Subquery(
        OpeningHours.objects.filter(service=OuterRef("pk"))
        .order_by()
        .values("service")
        .annotate(days=Count("weekday", distinct=True))
        .values("days")
    ),
    0,
)
_CONFIRMED_ORDER = Coalesce("last_confirmed_on", date.min)


class ServiceChangeList(WorkplaceChangeList):
    def get_filters_params(self, params: dict | None = None) -> dict:
        return {name: value for name, value in super().get_filters_params(params).items() if name != LAYOUT}


def layouts_of(changelist: ChangeList) -> list[dict[str, Any]]:
    """Return the ways to show the list, each with its address."""
    shown = changelist.params.get(LAYOUT)
    return [
        {
            "label": label,
            "is_current": (shown == "table") == (value == "table"),
            "query_string": changelist.get_query_string({LAYOUT: value}),
        }
        for label, value in (("Cards", None), ("Table", "table"))
    ]


class ServiceColumns:
    """Columns for rows as ServiceCard takes them."""

    @admin.display(description="state", ordering=_STATE_ORDER)
    def state(self, service: Service) -> str:
        word, tone = _card(service).state
        chips = [(tone, word), *([] if service.is_public else [("", "Not listed publicly")])]
        return format_html_join(" ", '<span class="chip {}">{}</span>', chips)

    @admin.display(description="places taken", ordering=_LOAD_ORDER)
    def load(self, service: Service) -> str:
        taken = f"{service.open_cases} of {service.capacity}" if service.load_is_known else NOT_SHARED
        return f"{taken}, {service.waiting_offers} asked" if service.waiting_offers else taken

    @admin.display(description="open days", ordering=_DAYS_ORDER)
    def open_days(self, service: Service) -> str:
        return _card(service).open_days

    @admin.display(description="last confirmed", ordering=_CONFIRMED_ORDER)
    def confirmed(self, service: Service) -> str:
        on = service.last_confirmed_on
        words = date_format(on, "j F Y") if on else "Never"
        due = '{} <span class="chip wait">{}</span>'
        return format_html(due, words, "Please confirm") if _card(service).is_stale else words


def _card(service: Service) -> ServiceCard:
    return ServiceCard(service, timezone.localdate())
