"""The links of the header, and those between the lists of a section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django_q.models import Failure, Schedule

from backoffice.user_context import UserContext, get_user_context
from backoffice.waiting import count_waiting
from referrals import models as m
from referrals.access.reach import reach_of
from referrals.enums import Role
from referrals.models.notifications import Heartbeat


@dataclass(frozen=True, slots=True)
class NavigationLink:
    label: str
    url: str
    count: int = 0
    count_of: str = ""  # what the count is of, for screen readers
    is_current: bool = False
    model: type[Model] | None = None  # whose pages the link leads to


SERVICES, ORGANISATIONS, PEOPLE, MESSAGES = "services", "organisations", "people", "messages"
FIGURES, SETTINGS, SYSTEM = "figures", "settings", "system"

MODELS: dict[str, tuple[type[Model], ...]] = {
    SERVICES: (m.Service, m.Venue, m.Activity, m.Picture),
    ORGANISATIONS: (m.Organisation, m.Invitation, m.NetworkMembership, m.OrganisationMember),
    PEOPLE: (m.Person,),
    MESSAGES: (m.PublicMessage, m.Notification),
    SETTINGS: (
        m.Network,
        m.Category,
        m.Demographic,
        m.ConsentWording,
        m.ReferralLink,
        m.Area,
        m.AccessRecord,
        m.AccountEvent,
    ),
    SYSTEM: (
        m.User,
        m.NetworkRole,
        m.PasswordResetRequest,
        m.RateLimitCounter,
        m.CardRequest,
        m.UploadedTable,
        Heartbeat,
        Schedule,
        Failure,
        m.Postcode,
        m.PostcodeDistrict,
        m.Referral,
        m.Strand,
        m.Need,
        m.Consent,
        m.Answer,
        m.Assignment,
        m.Event,
        m.Note,
    ),
}
# These rows are edited on the page of another row. They have lists too, but nothing links to them.
UNLINKED_MODELS: dict[str, tuple[type[Model], ...]] = {
    SERVICES: (m.OpeningHours, m.OpeningException, m.Restriction),
    SETTINGS: (m.DemographicOption,),
}
FOR_COORDINATORS = {m.NetworkMembership, m.OrganisationMember, m.Notification}
_LISTS = {
    f"{model._meta.app_label}_{model._meta.model_name}": (model, section)
    for section, models in (*MODELS.items(), *UNLINKED_MODELS.items())
    for model in models
}
# Of these, one network's rows are set up on a page of its own, by the name of its URL.
_SET_UP_ON = {
    m.Network: "settings_network",
    m.Demographic: "settings_demographics",
    m.ConsentWording: "settings_consent",
}
_MODEL_OF_SCREEN = {
    **{name: model for model, name in _SET_UP_ON.items()},
    "settings_area": m.Network,
    "settings_categories": m.Category,
}
# Screens that do not belong to a model, by the names of their URLs. One that ends in "_" is a prefix.
_SECTION_OF_SCREEN = {
    "services_": SERVICES,
    "service_": SERVICES,
    "network_": ORGANISATIONS,
    "figures": FIGURES,
    "figures_": FIGURES,
    "coverage": FIGURES,
    "coverage_": FIGURES,
    "invite_organisation": ORGANISATIONS,
    "first_steps": ORGANISATIONS,
    "membership_": ORGANISATIONS,
    "invitation_": ORGANISATIONS,
    "public_message_": MESSAGES,
    "notification_": MESSAGES,
    "person": PEOPLE,
    "person_": PEOPLE,
    "category_": SETTINGS,
    "questions": SETTINGS,
    "questions_": SETTINGS,
    "settings": SETTINGS,
    "settings_": SETTINGS,
    "suggestion_": SETTINGS,
    "user_": SYSTEM,
    "system": SYSTEM,
    "workspace_": "referrals",
    "referrals": "referrals",
    "index": "home",
}


def header_links(request: HttpRequest) -> list[NavigationLink]:
    user_context = get_user_context(request)
    current = current_section(request)
    return [
        NavigationLink(label, url, count, count_of, is_current=section == current)
        for section, label, url, count, count_of in _header_entries(request, user_context)
    ]


def _header_entries(request: HttpRequest, user_context: UserContext) -> Iterator[tuple[str, str, str, int, str]]:
    if not user_context.starts_with_figures:
        yield "home", "Home", reverse("backoffice:index"), 0, ""
    if not (user_context.networks or user_context.organisations or user_context.is_operator):
        return
    waiting = count_waiting(request)
    if user_context.can_see_referrals:
        url = reverse("backoffice:referrals")
        url = f"{url}?tab=waiting" if waiting.referrals else url  # to what the number counts
        yield "referrals", "Referrals", url, waiting.referrals, "waiting for you"
    yield SERVICES, "Your services" if user_context.organisations else "Services", list_url(m.Service), 0, ""
    yield ORGANISATIONS, "Organisations", reverse("backoffice:network_list"), 0, ""
    if user_context.can_see_figures:
        yield FIGURES, "Figures", reverse("backoffice:figures"), 0, ""
    if user_context.can_see_referrals:
        yield PEOPLE, "People", list_url(m.Person), 0, ""
        yield MESSAGES, "Messages", list_url(m.PublicMessage), waiting.messages, "open"
    if user_context.is_coordinator:
        yield SETTINGS, "Settings", reverse("backoffice:settings"), 0, ""
    if user_context.is_operator:
        yield SYSTEM, "System", reverse("backoffice:system"), 0, ""


def current_section(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else None
    if not name:
        return ""
    if name in ("team", "team_role", "team_remove"):
        return SETTINGS if request.resolver_match.kwargs.get("kind") == "network" else ORGANISATIONS
    if listed := _LISTS.get(name.rpartition("_")[0]):
        return listed[1]
    by_start = (name.startswith(start) and section for start, section in _SECTION_OF_SCREEN.items() if start[-1] == "_")
    return _SECTION_OF_SCREEN.get(name) or next(filter(None, by_start), "")


def section_links(request: HttpRequest) -> list[NavigationLink]:
    """Return the links of the current page's section; none where there is only one."""
    user_context = get_user_context(request)
    section = current_section(request)
    may_enter = {
        FIGURES: user_context.can_see_figures,
        SETTINGS: user_context.is_coordinator,
        SYSTEM: user_context.is_operator,
    }
    if not may_enter.get(section, True):  # others may read a list of it, or this is the page of a refusal
        return []
    if section not in (FIGURES, *MODELS) or not (
        user_context.networks or user_context.organisations or user_context.is_operator
    ):
        return []
    links = list(_links_of(section, user_context))
    # The current link is that of the page's model, or the longest that the request's path begins with.
    model = _model_of(request.resolver_match.url_name)
    of_model = (link.url for link in links if link.model and link.model is model)
    by_path = max((link.url for link in links if request.path.startswith(link.url)), key=len, default="")
    current = next(of_model, by_path)
    shown = [replace(link, is_current=link.url == current) for link in links]
    return shown if len(shown) > 1 else []


