"""What a user belongs to, from which all access rules are built.

Nothing here checks whether the user is active or a superuser: `visible_to`, `changeable_by` and the `can_...` functions
do.
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from django.db import connection
from django.db.models import Q, QuerySet

from referrals import models as m
from referrals.enums import OrganisationRole, Role
from referrals.models.organisations import IS_ACTIVE_SQL

Keys = Collection[int]


_STATEMENT = f"""
    SELECT network_id, NULL, role, NULL FROM referrals_networkrole WHERE user_id = %(user)s
    UNION ALL
    SELECT NULL, organisation_id, role, ARRAY(
        SELECT network_id FROM referrals_networkmembership membership
        WHERE membership.organisation_id = member.organisation_id AND {IS_ACTIVE_SQL}
    ) FROM referrals_organisationmember member WHERE user_id = %(user)s
"""


class Reach:
    """The keys of a user's networks and organisations: a handful, read in one statement."""

    def __init__(self, user: m.User) -> None:
        self.user_id = user.pk
        # Not a queryset: every page asks this, and Django would take longer to build it than PostgreSQL to answer.
        with connection.cursor() as cursor:
            rows = cursor.execute(_STATEMENT, {"user": user.pk}).fetchall()
        self.roles = [(network, Role(role)) for network, _, role, _ in rows if network]
        self.organisations = [(key, OrganisationRole(role), networks) for _, key, role, networks in rows if key]
        self.conditions: dict[object, Q] = {}  # by rule, as `AccessRules` has worked them out

    @cached_property
    def coordinated(self) -> Keys:
        return _sorted(network for network, role in self.roles if role == Role.COORDINATOR)

    @cached_property
    def overseen(self) -> Keys:
        """The networks the user coordinates or commissions: those whose figures they read."""
        return _sorted(network for network, role in self.roles if role != Role.EDITOR)

    @cached_property
    def own(self) -> Keys:
        return self.own_as(*OrganisationRole)

    @cached_property
    def owned(self) -> Keys:
        return self.own_as(OrganisationRole.OWNER)

    def own_as(self, *roles: OrganisationRole) -> Keys:
        return _sorted(organisation for organisation, role, _ in self.organisations if role in roles)

    @cached_property
    def joined(self) -> Keys:
        """The networks that an organisation of the user is an active member of."""
        return _sorted(network for _, _, networks in self.organisations for network in networks)

    @cached_property
    def known(self) -> Keys:
        """The networks where the user has any role, directly or through an organisation.

        Content editors are left out: they work on the public site alone.
        """
        return _sorted([*self.joined, *self.overseen])

    @cached_property
    def referral_networks(self) -> Keys:
        """The networks the user coordinates or is an active member of: those whose referrals they may list.

        Commissioners are left out: they see figures, never a person.
        """
        return _sorted([*self.joined, *self.coordinated])

    @property
    def known_organisations(self) -> Q:
        """The condition on rows with an `organisation` that the user may know of.

        Those are the user's own, those in networks they coordinate, and the active members of their other networks.
        """
        active = m.NetworkMembership.objects.active()
        return (
            Q(organisation__in=self.own)
            | Q(organisation__in=organisations_in(self.coordinated))
            | Q(organisation__in=organisations_in(self.known, active))
        )

    @property
    def wholly_coordinated(self) -> QuerySet:
        """The keys of the organisations that are only in networks the user coordinates.

        One shared network is not enough: a coordinator who could add people to an organisation, or change its e-mail
        address, would read the referrals of its other networks too.
        """
        elsewhere = m.NetworkMembership.objects.not_left().exclude(network__in=self.coordinated)
        return (
            m.Organisation.objects.filter(pk__in=organisations_in(self.coordinated))
            .exclude(pk__in=elsewhere.values("organisation"))
            .values("pk")
        )


def organisations_in(networks: Keys, memberships: QuerySet | None = None) -> QuerySet:
    """Return the keys of the organisations in these networks, by default of all that have not left."""
    if memberships is None:
        memberships = m.NetworkMembership.objects.not_left()
    return memberships.filter(network__in=networks).values("organisation")


_kept: ContextVar[dict[int, Reach] | None] = ContextVar("reach of users", default=None)


def reach_of(user: m.User) -> Reach:
    """Return what `user` reaches: read once within `keep_reach`, and again at each call elsewhere."""
    kept = _kept.get()
    if kept is None or user.pk is None:
        return Reach(user)
    if user.pk not in kept:
        kept[user.pk] = Reach(user)
    return kept[user.pk]


# Anywhere in a statement, as in "SELECT ... FOR UPDATE" and "WITH ... DELETE".
_MAY_WAIT = re.compile(r"\b(UPDATE|DELETE|ON CONFLICT|pg_advisory_xact_lock)\b")


@contextmanager
def keep_reach() -> Iterator[None]:
    """Read what each user reaches only once, until a statement may have waited for somebody else.

    After waiting for a lock it is read again: in the meantime, the user may have lost a role or an organisation.
    """
    kept: dict[int, Reach] = {}

    def forget_after_waiting(execute: Callable, sql: str, *arguments: object) -> object:
        result = execute(sql, *arguments)
        if _MAY_WAIT.search(str(sql)):  # psycopg's own SQL objects come here too
            kept.clear()
        return result

    token = _kept.set(kept)
    try:
        with connection.execute_wrapper(forget_after_waiting):
            yield
    finally:
        _kept.reset(token)


def coordinated_networks(user: m.User) -> QuerySet:
    return m.Network.objects.filter(pk__in=reach_of(user).coordinated)


def own_organisations(user: m.User, *roles: OrganisationRole) -> QuerySet:
    reach = reach_of(user)
    return m.Organisation.objects.filter(pk__in=reach.own_as(*roles) if roles else reach.own)


def referral_networks(user: m.User) -> QuerySet:
    return m.Network.objects.filter(pk__in=reach_of(user).referral_networks)


def known_networks(user: m.User) -> QuerySet:
    return m.Network.objects.filter(pk__in=reach_of(user).known)


def overseen_networks(user: m.User) -> QuerySet:
    return m.Network.objects.filter(pk__in=reach_of(user).overseen)


def _sorted(keys: Collection[int] | Iterator[int]) -> Keys:
    """Sort, so that the same keys always make the same SQL, in whatever order they were read."""
    return tuple(sorted(set(keys)))
