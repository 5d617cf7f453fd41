import json

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponse

from backoffice.admin.service_forms import VenueForm
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.organisation_filter import OrganisationFilter
from backoffice.scoped_admin.shapes import PointWidget, outlines
from referrals.access.choices import choices_for
from referrals.import_export import ActivityResource, VenueResource
from referrals.import_export.small_tables import NOT_ON_MAP
from referrals.models import (
    Activity,
    Area,
    OpeningException,
    OpeningHours,
    Restriction,
    Service,
    Venue,
)


@admin.register(Activity)
class ActivityAdmin(ScopedAdmin):
    visible_when_empty = True
    deletable = True
    fixed = ("organisation",)
    fields = ["organisation", "name"]
    autocomplete_fields = ["organisation"]
    resource = ActivityResource
    list_display = ["name", "organisation"]
    list_filter = [OrganisationFilter]
    list_select_related = ["organisation"]
    search_fields = ["name", "organisation__name"]


@admin.register(Venue)
class VenueAdmin(ScopedAdmin):
    visible_when_empty = True
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
        "access_features",
        "access",
        "facilities",
        "is_confidential",
    ]
    autocomplete_fields = ["organisation"]
    resource = VenueResource
    list_display = ["name", "postcode", "organisation", "is_confidential"]
    list_filter = [OrganisationFilter]
    flags = {"is_confidential": (True, "Confidential")}
    list_select_related = ["organisation"]
    search_fields = ["name", "postcode", "organisation__name"]

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs: object):
        """Do not ask for the organisation if the user acts for only one, or adds a venue to a service of one."""
        if db_field.name == "point":
            kwargs["widget"] = _point_widget(request)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "organisation":
            is_for_service = IS_POPUP_VAR in request.GET and "organisation" in request.GET
            if is_for_service or field.queryset[:2].count() == 1:
                field.widget = HiddenInput()
        return field

    def save_model(self, request: HttpRequest, obj: Venue, form: VenueForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.place_problem:
            messages.warning(request, f"{form.place_problem} {NOT_ON_MAP}")

    def response_add(self, request: HttpRequest, obj: Venue, post_url_continue: str | None = None) -> HttpResponse:
        """Tell the dialog what the next page would tell: until then, much is filled in around the venue."""
        response = super().response_add(request, obj, post_url_continue)
        if IS_POPUP_VAR in request.POST:
            told = json.loads(response.context_data["popup_response_data"])
            told["remarks"] = " ".join(map(str, messages.get_messages(request)))
            response.context_data["popup_response_data"] = json.dumps(told)
        return response


def _point_widget(request: HttpRequest) -> type[PointWidget]:
    """Return a widget that shows the areas of up to five networks that the user can choose."""
    networks = choices_for(Service._meta.get_field("network"), request.user)
    areas = Area.objects.filter(networks__in=networks).distinct()[:5]
    return type("AreaPointWidget", (PointWidget,), {"around": outlines(areas)})


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
