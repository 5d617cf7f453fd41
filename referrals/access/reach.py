"""Whose a user is: the networks and organisations that every rule is made of. Nothing here asks who is signed in."""

from django.db.models import OuterRef, Q, QuerySet

from referrals import models as m
from referrals.enums import MembershipStatus, OrganisationRole, Role

STAYING = (MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED)


def coordinated_keys(user: m.User) -> QuerySet:
    """Keys rather than rows, here and below: they are what nearly every rule asks, with the fewest sub-queries."""
    return m.NetworkRole.objects.filter(user=user.pk, role=Role.COORDINATOR).values("network")


def own_keys(user: m.User, *roles: OrganisationRole) -> QuerySet:
    memberships = m.OrganisationMember.objects.filter(user=user.pk)
    return (memberships.filter(role__in=roles) if roles else memberships).values("organisation")


def owned_keys(user: m.User) -> QuerySet:
    return own_keys(user, OrganisationRole.OWNER)


def joined_keys(user: m.User) -> QuerySet:
    """Return keys of the networks in which an organisation of `user` is active."""
    memberships = m.NetworkMembership.objects.filter(status=MembershipStatus.ACTIVE, organisation__in=own_keys(user))
    return memberships.values("network")


def known_keys(user: m.User) -> QuerySet:
    return known_networks(user).values("pk")


def coordinated_networks(user: m.User) -> QuerySet:
    """Return the networks that `user` coordinates."""
    return m.Network.objects.filter(pk__in=coordinated_keys(user))


def own_organisations(user: m.User, *roles: OrganisationRole) -> QuerySet:
    """Return the organisations `user` belongs to, in one of `roles` when any is given."""
    return m.Organisation.objects.filter(pk__in=own_keys(user, *roles))


def referral_networks(user: m.User) -> QuerySet:
    """Return the networks whose referrals `user` may know of: those coordinated, and those of active memberships.

    Commissioners are not among them: they see figures, never a person.
    """
    return m.Network.objects.filter(Q(pk__in=coordinated_keys(user)) | Q(pk__in=joined_keys(user)))


def known_networks(user: m.User) -> QuerySet:
    """Return the networks `user` has any part in, as coordinator, commissioner or through an organisation.

    A content editor's part is the public site alone.
    """
    roles = m.NetworkRole.objects.filter(user=user.pk).exclude(role=Role.EDITOR)
    return m.Network.objects.filter(Q(pk__in=roles.values("network")) | Q(pk__in=joined_keys(user)))


def organisations_in(networks: QuerySet, *statuses: MembershipStatus) -> QuerySet:
    """Return keys of the organisations in `networks`, by default all but those that have left."""
    return m.NetworkMembership.objects.filter(network__in=networks, status__in=statuses or STAYING).values(
        "organisation"
    )


def staying_member() -> QuerySet:
    """Condition on services: their organisation has not left their network."""
    return m.NetworkMembership.objects.filter(
        organisation=OuterRef("organisation"), network=OuterRef("network"), status__in=STAYING
    )


def of_known_organisation(user: m.User) -> Q:
    """Condition on what has an `organisation`: the user's own, those of coordinated networks, and, of the other
    networks the user has a part in, those that are active there."""
    return (
        Q(organisation__in=own_keys(user))
        | Q(organisation__in=organisations_in(coordinated_keys(user)))
        | Q(organisation__in=organisations_in(known_keys(user), MembershipStatus.ACTIVE))
    )


def in_coordinators_hands(user: m.User) -> QuerySet:
    """Return keys of the organisations whose every network `user` coordinates.

    An organisation that is in another network as well is that network's too: whoever could add people to it, or send
    its messages elsewhere, would read that network's referrals.
    """
    elsewhere = m.NetworkMembership.objects.filter(status__in=STAYING).exclude(network__in=coordinated_keys(user))
    return (
        m.Organisation.objects.filter(pk__in=organisations_in(coordinated_keys(user)))
        .exclude(pk__in=elsewhere.values("organisation"))
        .values("pk")
    )
