from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from backoffice.admin.service_forms import ServiceForm, VenueForm
from backoffice.category_tree import TreeChoiceField
from backoffice.scoping import ScopedAdmin, ScopedInline
from backoffice.shapes import ShapeWidget, outlines
from referrals.choices import choices_for
from referrals.enums import AssignmentStatus
from referrals.models import (
    Activity,
    Area,
    Assignment,
    OpeningException,
    OpeningHours,
    Restriction,
    Service,
    Venue,
)
from referrals.resources import ActivityResource, VenueResource
from referrals.visibility import own_organisations


class WhoseFilter(SimpleListFilter):
    title = "organisation"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("own", "Your organisation's")]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(organisation__in=own_organisations(request.user)) if self.value() == "own" else queryset


@admin.register(Activity)
class ActivityAdmin(ScopedAdmin):
    deletable = True
    fixed = ("organisation",)
    fields = ["organisation", "name"]
    autocomplete_fields = ["organisation"]
    resource = ActivityResource
    list_display = ["name", "organisation"]
    list_filter = [WhoseFilter]
    list_select_related = ["organisation"]
    search_fields = ["name", "organisation__name"]


@admin.register(Venue)
class VenueAdmin(ScopedAdmin):
    form = VenueForm
    deletable = True
    fixed = ("organisation",)
    fields = [
        "organisation",
        "name",
        "postcode",
        "address",
        "point",
        "map_link",
        "access",
        "facilities",
        "is_confidential",
    ]
    autocomplete_fields = ["organisation"]
    resource = VenueResource
    list_display = ["name", "postcode", "organisation", "is_confidential"]
    list_filter = [WhoseFilter]
    list_select_related = ["organisation"]
    search_fields = ["name", "postcode", "organisation__name"]

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs: object):
        if db_field.name == "point":
            kwargs["widget"] = _shape_widget(Service._meta.get_field("network"), request)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _shape_widget(network_field, request: HttpRequest) -> type[ShapeWidget]:
    """Return a widget that shows the areas of the networks the user can choose, up to a handful."""
    areas = Area.objects.filter(networks__in=choices_for(network_field, request.user)).distinct()[:5]
    return type("NetworkShapeWidget", (ShapeWidget,), {"around": outlines(areas)})


class OpeningHoursInline(ScopedInline):
    model = OpeningHours
    fields = ["weekday", "opens", "closes", "valid_from", "valid_to"]


class RestrictionInline(ScopedInline):
    model = Restriction
    fields = ["option", "age_from", "age_to"]
    verbose_name_plural = "restrictions: none means everyone"


@admin.register(OpeningHours)
class OpeningHoursAdmin(ScopedAdmin):
    deletable = True
    fixed = ("service",)
    fields = ["service", "weekday", "opens", "closes", "valid_from", "valid_to"]
    autocomplete_fields = ["service"]
    export_columns = ["service", "weekday", "opens", "closes", "valid_from", "valid_to"]
    list_display = ["service", "weekday", "opens", "closes"]
    list_filter = ["weekday"]
    list_select_related = ["service__activity", "service__organisation"]
    search_fields = ["service__activity__name", "service__organisation__name"]


@admin.register(OpeningException)
class OpeningExceptionAdmin(ScopedAdmin):
    deletable = True
    fixed = ("service",)
    fields = ["service", "first_day", "last_day", "opens", "closes", "note"]
    autocomplete_fields = ["service"]
    export_columns = ["service", "first_day", "last_day", "opens", "closes", "note"]
    list_display = ["service", "first_day", "last_day", "opens", "closes", "note"]
    list_select_related = ["service__activity", "service__organisation"]
    search_fields = ["service__activity__name", "service__organisation__name"]


@admin.register(Restriction)
class RestrictionAdmin(ScopedAdmin):
    deletable = True
    fixed = ("service",)
    fields = ["service", "option", "age_from", "age_to"]
    autocomplete_fields = ["service"]
    export_columns = ["service", "option", "age_from", "age_to"]
    list_display = ["service", "__str__"]
    list_select_related = ["service__activity", "service__organisation", "option__demographic"]
    search_fields = ["service__activity__name", "service__organisation__name"]


def _count_of(status: AssignmentStatus) -> Coalesce:
    rows = Assignment.objects.filter(service=OuterRef("pk"), status=status).order_by()
    return Coalesce(
        Subquery(rows.values("service").annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField()
    )


@admin.register(Service)
class ServiceAdmin(ScopedAdmin):
    form = ServiceForm
    opens_empty = True
    deletable = True
    fixed = ("organisation", "network")
    inlines = [OpeningHoursInline, RestrictionInline]
    autocomplete_fields = ["organisation", "activity", "venue"]
    export_columns = [
        "organisation",
        "network",
        "activity",
        "categories",
        "venue",
        "by_appointment",
        "opening_note",
        "capacity",
        "load",
        "capacity_set_on",
        "is_public",
        "summary",
        "description",
        "phone",
        "email",
        "website",
        "pathways",
        "last_confirmed_on",
    ]
    list_display = ["activity", "organisation", "load", "is_public", "last_confirmed_on"]
    list_filter = [WhoseFilter, "network", "categories", "is_public"]
    list_select_related = ["activity", "organisation"]
    search_fields = ["activity__name", "organisation__name", "summary"]
    fieldsets = [
        (None, {"fields": ["organisation", "network", "activity", "categories", "venue", "catchment"]}),
        ("Opening", {"fields": ["by_appointment", "opening_note"]}),
        ("Capacity", {"fields": ["capacity", "load", "capacity_set_on"]}),
        (
            "Public details",
            {"fields": ["is_public", "summary", "description", "phone", "email", "website", "pathways"]},
        ),
        ("Kept up to date", {"fields": ["last_confirmed_on"]}),
    ]
    readonly_fields = ["load", "capacity_set_on"]

    def rows(self, queryset: QuerySet) -> QuerySet:
        return queryset.annotate(
            open_cases=_count_of(AssignmentStatus.ACCEPTED), waiting_offers=_count_of(AssignmentStatus.OFFERED)
        )

    @admin.display(description="load", ordering=F("open_cases") - F("capacity"))
    def load(self, service: Service) -> str:
        if not hasattr(service, "open_cases"):
            return "Nobody yet"
        words = f"{service.open_cases} of {service.capacity} places taken"
        asked = f", {service.waiting_offers} asked" if service.waiting_offers else ""
        tone = "wait" if service.open_cases >= service.capacity else "good"
        if not service.takes_people:
            words, asked, tone = "Takes nobody", "", ""
        return format_html('<span class="chip {}">{}{}</span>', tone, words, asked)

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs: object):
        if db_field.name == "catchment":
            kwargs["widget"] = _shape_widget(Service._meta.get_field("network"), request)
        if db_field.name == "categories":
            kwargs["form_class"] = TreeChoiceField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Service, form: ModelForm, change: bool) -> None:
        if "capacity" in form.changed_data:
            obj.capacity_set_on = timezone.localdate()
        super().save_model(request, obj, form, change)
