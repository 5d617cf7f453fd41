"""What each user may change by hand, and may do. Statuses are changed by the workflow alone, which asks `can_...`."""

from collections.abc import Callable

from django.db.models import Exists, Model, Q, QuerySet

from referrals import models as m
from referrals.access.reach import (
    coordinated_keys,
    coordinated_networks,
    in_coordinators_hands,
    own_keys,
    own_organisations,
    owned_keys,
    staying_member,
)
from referrals.access.visible import visible_to
from referrals.enums import MembershipStatus, OrganisationRole


def _of_kept_organisation(user: m.User) -> Q:
    return Q(organisation__in=own_keys(user)) | Q(organisation__in=in_coordinators_hands(user))


# What a user may change. Models without a rule are changed by nobody but a superuser, or by the workflow alone.

_CHANGE_RULES: dict[type[Model], Callable[[m.User], Q]] = {
    m.Network: lambda user: Q(pk__in=coordinated_keys(user)),
    m.Category: lambda user: Q(network__in=coordinated_keys(user)),
    m.ConsentWording: lambda user: Q(network__in=coordinated_keys(user)),
    m.Demographic: lambda user: Q(network__in=coordinated_keys(user)),
    m.DemographicOption: lambda user: Q(demographic__network__in=coordinated_keys(user)),
    m.Question: lambda user: Q(network__in=coordinated_keys(user)),
    m.QuestionOption: lambda user: Q(question__network__in=coordinated_keys(user)),
    m.ReferralLink: lambda user: Q(network__in=coordinated_keys(user)),
    m.Organisation: lambda user: Q(pk__in=owned_keys(user)) | Q(pk__in=in_coordinators_hands(user)),
    m.Activity: _of_kept_organisation,
    m.Picture: _of_kept_organisation,
    m.Venue: _of_kept_organisation,
    m.Service: lambda user: (
        Q(organisation__in=own_keys(user)) | (Q(network__in=coordinated_keys(user)) & Q(Exists(staying_member())))
    ),
    m.OpeningHours: lambda user: Q(service__in=_kept_services(user)),
    m.OpeningException: lambda user: Q(service__in=_kept_services(user)),
    m.Restriction: lambda user: Q(service__in=_kept_services(user)),
    m.PublicMessage: lambda user: Q(network__in=coordinated_keys(user)) | Q(service__organisation__in=own_keys(user)),
    m.CaseNote: lambda user: Q(organisation__in=own_keys(user), author=user.pk),
    m.PersonTag: lambda user: Q(organisation__in=own_keys(user)),
}


def _kept_services(user: m.User) -> QuerySet:
    return m.Service.objects.filter(_CHANGE_RULES[m.Service](user)).values("pk")


def changeable_by(user: m.User, rows: QuerySet | type[Model]) -> QuerySet:
    """Return those of `rows` that `user` may change by hand. Statuses are never among what can be changed so."""
    queryset = visible_to(user, rows)
    if getattr(user, "is_superuser", False) and user.is_active:
        return queryset
    rule = _CHANGE_RULES.get(queryset.model)
    return queryset.filter(rule(user)) if rule else queryset.none()


def may_add(user: m.User, model: type[Model]) -> bool:
    """Whether `user` may make a new row of `model` for somebody at least; the row itself is checked when saved."""
    if not getattr(user, "is_active", False):
        return False
    if user.is_superuser:
        return True
    if model not in _CHANGE_RULES or model in (m.Network, m.PublicMessage):
        return False
    if model in _KEPT_BY_ORGANISATIONS and own_organisations(user).exists():
        return True
    return coordinated_networks(user).exists() and model not in (m.CaseNote, m.PersonTag)


_KEPT_BY_ORGANISATIONS = frozenset(
    {
        m.Activity,
        m.CaseNote,
        m.OpeningException,
        m.OpeningHours,
        m.PersonTag,
        m.Picture,
        m.Restriction,
        m.Service,
        m.Venue,
    }
)


def can_manage_people(user: m.User, organisation_id: int) -> bool:
    """Whether `user` may invite colleagues into the organisation, change their roles and remove them."""
    return changeable_by(user, m.Organisation).filter(pk=organisation_id).exists()


def can_leave(user: m.User, membership: m.NetworkMembership) -> bool:
    """Whether `user` may take the organisation out of the network: its owners, and the network's coordinators."""
    owns = own_organisations(user, OrganisationRole.OWNER).filter(pk=membership.organisation_id).exists()
    return bool(user.is_active) and (owns or can_coordinate(user, membership.network_id))


def can_coordinate(user: m.User, network_id: int) -> bool:
    return bool(user.is_active) and (user.is_superuser or coordinated_networks(user).filter(pk=network_id).exists())


def can_answer(user: m.User, assignment: m.Assignment) -> bool:
    """Whether `user` may accept, reject, split, refer on or close for the organisation: its active members, and the
    coordinators of the strand's network in its stead."""
    if not user.is_active:
        return False
    belongs = m.NetworkMembership.objects.filter(
        status=MembershipStatus.ACTIVE,
        network=assignment.strand.network_id,
        organisation=assignment.organisation_id,
        organisation__in=own_keys(user),
    ).exists()
    return belongs or can_coordinate(user, assignment.strand.network_id)


def can_note(user: m.User, referral: m.Referral) -> bool:
    return visible_to(user, m.Referral).filter(pk=referral.pk).exists()
