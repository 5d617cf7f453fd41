from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Count, Q, QuerySet, prefetch_related_objects
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.category_field import TreeChoiceField, TreeWidget
from backoffice.scoped_admin.organisation_filter import OrganisationFilter
from backoffice.scoped_admin.relations import CategoryFilter, rows_without_filter
from backoffice.service_card import cards_of, with_card_details
from backoffice.services import preview
from backoffice.services.forms import ServiceForm, initial_of_copy
from backoffice.services.parts import list_problems, list_tabs
from backoffice.services.table import ServiceChangeList, ServiceColumns, layouts_of
from backoffice.services.trial import TrialForm
from backoffice.services.venue import VenueWrapper
from backoffice.user_context import get_user_context
from referrals import freshness
from referrals.access import changeable_by, visible_to
from referrals.hours import Timetable, week_in_words
from referrals.import_export import ServiceResource
from referrals.import_export.widgets import is_key
from referrals.matching.audience import describe_suggested_people
from referrals.models import Service, User
from referrals.models.services import TAKES_PEOPLE
from referrals.network.load import HAS_ROOM, IS_FULL, with_known_load
from referrals.services.fields import CONFIRMATION_FIELD, FIELD_GROUPS, MEMBERSHIP_FIELDS
from referrals.services.public_card import card_of, with_card_rows

_STATES = {
    "": "All that are offered",
    "room": "Has room",
    "full": "Full",
    "paused": "Paused or no capacity",
    "stale": "To be confirmed",
    "archived": "Archived",
}


class ServiceStateFilter(SimpleListFilter):
    """Hides archived services unless they are asked for."""

    title = "state"
    parameter_name = "state"
    template = "backoffice/not_in_sidebar.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(state, words) for state, words in _STATES.items() if state]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        if not hasattr(self, "counts"):  # asked for twice: above the list, and in the sidebar, which shows nothing
            rows = rows_without_filter(self, changelist)
            counted = {state: Count("pk", filter=_state_condition(state, rows), distinct=True) for state in _STATES}
            self.counts = rows.aggregate(**{f"in_{state}": count for state, count in counted.items()})
        for state, choice in zip(_STATES, super().choices(changelist), strict=True):
            shown = choice if state else choice | {"display": _STATES[""]}
            yield shown | {"count": self.counts[f"in_{state}"]}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(_state_condition(self.value() or "", queryset))


def _state_condition(state: str, services: QuerySet) -> Q:
    offered = Q(archived_at=None)
    match state:
        case "room":
            return HAS_ROOM
        case "full":
            return IS_FULL
        case "paused":
            return offered & ~TAKES_PEOPLE
        case "stale":
            return Q(pk__in=freshness.stale(services).order_by().values("pk"))
        case "archived":
            return ~offered
    return offered


ERROR_MESSAGES = {
    "capacity": {
        "min_value": "Write 0 or a whole number above it.",
        "invalid": "Write a whole number.",
        "required": "Write a whole number. 0 means that nobody is referred to it.",
    },
    "email": {"invalid": "Write the address as in office@example.org."},
    "website": {"invalid": "Write the address as in https://www.example.org."},
}


def _read_only_context(service: Service, user: User) -> dict[str, Any]:
    """For users who may not change the service: the public card, which hides a confidential venue."""
    stored = with_card_rows(Service.objects.filter(pk=service.pk)).get()
    return {
        "card": card_of(stored, now=timezone.now()),
        "for_whom": describe_suggested_people(stored),
        "categories": [str(category) for category in visible_to(user, service.categories.all())],
        "shapes": [service.catchment] if service.catchment else [],
    }


