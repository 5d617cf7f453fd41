"""Changing and removing people's roles in organisations and networks. Each function is one transaction."""

from django.db import transaction

from referrals.access import can_coordinate, can_manage_people
from referrals.accounts.account_events import (
    lock_organisation,
    network_addresses,
    organisation_addresses,
    owners_of,
    record_event,
)
from referrals.accounts.owner_consent import ask_about_earlier
from referrals.enums import AccountEventKind, OrganisationRole, Role
from referrals.models import Network, NetworkRole, OrganisationMember, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow import release_cases


def require(is_allowed: bool, otherwise: str) -> None:
    if not is_allowed:
        raise NotAllowed(otherwise)


def check_manager(actor: User, organisation_id: int) -> None:
    require(can_manage_people(actor, organisation_id), "Only an owner of the organisation can do this.")


def check_appointer(actor: User, network_id: int, role: Role) -> None:
    # Only operators appoint editors: networks may share the public site.
    require(can_coordinate(actor, network_id), "Only a coordinator of the network can do this.")
    require(actor.is_superuser or role != Role.EDITOR, "Only an operator can appoint content editors.")


@transaction.atomic
def change_role(member_id: int, *, actor: User, role: OrganisationRole) -> OrganisationMember:
    member = _lock_member(member_id, actor)
    role = OrganisationRole(role)
    if member.role == role:
        raise AlreadyDone(f"{member.user} is {role.label.lower()} already.")
    _refuse_last_owner(member)
    data = {"from": member.role, "to": role}
    member.role = role
    member.save(update_fields=["role"])
    _record_member_change(AccountEventKind.ROLE_CHANGED, member, actor, **data)
    if role == OrganisationRole.OWNER:
        ask_about_earlier(member.organisation)
    return member


@transaction.atomic
def remove_member(member_id: int, *, actor: User) -> OrganisationMember:
    """Remove somebody from an organisation, at once: each request reads anew what its user belongs to.

    Invitations that they sent stop working too, see `may_inviter_invite`.
    """
    member = _lock_member(member_id, actor)
    _refuse_last_owner(member)
    _record_member_change(AccountEventKind.REMOVED, member, actor, role=member.role)
    release_cases(member)
    member.delete()
    return member


def _lock_member(member_id: int, actor: User) -> OrganisationMember:
    # The organisation is locked first, so that two owners cannot remove each other at the same moment.
    organisation_id = OrganisationMember.objects.values_list("organisation", flat=True).filter(pk=member_id).first()
    if organisation_id:
        lock_organisation(organisation_id)
    members = OrganisationMember.objects.select_for_update(of=("self",)).select_related("organisation", "user")
    member = members.filter(pk=member_id).first()
    if member is None:
        raise AlreadyDone("They have been removed already.")
    check_manager(actor, organisation_id)
    return member


def _refuse_last_owner(member: OrganisationMember) -> None:
    others = owners_of(member.organisation).exclude(pk=member.user_id)
    if member.role == OrganisationRole.OWNER and not others.exists():
        raise Refusal(f"{member.organisation} needs an owner. Make somebody else an owner first.")


def _record_member_change(kind: AccountEventKind, member: OrganisationMember, actor: User, **data: str) -> None:
    tell = {member.user.email, *organisation_addresses(member.organisation)}
    record_event(kind, actor=actor, user=member.user, organisation=member.organisation, tell=tell, **data)


@transaction.atomic
def remove_role(role_id: int, *, actor: User) -> NetworkRole:
    network_id = NetworkRole.objects.values_list("network", flat=True).filter(pk=role_id).first()
    Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    role = NetworkRole.objects.select_related("network", "user").filter(pk=role_id).first()
    if role is None:
        raise AlreadyDone("They have been removed already.")
    check_appointer(actor, network_id, role.role)
    coordinators = NetworkRole.objects.filter(network=network_id, role=Role.COORDINATOR, user__is_active=True)
    others = coordinators.exclude(pk=role.pk)
    if role.role == Role.COORDINATOR and not others.exists():
        raise Refusal(f"{role.network} needs a coordinator. Invite somebody else first.")
    tell = {role.user.email, *network_addresses(role.network)}
    record_event(AccountEventKind.REMOVED, actor=actor, user=role.user, network=role.network, tell=tell, role=role.role)
    role.delete()
    return role
