"""Filters for lists of referrals."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.forms import DateInput, TextInput
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils import timezone

from referrals.access import fully_visible_to, opens_in_full, own_organisations, referral_networks, visible_to
from referrals.access.reach import reach_of
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
from referrals.models import (
    Activity,
    Assignment,
    Category,
    Need,
    Network,
    NetworkMembership,
    Organisation,
    OrganisationMember,
    PersonTag,
    Referral,
    Strand,
    User,
)
from referrals.user_input.long_select import LongSelect
from referrals.workflow import live_without_membership

OVERDUE, WAITLISTED, REJECTED = "overdue", "waitlisted", "rejected"
MINE, NOBODYS = "mine", "nobody"  # whose case it is, besides keys of colleagues
DUE, PLANNED = "due", "planned"
_DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]


def _categories(request: HttpRequest) -> QuerySet:
    everywhere = request.user.is_superuser
    return Category.objects.in_tree_order(None if everywhere else referral_networks(request.user).values("pk"))


def _organisations(request: HttpRequest) -> QuerySet:
    members = NetworkMembership.objects.filter(network__in=referral_networks(request.user).values("pk"))
    return visible_to(request.user, Organisation).filter(pk__in=members.values("organisation"))


def _tags_and_colleagues(user: User) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return, to be chosen from, the activities of the user's organisations and who else works for these: each by its
    key and name. By one statement, since every list of referrals asks for them.
    """
    own = reach_of(user).own
    activities = Activity.objects.filter(organisation__in=own).values_list(Value(True), "pk", "name")
    members = OrganisationMember.objects.filter(organisation__in=own).exclude(user=user).order_by()
    named = Coalesce(NullIf("name", Value("")), "email", output_field=CharField())
    colleagues = User.objects.filter(pk__in=members.values("user")).values_list(Value(False), "pk", named)
    rows = list(activities.order_by().union(colleagues.order_by(), all=True).order_by("name", "pk"))
    tags, others = ([(str(pk), name) for is_tag, pk, name in rows if is_tag is kind] for kind in (True, False))
    return tags, others


def _networks(request: HttpRequest) -> QuerySet:
    everywhere = request.user.is_superuser
    return Network.objects.order_by("name") if everywhere else referral_networks(request.user).order_by("name")


def is_late_offer() -> Q:
    """Return the condition that a reminder of an offer has been sent, or is due."""
    return Q(reminded_at__isnull=False) | Q(lapsed_at__isnull=False) | Q(remind_at__lt=timezone.now())


def _begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _all_for_operators(
    scoped: Callable[[HttpRequest], QuerySet], model: type[Model]
) -> Callable[[HttpRequest], QuerySet]:
    return lambda request: model._default_manager.all() if request.user.is_superuser else scoped(request)


class ReferralFilter(django_filters.FilterSet):
    """Pass it `request`: what can be chosen and found depends on its user. Spam is found only by asking for it."""

    of_own_organisation = ("owner", "next_action", "tag")
    seldom_used = ("answer", "next_action", "tag", "network", "source", "sent_from", "sent_to")

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
    owner = django_filters.ChoiceFilter(
        label="Looked after by", choices=[], empty_label="Looked after by anyone", method="by_owner"
    )
    answer = django_filters.ChoiceFilter(
        label="Answers",
        choices=[(OVERDUE, "No answer in time"), (WAITLISTED, "On a waiting list"), (REJECTED, "Rejected")],
        empty_label="Whatever the answers",
        method="by_answer",
    )
    next_action = django_filters.ChoiceFilter(
        label="Next action",
        choices=[(DUE, "Due or overdue"), (PLANNED, "Any that is planned")],
        empty_label="Any, or none",
        method="by_next_action",
    )
    tag = django_filters.ChoiceFilter(label="Tag", choices=[], empty_label="Any tag, or none", method="by_tag")
    network = django_filters.ModelChoiceFilter(
        label="Network", queryset=_networks, empty_label="Any network", method="by_network"
    )
    source = django_filters.CharFilter(
        label="Sent by the organisation", method="by_source", max_length=200, widget=TextInput(attrs={"type": "search"})
    )
    sent_from = django_filters.DateFilter(
        label="Sent from", method="by_first_day", validators=_DAYS, widget=DateInput(attrs={"type": "date"})
    )
    sent_to = django_filters.DateFilter(
        label="Sent until", method="by_last_day", validators=_DAYS, widget=DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        if reach_of(user).own:
            tags, colleagues = _tags_and_colleagues(user)
            self.filters["tag"].extra["choices"] = tags
            self.filters["owner"].extra["choices"] = [(MINE, "My cases"), (NOBODYS, "Nobody yet"), *colleagues]
        if not user.is_superuser and len(reach_of(user).referral_networks) < 2:
            del self.form.fields["network"]
        if not reach_of(user).own:
            for name in self.of_own_organisation:
                del self.form.fields[name]

    @property
    def main_fields(self) -> list[BoundField]:
        return [field for field in self.form if field.name not in self.seldom_used]

    @property
    def further_fields(self) -> list[BoundField]:
        return [field for field in self.form if field.name in self.seldom_used]

    @property
    def further_set(self) -> int:
        """How many of the seldom used filters are set."""
        return sum(bool(field.value()) for field in self.further_fields)

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

    def by_answer(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """A rejection is found by whoever gave it, and by those who may read the list of who was asked."""
        answers = visible_to(self.request.user, Assignment).filter(strand__referral=OuterRef("pk"))
        if value == OVERDUE:
            return queryset.filter(Exists(answers.filter(is_late_offer(), status=AssignmentStatus.OFFERED)))
        if value == WAITLISTED:
            return queryset.filter(Exists(answers.filter(place_from__isnull=False)))
        rejected = answers.filter(status=AssignmentStatus.REJECTED)
        is_listed = Q(Exists(rejected)) & opens_in_full(self.request.user)
        if not reach_of(self.request.user).own:  # an OR that is never true would be worked out for every referral
            return queryset.filter(is_listed)
        own = rejected.filter(organisation__in=own_organisations(self.request.user))
        return queryset.filter(Q(Exists(own)) | is_listed)

    def by_owner(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        cases = self._own_cases()
        if value == NOBODYS:
            cases = cases.filter(owner=None)
        else:
            cases = cases.filter(owner__user=self.request.user if value == MINE else int(value))
        return queryset.filter(pk__in=cases.values("strand__referral"))

    def by_next_action(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        planned = self._own_cases().filter(next_action_on__isnull=False)
        cases = planned.filter(next_action_on__lte=timezone.localdate()) if value == DUE else planned
        return queryset.filter(pk__in=cases.values("strand__referral"))

    def _own_cases(self) -> QuerySet[Assignment]:
        """Return the open cases of the user's organisations: who looks after those of others is not theirs to know."""
        own = Assignment.objects.filter(organisation__in=reach_of(self.request.user).own)
        return own.filter(status=AssignmentStatus.ACCEPTED).order_by()

    def by_tag(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        tags = visible_to(self.request.user, PersonTag).filter(activity=int(value))
        return queryset.filter(person__in=tags.values("person"))

    def by_network(self, queryset: QuerySet, name: str, value: Network) -> QuerySet:
        strands = visible_to(self.request.user, Strand).filter(referral=OuterRef("pk"), network=value)
        return queryset.filter(Exists(strands))

    def by_source(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Who sent a referral is one of its details."""
        found = queryset.filter(source_organisation__icontains=value)
        return fully_visible_to(self.request.user, found)

    def by_first_day(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__gte=_begin_of(value))

    def by_last_day(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__lt=_begin_of(value + timedelta(days=1)))

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
