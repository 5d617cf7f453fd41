"""The page of an organisation: what it offers, who is in it, how it does, and what happened to it."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backoffice.organisation_tools import organisation_tools
from backoffice.responses import not_found, render_page
from backoffice.service_card import NOT_SHARED, ServiceCard, places_in_words
from referrals.access import changeable_by, visible_to
from referrals.models import AccountEvent, NetworkMembership, Organisation, OrganisationMember, Service, User
from referrals.network.answering import count_answers_since, read_answers
from referrals.network.load import with_known_load

MAX_EVENTS = 20


def organisation_view(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = visible_to(request.user, Organisation).filter(pk=pk).first()
    if organisation is None:
        return not_found(request)
    user, now = request.user, timezone.localtime()
    memberships = visible_to(user, NetworkMembership).filter(organisation=pk).select_related("network")
    networks = [membership.network_id for membership in memberships]
    cards = [ServiceCard(service, now.date()) for service in _services_of(organisation, user)]
    answers = read_answers(user, [pk], networks).get(pk)
    new_year = now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    members = visible_to(user, OrganisationMember).filter(organisation=pk)
    return render_page(
        request,
        "backoffice/network/organisation.html",
        title=organisation.name,
        organisation=organisation,
        memberships=memberships,
        cards=cards,
        has_several_networks=len({card.service.network_id for card in cards}) > 1,
        load=_total_load(cards),
        answers=answers.in_words if answers else NOT_SHARED,
        this_year=count_answers_since(new_year, organisation, user),
        year=new_year.year,
        members=members.select_related("user").order_by("user__name", "pk"),
        events=_events_of(organisation, user),
        may_edit=changeable_by(user, Organisation).filter(pk=pk).exists(),
        tools=organisation_tools(user, organisation),
    )


def _services_of(organisation: Organisation, user: User) -> QuerySet[Service]:
    services = visible_to(user, Service).filter(organisation=organisation, archived_at=None)
    found = with_known_load(services, user).select_related("activity", "network").defer("catchment")
    return found.order_by("activity__name", "pk").prefetch_related("opening_hours")


def _total_load(cards: list[ServiceCard]) -> str:
    """Return "3 of 10 places taken" of all services together, as far as the user may know."""
    if not cards:
        return "No services yet"
    services = [card.service for card in cards if card.service.load_is_known]
    if not services:
        return NOT_SHARED
    return places_in_words(
        sum(service.open_cases for service in services),
        sum(service.waiting_offers for service in services),
        sum(service.capacity for service in services if service.takes_people),
    )


def _events_of(organisation: Organisation, user: User) -> QuerySet[AccountEvent]:
    events = visible_to(user, AccountEvent).filter(organisation=organisation)
    return events.select_related("user", "invitation", "organisation", "network", "actor")[:MAX_EVENTS]
