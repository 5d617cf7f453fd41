"""The sections of the start page and the links of the header, as far as the user has something there."""

from dataclasses import dataclass, field

from django.contrib.admin import AdminSite
from django.db.models import Exists, Model
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.text import capfirst
from django_q.models import Failure, Schedule

from backoffice.user_context import UserContext, get_user_context
from referrals import models as m
from referrals.access import visible_to
from referrals.models.notifications import Heartbeat

# Rows edited as part of another (opening hours, answers to choose from) are on that other's page.
SECTIONS: dict[str, tuple[type[Model], ...]] = {
    "Referrals": (m.Note,),
    "Your services": (m.Service, m.PublicMessage, m.Venue, m.Activity, m.Picture),
    "All organisations": (m.Organisation, m.NetworkMembership, m.OrganisationMember, m.Invitation),
    "People": (m.Person, m.PersonTag, m.CaseNote),
    "Network settings": (
        m.Network,
        m.Category,
        m.Demographic,
        m.Question,
        m.ConsentWording,
        m.ReferralLink,
        m.NetworkRole,
        m.Area,
    ),
    "Operation": (
        m.AccessRecord,
        m.AccountEvent,
        m.Notification,
        m.Referral,
        m.Strand,
        m.Assignment,
        m.Event,
        m.User,
        m.PasswordResetRequest,
        m.CardRequest,
        m.RateLimitCounter,
        m.Postcode,
        Heartbeat,
        Schedule,
        Failure,
    ),
}
FOR_COORDINATORS = {"Network settings", "Operation"}


@dataclass(frozen=True, slots=True)
class NavigationLink:
    label: str
    url: str
    add_url: str = ""
    is_current: bool = False


_INVITE = NavigationLink("Invite an organisation", reverse_lazy("backoffice:invite_organisation"))


@dataclass(frozen=True, slots=True)
class NavigationSection:
    title: str
    links: list[NavigationLink] = field(default_factory=list)


def _list_url(model: type[Model], page: str = "changelist") -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}")


def index_sections(request: HttpRequest, site: AdminSite) -> list[NavigationSection]:
    """Return links to the lists that have rows for this user or to which they may add: one query for all of them."""
    user_context = get_user_context(request)
    offered = dict(SECTIONS)
    if not user_context.is_coordinator:
        offered = {title: models for title, models in offered.items() if title not in FOR_COORDINATORS}
    visible = _models_with_rows(user_context.user, [model for models in offered.values() for model in models])
    found = []
    for title, models in offered.items():
        may_add = {model: site.get_model_admin(model).has_add_permission(request) for model in models}
        links = [_link(model, may_add[model]) for model in models if model in visible or may_add[model]]
        if title == "All organisations":
            links += _team_links(user_context)
        if title == "Referrals" and user_context.can_see_referrals:
            links.insert(0, NavigationLink("All referrals", reverse("backoffice:referrals")))
        if links:
            has_no_services = title == "Your services" and not user_context.organisations
            found.append(NavigationSection("Services" if has_no_services else title, links))
    if request.user.has_perm("wagtailadmin.access_admin"):
        found.append(NavigationSection("Public site", [NavigationLink("Edit its pages", reverse("wagtailadmin_home"))]))
    return found


def _team_links(user_context: UserContext) -> list[NavigationLink]:
    coordinated = [network for network in user_context.networks if network.pk in user_context.coordinated_ids]
    links = [_INVITE] if coordinated or user_context.runs_all_networks else []
    for place in (*user_context.organisations, *coordinated):
        url = reverse("backoffice:people", args=[place._meta.model_name, place.pk])
        links.append(NavigationLink(f"The team of {place}", url))
    return links


def _models_with_rows(user: m.User, models: list[type[Model]]) -> set[type[Model]]:
    if user.is_superuser:
        return set(models)
    has_rows = {f"model_{number}": Exists(visible_to(user, model)) for number, model in enumerate(models)}
    found = m.User.objects.filter(pk=user.pk).values(**has_rows).get()
    return {model for number, model in enumerate(models) if found[f"model_{number}"]}


def _link(model: type[Model], may_add: bool) -> NavigationLink:
    add_url = _list_url(model, "add") if may_add else ""
    return NavigationLink(capfirst(model._meta.verbose_name_plural), _list_url(model), add_url)


def header_links(request: HttpRequest, user_context: UserContext) -> list[NavigationLink]:
    links = []
    if user_context.networks or user_context.organisations:
        own = bool(user_context.organisations)
        links.append(("Your services" if own else "Services", _list_url(m.Service), "?whose=own" if own else ""))
        if user_context.can_see_referrals:
            links.append(("Referrals", reverse("backoffice:referrals"), ""))
        links.append(("All organisations", _list_url(m.Organisation), ""))
        if user_context.can_see_referrals:
            links.append(("People", _list_url(m.Person), ""))
    # The current link is the one with the longest path that the request's begins with.
    current = max((path for _, path, _ in links if request.path.startswith(path)), key=len, default="")
    # The admin's pages of `referrals` begin with the same path as the Referrals screen but are no part of it.
    match = request.resolver_match
    is_model_page = bool(match and match.url_name and match.url_name.startswith("referrals_"))
    if is_model_page and current == reverse("backoffice:referrals"):
        current = ""
    return [NavigationLink(label, path + query, is_current=path == current) for label, path, query in links]
