"""What each user may do, for the workflow and the screens."""

from collections.abc import Collection

from django.db.models import QuerySet

from referrals import models as m
from referrals.access.change import changeable_by
from referrals.access.reach import own_organisations, reach_of
from referrals.access.visible import visible_to
from referrals.enums import OrganisationRole, Role


def can_manage_people(user: m.User, organisation_id: int) -> bool:
    return changeable_by(user, m.Organisation).filter(pk=organisation_id).exists()


def can_leave(user: m.User, membership: m.NetworkMembership) -> bool:
    owns = own_organisations(user, OrganisationRole.OWNER).filter(pk=membership.organisation_id).exists()
    return bool(user.is_active) and (owns or can_coordinate(user, membership.network_id))


def can_coordinate(user: m.User, network_id: int) -> bool:
    if not user.is_active:
        return False
    # Read from the database at each call, not from the reach that a request keeps. So is can_answer.
    role = m.NetworkRole.objects.filter(user=user.pk, network=network_id, role=Role.COORDINATOR)
    return bool(user.is_superuser) or role.exists()


def coordinated_strands(user: m.User) -> QuerySet[m.Strand]:
    """Return the strands of which `can_coordinate` is true."""
    if not user.is_active:
        return m.Strand.objects.none()
    if user.is_superuser:
        return m.Strand.objects.all()
    return m.Strand.objects.filter(network__in=reach_of(user).coordinated)


def can_merge(user: m.User, people: Collection[int]) -> bool:
    """Whether `user` coordinates every network that any referral of these people is in."""
    strands = m.Strand.objects.filter(referral__person__in=people)
    if not coordinated_strands(user).filter(referral__person__in=people).exists():
        return False
    return not strands.exclude(pk__in=coordinated_strands(user).values("pk")).exists()


def can_answer(user: m.User, assignment: m.Assignment) -> bool:
    """Whether `user` may accept, reject, split, refer on or close for the organisation.

    Its members may while it is active in the network; coordinators of the strand's network may act for it.
    """
    return belongs_to_holder(user, assignment) or can_coordinate(user, assignment.strand.network_id)


def belongs_to_holder(user: m.User, assignment: m.Assignment) -> bool:
    """Whether `user` is a member of the organisation of the offer or case, and that is active in the network."""
    if not user.is_active:
        return False
    memberships = m.NetworkMembership.objects.active().filter(
        network=assignment.strand.network_id,
        organisation=assignment.organisation_id,
        organisation__members__user=user.pk,
    )
    return memberships.exists()


def can_add_note(user: m.User, referral: m.Referral) -> bool:
    return visible_to(user, m.Referral).filter(pk=referral.pk).exists()
