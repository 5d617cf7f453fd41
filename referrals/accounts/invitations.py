"""Sending, resending and withdrawing invitations. Each function is one transaction.

A refusal is a `Refusal` with a sentence for the person who asked.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from referrals import notifications
from referrals.access import can_coordinate
from referrals.accounts.account_events import (
    lock_organisation,
    network_addresses,
    organisation_addresses,
    owners_of,
    record_event,
)
from referrals.accounts.members import check_appointer, check_manager, require
from referrals.accounts.owner_consent import ask_owners, awaits_owner
from referrals.enums import AccountEventKind, OrganisationRole, Role
from referrals.locks import take_named_lock
from referrals.models import (
    AccountEvent,
    Invitation,
    NetworkRole,
    OrganisationMember,
    User,
)
from referrals.models.organisations import invitation_expiry
from referrals.notification_kinds import NotificationKind
from referrals.rate_limits import Limit, TooMany, count
from referrals.refusals import AlreadyDone, NotAllowed, Refusal

SAME_INVITATION = Limit("invitation-sent", 1, timedelta(minutes=10))
BY_ONE_USER = Limit("invitations-by-user", 100, timedelta(days=1))
LIMITS = (SAME_INVITATION, BY_ONE_USER)
_TOO_MANY = {
    SAME_INVITATION: "It was sent a moment ago. Please give it ten minutes to arrive.",
    BY_ONE_USER: "You have sent many invitations today. Please go on tomorrow.",
}
_SENT = (AccountEventKind.INVITED, AccountEventKind.INVITED_AGAIN)
_ONLY_AN_OWNER = "Only an owner of the organisation can do this."


@transaction.atomic
def invite_organisation(network_id: int, *, actor: User, name: str, email: str) -> Invitation:
    """Invite a new member organisation. The person who accepts becomes its owner."""
    _lock_address(email)
    require(can_coordinate(actor, network_id), "Only a coordinator of the network can invite organisations.")
    fields = {"network_id": network_id, "organisation_name": name, "role": OrganisationRole.OWNER}
    return _invite(actor, email, **fields)


@transaction.atomic
def invite_colleague(organisation_id: int, *, actor: User, email: str, role: OrganisationRole) -> Invitation:
    _lock_address(email)
    lock_organisation(organisation_id)
    check_manager(actor, organisation_id)
    require(email.lower() != actor.email, "You cannot invite yourself. Ask an owner of the organisation.")
    if OrganisationMember.objects.filter(organisation=organisation_id, user__email__iexact=email).exists():
        raise AlreadyDone(f"{email} belongs to the organisation already.")
    return _invite(actor, email, organisation_id=organisation_id, role=role)


@transaction.atomic
def invite_to_role(network_id: int, *, actor: User, email: str, role: Role) -> Invitation:
    _lock_address(email)
    check_appointer(actor, network_id, role)
    if NetworkRole.objects.filter(network=network_id, role=role, user__email__iexact=email).exists():
        raise AlreadyDone(f"{email} has this role already.")
    return _invite(actor, email, network_id=network_id, network_role=role)


def _lock_address(email: str) -> None:
    take_named_lock("invitation", email.lower())


def _invite(
    actor: User, email: str, *, network_id: int | None = None, organisation_id: int | None = None, **fields: object
) -> Invitation:
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
    if awaits_owner(invitation):
        ask_owners(invitation, actor)
    else:
        event = _record_event(kind, actor, invitation=invitation, tell=_told_of_invitations(invitation))
        notifications.record(event, NotificationKind.INVITED, invitation.email)


def _told_of_invitations(invitation: Invitation) -> set[str]:
    # Inviting a new organisation is a coordinator's daily work: nobody is told, and the log has it.
    if invitation.organisation:
        return organisation_addresses(invitation.organisation)
    return network_addresses(invitation.network) if invitation.network_role else set()


def _record_event(
    kind: AccountEventKind, actor: User | None, *, invitation: Invitation, tell: Iterable[str] = (), **data: str
) -> AccountEvent:
    places = {"organisation": invitation.organisation, "network": invitation.network}
    return record_event(kind, actor=actor, invitation=invitation, tell=tell, **places, **data)


@transaction.atomic
def agree_to_invitation(invitation_id: int, *, actor: User) -> Invitation:
    """As an owner of the organisation, let an invitation go out that somebody from outside sent."""
    invitation = _lock_awaiting(invitation_id)
    require(owners_of(invitation.organisation).filter(pk=actor.pk).exists(), _ONLY_AN_OWNER)
    return _agree(invitation, actor, AccountEventKind.INVITATION_APPROVED)


@transaction.atomic
def force_invitation(invitation_id: int, *, actor: User, reason: str) -> Invitation:
    """As an operator, let an invitation go out without an owner's consent. The owners are told the reason."""
    require(actor.is_active and actor.is_superuser, "Only an operator can do this.")
    if not reason.strip():
        raise Refusal("Please give the reason: it is recorded, and the owners read it.")
    invitation = _lock_awaiting(invitation_id)
    return _agree(invitation, actor, AccountEventKind.INVITATION_FORCED, reason=reason.strip())


