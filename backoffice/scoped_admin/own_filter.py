from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.scoped_admin.relations import count_by
from backoffice.user_context import get_user_context
from referrals.access import visible_to
from referrals.models import Organisation

PARAMETER = "whose"
OWN, ALL = "own", "all"
MAX_NAMED = 100  # with more of them, searching for a name is quicker than reading down the list


class OrganisationFilter(SimpleListFilter):
    """Opens a list on what is the user's own. Who has no organisation sees all, and chooses among organisations."""

    title = "organisation"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        every = [(ALL, "All organisations")]
        return [(OWN, "Your own"), *every] if get_user_context(request).organisations else every

    def value(self) -> str:
        return super().value() or self.lookup_choices[0][0]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        counts = count_by(self, changelist, "organisation")
        organisations = visible_to(self.request.user, Organisation).filter(pk__in=counts).order_by("name")
        named = list(organisations[: MAX_NAMED + 1])
        number_of = {ALL: sum(counts.values())}
        number_of[OWN] = sum(counts.get(one.pk, 0) for one in get_user_context(self.request).organisations)
        number_of |= {str(one.pk): counts[one.pk] for one in named}
        for value, words in [*self.lookup_choices, *_choices_of(named)]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({PARAMETER: value}),
                "display": words,
                "count": number_of[value],
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "all":
                return queryset
            case "own":
                return queryset.filter(organisation__in=get_user_context(request).organisations)
            case key if key.isdecimal():
                return queryset.filter(organisation__in=visible_to(request.user, Organisation).filter(pk=key))
        return queryset.none()


def _choices_of(organisations: list[Organisation]) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in organisations] if 1 < len(organisations) <= MAX_NAMED else []


def shows_own(request: HttpRequest) -> bool:
    """Whether a list with this filter shows only what belongs to the user's organisations."""
    return bool(get_user_context(request).organisations) and request.GET.get(PARAMETER, OWN) == OWN
