from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from referrals.access import own_organisations


class OwnOrganisationFilter(SimpleListFilter):
    title = "organisation"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("own", "Your organisation's")]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(organisation__in=own_organisations(request.user)) if self.value() == "own" else queryset