def _model_of(name: str) -> type[Model] | None:
    model, _ = _LISTS.get(name.rpartition("_")[0], (_MODEL_OF_SCREEN.get(name), ""))
    return m.Demographic if model is m.DemographicOption else model


def _links_of(section: str, user_context: UserContext) -> Iterator[NavigationLink]:
    if section == SETTINGS:
        yield NavigationLink("Overview", reverse("backoffice:settings"))
    if section == SYSTEM:
        yield NavigationLink("Status", reverse("backoffice:system"))
    if section == FIGURES:
        yield NavigationLink("Figures", reverse("backoffice:figures"))
        yield NavigationLink("Coverage", reverse("backoffice:coverage"))
    if section == ORGANISATIONS:
        yield NavigationLink("All organisations", reverse("backoffice:network_list"))
    for model in MODELS.get(section, ()):
        if _is_offered(model, user_context):
            yield _list_link(model, user_context)
        if model is m.Category:  # which questions lead to
            yield from _question_links(coordinated(user_context))
    if section == ORGANISATIONS:
        yield from _team_links(user_context.organisations)
    if section == SETTINGS:
        yield from _team_links(coordinated(user_context))


def _list_link(model: type[Model], user_context: UserContext) -> NavigationLink:
    """Return the link to the list or, for who coordinates a single network, straight to where its rows are set up."""
    label = capfirst(model._meta.verbose_name_plural)
    networks = coordinated(user_context)
    if model not in _SET_UP_ON or len(networks) != 1 or user_context.is_operator:
        return NavigationLink(label, list_url(model), model=model)
    label = "The network" if model is m.Network else label
    return NavigationLink(label, reverse(f"backoffice:{_SET_UP_ON[model]}", args=[networks[0].pk]), model=model)


def _is_offered(model: type[Model], user_context: UserContext) -> bool:
    if model is m.Organisation:  # others have a screen of its rows
        return user_context.is_operator
    if model in FOR_COORDINATORS:
        return user_context.is_coordinator
    if model is m.Invitation:
        return user_context.is_coordinator or bool(user_context.organisations)
    return True


def edits_public_site(user: m.User) -> bool:
    """Whether Wagtail lets them in. Its own permissions follow from this role, and would take two more queries."""
    return user.is_superuser or any(role == Role.EDITOR for _, role in reach_of(user).roles)


def coordinated(user_context: UserContext) -> list[m.Network]:
    return [network for network in user_context.networks if network.pk in user_context.coordinated_ids]


def _question_links(networks: Sequence[m.Network]) -> Iterator[NavigationLink]:
    for network in networks:
        label = "Questions" if len(networks) == 1 else f"Questions of {network}"
        yield NavigationLink(label, reverse("backoffice:questions", args=[network.pk]))


def _team_links(places: Sequence[Model]) -> Iterator[NavigationLink]:
    for place in places:
        label = "Team" if len(places) == 1 else f"Team of {place}"
        yield NavigationLink(label, reverse("backoffice:team", args=[place._meta.model_name, place.pk]))


def list_url(model: type[Model]) -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_changelist")
