from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest

from backoffice.scoped_admin.relations import rows_without_filter
from backoffice.user_context import get_user_context
from referrals.access import visible_to
from referrals.import_export.widgets import is_key
from referrals.models import Organisation

PARAMETER = "whose"
OWN, ALL = "own", "all"
MAX_NAMED = 100  # if there are more, searching for a name is quicker than reading down the list


class OrganisationFilter(SimpleListFilter):
    """Shows the user's own rows first. Users without an organisation see all, and can choose one."""

    title = "organisation"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        every = [(ALL, "All organisations")]
        return [(OWN, "Your own"), *every] if get_user_context(request).organisations else every

    def value(self) -> str:
        return super().value() or self.lookup_choices[0][0]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        seen = Exists(visible_to(self.request.user, Organisation).filter(pk=OuterRef("organisation")))
        groups = rows_without_filter(self, changelist).values_list("organisation", "organisation__name", seen)
        groups = groups.annotate(number=Count("pk", distinct=True))
        counted = list(groups.order_by("organisation__name", "organisation"))
        number_of = {str(key): number for key, _, _, number in counted}
        own = [str(organisation.pk) for organisation in get_user_context(self.request).organisations]
        number_of |= {ALL: sum(number_of.values()), OWN: sum(number_of.get(key, 0) for key in own)}
        named = [(str(key), name) for key, name, is_seen, _ in counted if is_seen]
        others = [choice for choice in named if [choice[0]] != own]  # a single one is already "Your own"
        for value, words in [*self.lookup_choices, *(others if 1 < len(named) <= MAX_NAMED else [])]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({PARAMETER: value}),
                "display": words,
                "count": number_of[value],
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value == ALL:
            return queryset
        if value == OWN:
            return queryset.filter(organisation__in=get_user_context(request).organisations)
        if is_key(value):
            return queryset.filter(organisation__in=visible_to(request.user, Organisation).filter(pk=value))
        return queryset.none()


def shows_own(request: HttpRequest) -> bool:
    """Whether a list with this filter shows only what belongs to the user's organisations."""
    return bool(get_user_context(request).organisations) and request.GET.get(PARAMETER, OWN) == OWN
