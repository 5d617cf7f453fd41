"""Filters for lists of referrals."""

from collections.abc import Callable, Collection

import django_filters
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.forms import TextInput
from django.http import HttpRequest

from referrals.access import referral_networks, visible_to
from referrals.enums import (
    ENDED_REFERRAL,
    LIVE_ASSIGNMENT,
    TAKEN_AWAY,
    AssignmentStatus,
    ReferralStatus,
    StrandStatus,
)
from referrals.filters.finding_people import find_by_words
from referrals.filters.tree import TreeFilter
from referrals.models import Assignment, Category, Need, NetworkMembership, Organisation, Referral, Strand
from referrals.user_input.long_select import LongSelect
from referrals.workflow import live_without_membership


def _categories(request: HttpRequest) -> QuerySet:
    everywhere = request.user.is_superuser
    return Category.objects.in_tree_order(None if everywhere else referral_networks(request.user).values("pk"))


def _organisations(request: HttpRequest) -> QuerySet:
    members = NetworkMembership.objects.filter(network__in=referral_networks(request.user).values("pk"))
    return visible_to(request.user, Organisation).filter(pk__in=members.values("organisation"))


def _all_for_operators(
    scoped: Callable[[HttpRequest], QuerySet], model: type[Model]
) -> Callable[[HttpRequest], QuerySet]:
    return lambda request: model._default_manager.all() if request.user.is_superuser else scoped(request)


class ReferralFilter(django_filters.FilterSet):
    """Pass it `request`: what can be chosen and found depends on its user. Spam is found only by asking for it."""

    q = django_filters.CharFilter(
        label="Name, phone, e-mail, postcode or reference",
        method="by_words",
        max_length=200,
        widget=TextInput(attrs={"placeholder": "Name, phone, postcode, reference", "type": "search"}),
    )
    status = django_filters.ChoiceFilter(label="Status", choices=ReferralStatus.choices, empty_label="Any status")
    need = TreeFilter(label="Need", queryset=_categories, empty_label="Any need", method="by_need")
    assigned = django_filters.ModelChoiceFilter(
        label="Assigned to",
        queryset=_all_for_operators(_organisations, Organisation),
        empty_label="Assigned to anyone",
        method="by_organisation",
        widget=LongSelect,
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.form.is_valid():  # such as by a need that is not there any more: not everything instead
            return queryset.none()
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("status") else found.exclude(status=ReferralStatus.SPAM)

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return find_by_words(queryset, value, self.request.user)

    def by_need(self, queryset: QuerySet, name: str, value: Category) -> QuerySet:
        return queryset.filter(
            Exists(Need.objects.filter(referral=OuterRef("pk"), category__in=Category.objects.keys_of_need(value)))
        )

    def by_organisation(self, queryset: QuerySet, name: str, value: Organisation) -> QuerySet:
        live = visible_to(self.request.user, Assignment).filter(
            strand__referral=OuterRef("pk"), organisation=value, status__in=LIVE_ASSIGNMENT
        )
        return queryset.filter(Exists(live))


def concerns(organisations: Collection[int], networks: Collection[int]) -> Q:
    """Return the condition on referrals that one of `organisations` was asked, or that a strand waits for one of
    `networks`."""
    asked = Assignment.objects.filter(organisation__in=organisations, offered_at__isnull=False).exclude(
        status__in=TAKEN_AWAY
    )
    waiting = waiting_strands(networks)
    # One list of keys, made once: row by row, a hundred thousand referrals would take seconds.
    found = asked.order_by().values("strand__referral").union(waiting.order_by().values("referral"))
    return Q(pk__in=found)


def waiting_strands(networks: Collection[int]) -> QuerySet[Strand]:
    """Return strands that wait for the coordinators of `networks`: handed to them, not answered in time, or with an
    organisation that is no longer in the network."""
    strands = Strand.objects.filter(network__in=networks).order_by()
    silent = Assignment.objects.filter(status=AssignmentStatus.OFFERED, lapsed_at__isnull=False).order_by()
    keys = (
        strands.filter(status=StrandStatus.WITH_COORDINATOR)
        .values("pk")
        .union(
            silent.filter(strand__network__in=networks).values("strand"),
            live_without_membership().filter(strand__network__in=networks).order_by().values("strand"),
        )
    )
    return Strand.objects.filter(pk__in=keys)


OPEN_AND_URGENT = Q(is_urgent=True) & ~Q(status__in=ENDED_REFERRAL)
