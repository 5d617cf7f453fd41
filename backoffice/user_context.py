"""What the user may act for, and the workplace they have chosen.

This decides nothing about permissions. A workplace narrows lists and never shows more than the user may see anyway.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from referrals import models as m
from referrals.access import known_networks, own_organisations
from referrals.access.reach import reach_of
from referrals.enums import Role
from referrals.models import Network, Organisation, User

WORKPLACE_KEY = "workplace"  # in the session


@dataclass(frozen=True, slots=True)
class Workplace:
    """A role of the user's in a network, or one of their organisations in one of its networks."""

    network: Network | None = None
    organisation: Organisation | None = None
    role: Role | None = None

    @property
    def key(self) -> str:
        return f"{self.organisation.pk if self.organisation else ''}-{self.network.pk if self.network else ''}"

    @property
    def name(self) -> str:
        return str(self.organisation or self.network)

    @property
    def detail(self) -> str:
        """What follows the name in the switcher."""
        if self.role:
            return str(self.role.label)
        return str(self.network) if self.network else "in no network now"


@dataclass(frozen=True)
class UserContext:
    """The networks and organisations are those of the chosen workplace or, without one, all of the user's."""

    user: User
    networks: tuple[Network, ...]
    organisations: tuple[Organisation, ...]
    coordinated_ids: frozenset[int]  # of networks
    workplaces: tuple[Workplace, ...]
    workplace: Workplace | None

    @property
    def is_operator(self) -> bool:
        return self.user.is_superuser

    @property
    def is_coordinator(self) -> bool:
        return self.is_operator or bool(self.coordinated_ids)

    def coordinates(self, network_id: int) -> bool:
        """Whether the user is a coordinator there by role, in the chosen workplace. Being an operator is not enough."""
        return network_id in self.coordinated_ids

    @property
    def overseen(self) -> list[Network]:
        """The networks that the user coordinates or commissions, and so those with figures to read."""
        keys = reach_of(self.user).overseen
        return [network for network in self.networks if network.pk in keys]

    @property
    def can_see_figures(self) -> bool:
        return self.runs_all_networks or bool(self.overseen)

    @property
    def starts_with_figures(self) -> bool:
        """Whether the figures are the user's first page: commissioners read them, and nothing waits for them."""
        return self.can_see_figures and not self.can_see_referrals

    @property
    def runs_all_networks(self) -> bool:
        """An operator coordinates every network, unless they have chosen a workplace of their own."""
        return self.is_operator and self.workplace is None

    def coordinated(self) -> Q:
        """Return the condition for rows whose `network` the user coordinates."""
        return Q() if self.runs_all_networks else Q(network__in=self.coordinated_ids)

    @property
    def can_see_referrals(self) -> bool:
        """Commissioners see figures, never a person."""
        return self.is_coordinator or bool(self.organisations)

    @property
    def can_switch(self) -> bool:
        return len(self.workplaces) > (0 if self.is_operator else 1)

    @property
    def title(self) -> str:
        return self.networks[0].name if len(self.networks) == 1 else "Referral Networks"

    @cached_property
    def switcher_label(self) -> str:
        if self.workplace:
            return self.workplace.name if self.workplace.organisation else self.workplace.detail
        if self.is_operator:
            return "Operator"
        if self.can_switch:
            return "All your places"
        return ""


def get_user_context(request: HttpRequest) -> UserContext:
    if not hasattr(request, "_user_context"):
        request._user_context = _load_user_context(request)
    return request._user_context


def _load_user_context(request: HttpRequest) -> UserContext:
    user = request.user
    workplaces = _load_workplaces(user)
    chosen_key = getattr(request, "session", {}).get(WORKPLACE_KEY, "")
    chosen = next((workplace for workplace in workplaces if workplace.key == chosen_key), None)
    if len(workplaces) == 1 and not user.is_superuser:
        chosen = workplaces[0]
    current = (chosen,) if chosen else workplaces
    networks = _distinct(workplace.network for workplace in current)
    return UserContext(
        user=user,
        # An operator is in every network; two are enough to tell whether there is only one.
        networks=tuple(Network.objects.all()[:2]) if user.is_superuser and not chosen else networks,
        organisations=_distinct(workplace.organisation for workplace in current),
        coordinated_ids=frozenset(workplace.network.pk for workplace in current if workplace.role == Role.COORDINATOR),
        workplaces=workplaces,
        workplace=chosen,
    )


def _distinct(rows: Iterable[Model | None]) -> tuple:
    return tuple({row.pk: row for row in rows if row}.values())


def _load_workplaces(user: User) -> tuple[Workplace, ...]:
    """Return roles in networks first, then each organisation once for every network in which it is active, if any."""
    reach = reach_of(user)
    networks = list(known_networks(user).order_by("name"))
    organisations = own_organisations(user) if reach.own else ()
    joined = {organisation: keys for organisation, _, keys in reach.organisations}
    return (
        *(
            Workplace(network=network, role=role)
            for network in networks
            for role in sorted(role for key, role in reach.roles if key == network.pk and role != Role.EDITOR)
        ),
        *(
            Workplace(network=network, organisation=organisation)
            for organisation in organisations
            for network in [one for one in networks if one.pk in joined[organisation.pk]] or [None]
        ),
    )


_NETWORK_PATHS = {
    m.Assignment: "strand__network",
    m.DemographicOption: "demographic__network",
    m.Need: "strand__network",
    m.OpeningException: "service__network",
    m.OpeningHours: "service__network",
    m.Restriction: "service__network",
    **dict.fromkeys(
        (
            m.Category,
            m.ConsentWording,
            m.Demographic,
            m.NetworkMembership,
            m.NetworkRole,
            m.AccessRecord,
            m.PublicMessage,
            m.ReferralLink,
            m.Service,
            m.Strand,
        ),
        "network",
    ),
}
_MODELS_OF_ORGANISATIONS = (m.Activity, m.OrganisationMember, m.Picture, m.Venue)


def limit_to_workplace(request: HttpRequest, rows: QuerySet) -> QuerySet:
    """Narrow a list to the workplace the user has chosen. Rows that belong to no network are left as they are."""
    user_context = get_user_context(request)
    workplace = user_context.workplace
    if workplace is None or workplace.network is None or not user_context.can_switch:
        return rows
    network = workplace.network
    if path := _NETWORK_PATHS.get(rows.model):
        return rows.filter(**{path: network})
    if rows.model is m.Referral:
        return rows.filter(Exists(m.Strand.objects.filter(referral=OuterRef("pk"), network=network)))
    members = m.NetworkMembership.objects.filter(network=network).values("organisation")
    if rows.model is m.Organisation:
        return rows.filter(pk__in=members)
    if rows.model in _MODELS_OF_ORGANISATIONS:
        own = Q(organisation=workplace.organisation) if workplace.organisation else Q()
        return rows.filter(Q(organisation__in=members) | own)
    return rows
