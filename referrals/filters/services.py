"""Filters for services, with how many each choice would leave."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.forms import CheckboxInput, TextInput
from django.http import HttpRequest
from django.utils import timezone
from django_filters.fields import ModelChoiceField

from referrals.access import visible_to
from referrals.enums import Weekday
from referrals.filters.tree import TreeFilter
from referrals.hours import local_time
from referrals.hours.sql import open_at
from referrals.models import Category, DemographicOption, Network, OpeningHours, Organisation, Restriction, Service
from referrals.network.load import HAS_ROOM, with_known_load

Counts = Mapping[object, int]  # by the value of the choice


class _AnswerField(ModelChoiceField):
    def label_from_instance(self, option: DemographicOption) -> str:
        return f"{option.demographic.name}: {option.name}"


class _AnswerFilter(django_filters.ModelChoiceFilter):
    field_class = _AnswerField


class ServiceFilter(django_filters.FilterSet):
    """Pass it the services, whose networks these are, and `request`: what can be chosen depends on all three.

    `qs` has the services found. `counts` has, for each filter, how many there would be with each of its choices.
    """

    q = django_filters.CharFilter(
        label="Search",
        method="by_words",
        widget=TextInput(attrs={"placeholder": "Name or what it does", "type": "search"}),
    )
    category = TreeFilter(label="What it helps with", empty_label="Anything", method="by_category")
    organisation = django_filters.ModelChoiceFilter(label="Organisation", empty_label="Any organisation", queryset=None)
    day = django_filters.ChoiceFilter(label="Open on", choices=Weekday.choices, empty_label="Any day", method="by_day")
    suits = _AnswerFilter(label="For whom", empty_label="Anybody", method="by_answer")
    open_now = django_filters.BooleanFilter(label="Open now", method="by_hours", widget=CheckboxInput)
    has_room = django_filters.BooleanFilter(label="Has room", method="by_room", widget=CheckboxInput)

    class Meta:
        model = Service
        fields: list[str] = []

    def __init__(
        self,
        data: Mapping | None,
        services: QuerySet,
        *,
        networks: Collection[Network],
        request: HttpRequest,
        now: datetime | None = None,
    ) -> None:
        self.networks, self.now = networks, local_time(now or timezone.now())
        super().__init__(data, services, request=request)
        keys = [network.pk for network in networks]
        self.filters["category"].queryset = Category.objects.in_tree_order(keys)
        organisations = visible_to(request.user, Organisation).filter(pk__in=services.order_by().values("organisation"))
        self.filters["organisation"].queryset = organisations.only("name")
        self.filters["suits"].queryset = DemographicOption.objects.filter(demographic__network__in=keys).select_related(
            "demographic"
        )

    def filter_queryset(self, queryset: QuerySet, *, but: str = "") -> QuerySet:
        for name, value in self.form.cleaned_data.items():
            if name != but:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in value.split():
            queryset = queryset.filter(
                Q(activity__name__icontains=word)
                | Q(organisation__name__icontains=word)
                | Q(summary__icontains=word)
                | Q(description__icontains=word)
            )
        return queryset

    def by_category(self, queryset: QuerySet, name: str, value: Category) -> QuerySet:
        listed = Service.categories.through.objects.filter(
            service=OuterRef("pk"), category__in=Category.objects.keys_of_help(value)
        )
        return queryset.filter(Exists(listed))

    def by_day(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Exists(self._current_hours().filter(service=OuterRef("pk"), weekday=value)))

    def by_answer(self, queryset: QuerySet, name: str, value: DemographicOption) -> QuerySet:
        """Leave those out that support other answers to the same question only."""
        restricted = Restriction.objects.filter(service=OuterRef("pk"), option__demographic=value.demographic_id)
        return queryset.filter(~Exists(restricted) | Exists(restricted.filter(option=value)))

    def by_hours(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(pk__in=open_at(self.networks, self.now)) if value else queryset

    def by_room(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return with_known_load(queryset, self.request.user).filter(HAS_ROOM) if value else queryset

    def counts(self) -> dict[str, Counts]:
        """Return {"category": {key: number}, ..., "open_now": {True: number}}: with the other filters as they are."""
        self.form.is_valid()
        return {
            "category": self._count_categories(),
            "organisation": self._count_by("organisation"),
            "day": self._count_days(),
            "suits": self._count_answers(),
            "open_now": {True: self.by_hours(self._others("open_now"), "", True).count()},
            "has_room": {True: self.by_room(self._others("has_room"), "", True).count()},
        }

    def _others(self, name: str) -> QuerySet:
        """Return the services found without the filter of that name."""
        return self.filter_queryset(self.queryset.all(), but=name).order_by()

    def _current_hours(self) -> QuerySet:
        today = self.now.date()
        begun = Q(valid_from=None) | Q(valid_from__lte=today)
        return OpeningHours.objects.filter(begun, Q(valid_to=None) | Q(valid_to__gte=today)).order_by()

    def _count_by(self, field: str) -> Counts:
        return dict(self._others(field).values_list(field).annotate(number=Count("pk")))

    def _count_days(self) -> Counts:
        hours = self._current_hours().filter(service__in=self._others("day").values("pk"))
        return dict(hours.values_list("weekday").annotate(number=Count("service", distinct=True)))

    def _count_categories(self) -> Counts:
        """Count each service once for each category that it can help with: above what it is listed under, or below."""
        paths = {category.pk: category.tree_path for category in self.filters["category"].queryset}
        helped = {key: set(path) for key, path in paths.items()}
        for key, path in paths.items():
            for above in path:
                helped[above].add(key)
        links = Service.categories.through.objects.filter(service__in=self._others("category").values("pk"))
        pairs = {
            (category, service)
            for service, listed in links.values_list("service", "category")
            for category in helped.get(listed, ())
        }
        return Counter(category for category, _ in pairs)

    def _count_answers(self) -> Counts:
        """Count the services that have no restriction by that question, and those that name the answer."""
        services = self._others("suits")
        total = services.count()
        rows = Restriction.objects.filter(service__in=services.values("pk"), option__isnull=False).order_by()
        restricted = dict(rows.values_list("option__demographic").annotate(number=Count("service", distinct=True)))
        named = dict(rows.values_list("option").annotate(number=Count("service", distinct=True)))
        return {
            option.pk: total - restricted.get(option.demographic_id, 0) + named.get(option.pk, 0)
            for option in self.filters["suits"].queryset
        }
