"""Sending, resending and withdrawing invitations. Each function is one transaction.

A refusal is a `Refusal` with a sentence for the person who asked.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from referrals import notifications
from referrals.access import can_coordinate
from referrals.accounts.members import check_appointer, check_manager, require
from referrals.enums import AccountEventKind, NotificationKind, OrganisationRole, Role
from referrals.locks import lock_name
from referrals.models import (
    AccountEvent,
    Invitation,
    NetworkRole,
    OrganisationMember,
    User,
)
from referrals.models.organisations import invitation_expiry
from referrals.rate_limits import Limit, TooMany, count
from referrals.workflow import AlreadyDone, NotAllowed, Refusal

SAME_INVITATION = Limit("invitation-sent", 1, timedelta(minutes=10))
BY_ONE_USER = Limit("invitations-by-user", 100, timedelta(days=1))
LIMITS = (SAME_INVITATION, BY_ONE_USER)
_TOO_MANY = {
    SAME_INVITATION: "It was sent a moment ago. Please give it ten minutes to arrive.",
    BY_ONE_USER: "You have sent many invitations today. Please go on tomorrow.",
}
_SENT = (AccountEventKind.INVITED, AccountEventKind.INVITED_AGAIN)


def invite_organisation(network_id: int, *, actor: User, name: str, email: str) -> Invitation:
    """Invite a new member organisation. The person who accepts becomes its owner."""
    require(can_coordinate(actor, network_id), "Only a coordinator of the network can invite organisations.")
    fields = {"network_id": network_id, "organisation_name": name, "role": OrganisationRole.OWNER}
    return _invite(actor, email, **fields)


def invite_colleague(organisation_id: int, *, actor: User, email: str, role: OrganisationRole) -> Invitation:
    check_manager(actor, organisation_id)
    require(email.lower() != actor.email, "You cannot invite yourself. Ask an owner of the organisation.")
    if OrganisationMember.objects.filter(organisation=organisation_id, user__email__iexact=email).exists():
        raise AlreadyDone(f"{email} belongs to the organisation already.")
    return _invite(actor, email, organisation_id=organisation_id, role=role)


def invite_to_role(network_id: int, *, actor: User, email: str, role: Role) -> Invitation:
    check_appointer(actor, network_id, role)
    if NetworkRole.objects.filter(network=network_id, role=role, user__email__iexact=email).exists():
        raise AlreadyDone(f"{email} has this role already.")
    return _invite(actor, email, network_id=network_id, network_role=role)


@transaction.atomic
def _invite(
    actor: User, email: str, *, network_id: int | None = None, organisation_id: int | None = None, **fields: object
) -> Invitation:
    lock_name("invitation", email.lower())
    place = {"network_id": network_id, "organisation_id": organisation_id}
    if Invitation.objects.filter(**place, email__iexact=email, accepted_at=None, withdrawn_at=None).exists():
        raise Refusal(f"{email} has an invitation already. You can send that one again, or withdraw it.")
    invitation = Invitation.objects.create(email=email.lower(), invited_by=actor, **place, **fields)
    _send(invitation, AccountEventKind.INVITED, actor)
    return invitation


def _send(invitation: Invitation, kind: AccountEventKind, actor: User) -> None:
    try:
        count([(SAME_INVITATION, str(invitation.pk)), (BY_ONE_USER, str(actor.pk))], at=timezone.now())
    except TooMany as refusal:
        raise Refusal(_TOO_MANY[refusal.limit]) from refusal
    event = record_event(kind, actor, invitation=invitation)
    notifications.record(event, NotificationKind.INVITED, invitation.email)


def record_event(kind: AccountEventKind, actor: User | None, *, invitation: Invitation, user: User | None = None):
    return AccountEvent.objects.create(
        kind=kind,
        actor=actor,
        user=user,
        invitation=invitation,
        organisation=invitation.organisation,
        network=invitation.network,
    )


@transaction.atomic
def send_again(invitation_id: int, *, actor: User) -> Invitation:
    """Resend an open or expired invitation, valid for as long as a new one."""
    invitation = _lock_pending(invitation_id, actor)
    invitation.expires_at, invitation.invited_by = invitation_expiry(), actor
    invitation.save(update_fields=["expires_at", "invited_by"])
    _send(invitation, AccountEventKind.INVITED_AGAIN, actor)
    return invitation


@transaction.atomic
def withdraw_invitation(invitation_id: int, *, actor: User) -> Invitation:
    invitation = _lock_pending(invitation_id, actor)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    record_event(AccountEventKind.INVITATION_WITHDRAWN, actor, invitation=invitation)
    return invitation


def _lock_pending(invitation_id: int, actor: User) -> Invitation:
    invitation = lock_invitation(invitation_id)
    _check_inviter(invitation, actor)
    if invitation.accepted_at:
        raise Refusal(f"{invitation.email} has accepted this invitation already.")
    if invitation.withdrawn_at:
        raise AlreadyDone("This invitation is withdrawn already.")
    return invitation


def last_sent(invitation: Invitation) -> datetime:
    sent = invitation.events.filter(kind__in=_SENT).order_by("-at").values_list("at", flat=True).first()
    return sent or invitation.created_at


def may_inviter_invite(invitation: Invitation) -> bool:
    """Whether the sender could still send it: when they lose the role, their invitations stop working."""
    try:
        _check_inviter(invitation, invitation.invited_by)
    except NotAllowed:
        return False
    return invitation.invited_by.is_active


def lock_invitation(invitation_id: int) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",))
    return rows.select_related("network", "organisation", "invited_by").get(pk=invitation_id)


def _check_inviter(invitation: Invitation, actor: User) -> None:
    if invitation.organisation_id:
        check_manager(actor, invitation.organisation_id)
    elif invitation.network_role:
        check_appointer(actor, invitation.network_id, Role(invitation.network_role))
    else:
        require(can_coordinate(actor, invitation.network_id), "Only a coordinator of the network can do this.")