@admin.register(Service)
class ServiceAdmin(ServiceColumns, ScopedAdmin):
    form = ServiceForm
    visible_when_empty = True
    deletable = True
    fixed = MEMBERSHIP_FIELDS
    list_per_page = 24
    resource = ServiceResource
    list_display = ["activity", "organisation", "state", "load", "open_days", "confirmed"]
    list_filter = [OrganisationFilter, ServiceStateFilter, ("categories", CategoryFilter), "is_public"]
    show_full_result_count = False
    list_select_related = ["activity", "organisation", "network", "venue"]
    search_fields = ["activity__name", "organisation__name", "summary"]
    fieldsets = [
        (None, {"fields": [*MEMBERSHIP_FIELDS, *FIELD_GROUPS[0].model_fields]}),
        *((group.title, {"fields": [*group.model_fields]}) for group in FIELD_GROUPS[1:] if group.model_fields),
        ("Kept up to date", {"fields": ["capacity_set_on", CONFIRMATION_FIELD]}),
    ]
    readonly_fields = ["capacity_set_on", CONFIRMATION_FIELD]

    class Media:
        js = [f"backoffice/{name}.js" for name in ("form_tabs", "formset_lines", "category_tree", "unsaved")]

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        return with_known_load(queryset, user)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.preview_view)
        routes = ("preview/", "<int:pk>/preview/")
        return [*(path(route, view, name="service_preview") for route in routes), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if changelist := context.get("cl"):  # a redirect has none
            context["cards"] = cards_of(changelist.result_list)
            state_filter = next(spec for spec in changelist.filter_specs if isinstance(spec, ServiceStateFilter))
            context["states"] = list(state_filter.choices(changelist))
            context["layouts"] = layouts_of(changelist)
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return ServiceChangeList

    def get_changelist_instance(self, request: HttpRequest):
        changelist = super().get_changelist_instance(request)
        changelist.result_list = with_card_details(changelist.result_list, request.user)
        return changelist

    def render_change_form(self, request: HttpRequest, context: dict, *args: object, **kwargs: object) -> HttpResponse:
        form, obj = context["adminform"].form, kwargs.get("obj")
        may_edit = isinstance(form, ServiceForm) and self._may_edit(request, obj)
        context |= {
            "may_edit": may_edit,
            "has_membership": may_edit and form.has_membership,
            "show_save_and_add_another": False,
        }
        if context["has_membership"]:
            context |= self._form_context(form, obj)
        elif obj is not None:
            context |= _read_only_context(obj, request.user)
        if obj is not None:
            context["title"] = obj.activity.name
        elif context["has_membership"] and form.source:
            context["title"] = f"A copy of {form.source.activity.name}"
        return super().render_change_form(request, context, *args, **kwargs)

    def _form_context(self, form: ServiceForm, obj: Service | None) -> dict[str, Any]:
        source = form.source
        if source:
            prefetch_related_objects(
                [source], "opening_hours", "opening_exceptions", "restrictions__option__demographic"
            )
        return {
            "parts": list_tabs(form),
            "problems": list_problems(form),
            "errors": None,  # `problems` lists them, each with a link to its field
            "preview_url": reverse("backoffice:service_preview", args=[obj.pk] if obj else []),
            "service": obj,
            "hours_lines": week_in_words(Timetable.of(source), timezone.localdate()) if source else [],
            "for_whom": describe_suggested_people(source) if source else "",
            "trial_form": TrialForm(form.chosen_network, like=source),
        }

    def get_form(self, request: HttpRequest, obj: Service | None = None, **kwargs: object) -> type[ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        form.user = request.user  # a new class is made for every request
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        initial = super().get_changeform_initial_data(request)
        workplace = get_user_context(request).workplace
        if workplace and workplace.organisation and workplace.network:
            initial = {"organisation": workplace.organisation.pk, "network": workplace.network.pk} | initial
        copied = initial.pop("copy", "")
        if is_key(copied) and (service := changeable_by(request.user, Service).filter(pk=copied).first()):
            initial |= initial_of_copy(service)
        return initial

    def tools(self, request: HttpRequest, obj: Service | None) -> list[tuple[str, str]]:
        if obj is None or not self.has_change_permission(request, obj):
            return []
        return [
            ("Duplicate", f"{reverse('backoffice:referrals_service_add')}?copy={obj.pk}"),
            *([] if obj.archived_at else [("Archive", reverse("backoffice:service_archive", args=[obj.pk]))]),
        ]

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs: object):
        if db_field.name == "categories":
            kwargs |= {"form_class": TreeChoiceField, "widget": TreeWidget}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ERROR_MESSAGES:
            field.error_messages |= ERROR_MESSAGES[db_field.name]
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper) and db_field.name == "venue":
            field.widget = VenueWrapper.of(field.widget)
        return field

    def save_model(self, request: HttpRequest, obj: Service, form: ModelForm, change: bool) -> None:
        if "capacity" in form.changed_data:
            obj.capacity_set_on = timezone.localdate()
        super().save_model(request, obj, form, change)
        for sentence in form.fields["catchment"].changes:
            messages.warning(request, sentence)

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return preview.preview(request, self, pk)
