"""A user's networks and organisations, from which all access rules are built.

The `..._keys` functions return keys for sub-queries. None of them checks whether the user is active or a superuser:
`visible_to`, `changeable_by` and the `can_...` functions do.
"""

from django.db.models import Q, QuerySet

from referrals import models as m
from referrals.enums import OrganisationRole, Role


def coordinated_keys(user: m.User) -> QuerySet:
    return m.NetworkRole.objects.filter(user=user.pk, role=Role.COORDINATOR).values("network")


def own_keys(user: m.User, *roles: OrganisationRole) -> QuerySet:
    memberships = m.OrganisationMember.objects.filter(user=user.pk)
    return (memberships.filter(role__in=roles) if roles else memberships).values("organisation")


def owned_keys(user: m.User) -> QuerySet:
    return own_keys(user, OrganisationRole.OWNER)


def joined_keys(user: m.User) -> QuerySet:
    return m.NetworkMembership.objects.active().filter(organisation__in=own_keys(user)).values("network")


def known_keys(user: m.User) -> QuerySet:
    return known_networks(user).values("pk")


def coordinated_networks(user: m.User) -> QuerySet:
    return m.Network.objects.filter(pk__in=coordinated_keys(user))


def own_organisations(user: m.User, *roles: OrganisationRole) -> QuerySet:
    return m.Organisation.objects.filter(pk__in=own_keys(user, *roles))


def referral_networks(user: m.User) -> QuerySet:
    """Return the networks the user coordinates or is an active member of: those whose referrals they may list.

    Commissioners are left out: they see figures, never a person.
    """
    return m.Network.objects.filter(Q(pk__in=coordinated_keys(user)) | Q(pk__in=joined_keys(user)))


def known_networks(user: m.User) -> QuerySet:
    """Return the networks where the user has any role, directly or through an organisation.

    Content editors are left out: they work on the public site alone.
    """
    roles = m.NetworkRole.objects.filter(user=user.pk).exclude(role=Role.EDITOR)
    return m.Network.objects.filter(Q(pk__in=roles.values("network")) | Q(pk__in=joined_keys(user)))


def organisation_keys_in(networks: QuerySet, memberships: QuerySet | None = None) -> QuerySet:
    if memberships is None:
        memberships = m.NetworkMembership.objects.not_left()
    return memberships.filter(network__in=networks).values("organisation")


def belongs_to_known_organisation(user: m.User) -> Q:
    """Return a condition on rows with an `organisation`: the user may know that organisation.

    Those are the user's own, those in networks they coordinate, and the active members of their other networks.
    """
    active = m.NetworkMembership.objects.active()
    return (
        Q(organisation__in=own_keys(user))
        | Q(organisation__in=organisation_keys_in(coordinated_keys(user)))
        | Q(organisation__in=organisation_keys_in(known_keys(user), active))
    )


def wholly_coordinated_keys(user: m.User) -> QuerySet:
    """Return keys of the organisations that are only in networks the user coordinates.

    One shared network is not enough: a coordinator who could add people to an organisation, or change its e-mail
    address, would read the referrals of its other networks too.
    """
    elsewhere = m.NetworkMembership.objects.not_left().exclude(network__in=coordinated_keys(user))
    return (
        m.Organisation.objects.filter(pk__in=organisation_keys_in(coordinated_keys(user)))
        .exclude(pk__in=elsewhere.values("organisation"))
        .values("pk")
    )
