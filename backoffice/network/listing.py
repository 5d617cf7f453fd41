"""The list of a network: its organisations, each with the services found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import F, FloatField, Max, Min, OrderBy, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from backoffice.network.screen import NetworkScreen
from backoffice.service_card import NOT_SHARED, ServiceCard, places_in_words
from backoffice.user_context import get_user_context
from referrals.access import visible_to
from referrals.enums import MembershipStatus
from referrals.models import NetworkMembership, Organisation, OrganisationMember
from referrals.models.services import TAKES_PEOPLE
from referrals.network.answering import Answers, read_answers
from referrals.network.load import with_known_load

ORDERS = ("name", "load", "confirmed")  # "-load" lists the fullest first
SIGN_IN = "signed_in"  # only for those who see sign-ins: who never signed in first, then the longest ago


@dataclass(frozen=True)
class OrganisationRow:
    """`organisation` comes from `list_organisations`, `cards` are its services that were found."""

    organisation: Organisation
    cards: list[ServiceCard]
    answers: Answers | None  # None if it is not known to the user

    @property
    def inactive(self) -> list[NetworkMembership]:
        return [one for one in self.organisation.shown_memberships if one.status != MembershipStatus.ACTIVE]

    @property
    def answers_in_words(self) -> str:
        return self.answers.in_words if self.answers else NOT_SHARED.lower()

    @property
    def last_sign_in(self) -> datetime | None:
        return self.organisation.last_sign_in

    @cached_property
    def total_in_words(self) -> str:
        """Return "12 of 40 places taken, 2 asked" of the services that take people and whose load is known."""
        services = [card.service for card in self.cards if card.service.takes_people and card.service.load_is_known]
        if not services:
            return ""
        fields = ("open_cases", "waiting_offers", "capacity")
        return places_in_words(*(sum(getattr(one, field) for one in services) for field in fields))


def list_organisations(screen: NetworkScreen, order: str) -> QuerySet[Organisation]:
    """Return the organisations with services found; without a filter all of the networks, in the order asked for.

    Those without services, or suspended, which only coordinators and they themselves see, have none to be found.
    """
    user = screen.request.user
    memberships = visible_to(user, NetworkMembership).filter(network__in=screen.networks).not_left()
    found = screen.filter.qs.order_by()
    keys = (found if screen.is_filtered else memberships.order_by()).values("organisation")
    members = visible_to(user, OrganisationMember).filter(organisation=OuterRef("pk")).order_by().values("organisation")
    shown = Prefetch("memberships", memberships.select_related("network"), to_attr="shown_memberships")
    organisations = visible_to(user, Organisation).filter(pk__in=keys).prefetch_related(shown)
    organisations = organisations.annotate(
        last_sign_in=Subquery(members.annotate(last=Max("user__last_login")).values("last"))
    )
    return organisations.order_by(*_order(screen, order), "name", "pk")


def _order(screen: NetworkScreen, order: str) -> list[str | OrderBy]:
    is_falling, name = order.startswith("-"), order.removeprefix("-")
    if name == "name":
        return [order]
    if name == SIGN_IN:
        return [OrderBy(F("last_sign_in"), descending=is_falling, nulls_first=True)]
    found = screen.filter.qs.filter(organisation=OuterRef("pk")).order_by()
    if name == "load":
        known = with_known_load(found, screen.request.user).filter(TAKES_PEOPLE, load_is_known=True)
        taken = Cast(Sum(F("open_cases") + F("waiting_offers")), FloatField()) / Sum("capacity")
        value = known.values("organisation").annotate(value=taken).values("value")
    else:
        oldest = Min(Coalesce("last_confirmed_on", date.min))
        value = found.values("organisation").annotate(value=oldest).values("value")
    return [OrderBy(Subquery(value), descending=is_falling, nulls_last=True)]


def rows_of(screen: NetworkScreen, organisations: Iterable[Organisation]) -> list[OrganisationRow]:
    """Load the services of these organisations and how they answer, in three queries."""
    organisations = list(organisations)
    keys = [organisation.pk for organisation in organisations]
    services = (
        screen.services.filter(organisation__in=keys).defer("catchment", "description").order_by("activity__name", "pk")
    )
    cards: dict[int, list[ServiceCard]] = {}
    today = timezone.localdate()
    for service in services.prefetch_related("opening_hours"):
        cards.setdefault(service.organisation_id, []).append(ServiceCard(service, today))
    answers = read_answers(screen.request.user, keys, [network.pk for network in screen.networks])
    return [OrganisationRow(one, cards.get(one.pk, []), answers.get(one.pk)) for one in organisations]


def orders_of(screen: NetworkScreen) -> tuple[str, ...]:
    return (*ORDERS, SIGN_IN) if shows_sign_ins(screen) else ORDERS


def shows_sign_ins(screen: NetworkScreen) -> bool:
    return get_user_context(screen.request).is_coordinator