@transaction.atomic
def refuse_invitation(invitation_id: int, *, actor: User) -> Invitation:
    invitation = _lock_awaiting(invitation_id)
    require(owners_of(invitation.organisation).filter(pk=actor.pk).exists(), _ONLY_AN_OWNER)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    tell = {invitation.email, invitation.invited_by.email, *organisation_addresses(invitation.organisation)}
    _record_event(AccountEventKind.INVITATION_REFUSED, actor, invitation=invitation, tell=tell)
    return invitation


def _agree(invitation: Invitation, actor: User, kind: AccountEventKind, **data: str) -> Invitation:
    invitation.agreed_by, invitation.expires_at = actor, invitation_expiry()
    invitation.save(update_fields=["agreed_by", "expires_at"])
    tell = {invitation.invited_by.email, *organisation_addresses(invitation.organisation)}
    event = _record_event(kind, actor, invitation=invitation, tell=tell, **data)
    notifications.record(event, NotificationKind.INVITED, invitation.email)
    return invitation


def _lock_awaiting(invitation_id: int) -> Invitation:
    invitation = lock_invitation(invitation_id)
    if invitation.accepted_at or invitation.withdrawn_at or invitation.agreed_by_id:
        raise AlreadyDone("This has been decided already.")
    if invitation.has_expired:
        raise Refusal("This invitation has expired. Whoever sent it can send it again.")
    if not awaits_owner(invitation):
        raise Refusal("No owner has to agree to this invitation. If it has not arrived, send it again.")
    return invitation


@transaction.atomic
def send_again(invitation_id: int, *, actor: User) -> Invitation:
    """Resend an open or expired invitation, valid for as long as a new one."""
    invitation = _lock_pending(invitation_id, actor)
    invitation.expires_at, invitation.invited_by, invitation.agreed_by = invitation_expiry(), actor, None
    invitation.save(update_fields=["expires_at", "invited_by", "agreed_by"])
    _send(invitation, AccountEventKind.INVITED_AGAIN, actor)
    return invitation


@transaction.atomic
def withdraw_invitation(invitation_id: int, *, actor: User) -> Invitation:
    invitation = _lock_pending(invitation_id, actor)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    tell = _told_of_invitations(invitation)
    _record_event(AccountEventKind.INVITATION_WITHDRAWN, actor, invitation=invitation, tell=tell)
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
    """Lock it, then the organisation: somebody may be becoming its first owner, and would have to agree."""
    rows = Invitation.objects.select_for_update(of=("self",), no_key=True)
    invitation = rows.select_related("network", "organisation", "invited_by").get(pk=invitation_id)
    lock_organisation(invitation.organisation_id)
    return invitation


def _check_inviter(invitation: Invitation, actor: User) -> None:
    if invitation.organisation_id:
        check_manager(actor, invitation.organisation_id)
    elif invitation.network_role:
        check_appointer(actor, invitation.network_id, Role(invitation.network_role))
    else:
        require(can_coordinate(actor, invitation.network_id), "Only a coordinator of the network can do this.")
