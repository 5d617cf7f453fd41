"""Accepting an invitation: the account, the organisation and its place in the network, in one transaction."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from referrals import notifications
from referrals.access import own_organisations
from referrals.accounts.account_events import lock_organisation, network_addresses, organisation_addresses, record_event
from referrals.accounts.invitations import last_sent, lock_invitation, may_inviter_invite
from referrals.accounts.members import require
from referrals.accounts.owner_consent import ask_about_earlier, awaits_owner
from referrals.enums import AccountEventKind, MembershipStatus, OrganisationRole
from referrals.locks import take_named_lock
from referrals.models import (
    AccountEvent,
    Invitation,
    NetworkMembership,
    NetworkRole,
    Organisation,
    OrganisationMember,
    User,
)
from referrals.notification_kinds import NotificationKind
from referrals.refusals import AlreadyDone, Refusal

_ONLY_A_COORDINATOR = "Only a coordinator can take it back: {}."


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """What an organisation enters when it joins. Offers go to `email`."""

    name: str
    email: str
    phone: str = ""
    website: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class NewUser:
    name: str
    password: str


@transaction.atomic
def join(invitation_id: int, *, user: User | NewUser, organisation: NewOrganisation | int | None = None) -> User:
    """Accept an open invitation as a new user, or as the signed-in user with the invited address.

    `organisation`, when the invitation is to bring one into a network: a new one, or the key of one the user owns.
    """
    invitation = lock_invitation(invitation_id)
    _check_open(invitation)
    joining = _signed_in_or_new_user(invitation, user)
    place = _join_place(invitation, joining, organisation)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    responsible = organisation_addresses(place) if place else network_addresses(invitation.network)
    event = record_event(
        AccountEventKind.JOINED,
        actor=joining,
        user=joining,
        invitation=invitation,
        organisation=place,
        network=invitation.network,
        tell=set() if isinstance(organisation, NewOrganisation) else responsible - {invitation.invited_by.email},
    )
    notifications.record(event, NotificationKind.JOINED, invitation.invited_by.email)
    if invitation.organisation and invitation.role == OrganisationRole.OWNER:
        ask_about_earlier(invitation.organisation)
    return joining


def _check_open(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise AlreadyDone("This invitation has been used. Please sign in.")
    if invitation.withdrawn_at:
        raise Refusal("This invitation has been withdrawn.")
    if invitation.has_expired:
        raise Refusal("This invitation has expired.")
    if not may_inviter_invite(invitation):
        raise Refusal("This invitation is no longer valid. Please ask for a new one.")
    if awaits_owner(invitation):
        raise Refusal(f"An owner of {invitation.organisation} has to agree first.")


def _signed_in_or_new_user(invitation: Invitation, user: User | NewUser) -> User:
    if isinstance(user, User):
        require(user.email == invitation.email.lower(), f"This invitation is for {invitation.email}.")
        return user
    # Another invitation to the same address may be accepted at this moment.
    take_named_lock("account", invitation.email.lower())
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise Refusal(f"{invitation.email} has an account already. Please sign in to accept the invitation.")
    return User.objects.create_user(invitation.email, user.password, name=user.name)


def _join_place(invitation: Invitation, user: User, organisation: NewOrganisation | int | None) -> Organisation | None:
    if invitation.network_role:
        NetworkRole.objects.get_or_create(network=invitation.network, user=user, role=invitation.network_role)
        return None
    if invitation.organisation:
        place = invitation.organisation
    elif isinstance(organisation, NewOrganisation):
        place = create_organisation(organisation)
    else:
        lock_organisation(organisation)
        place = own_organisations(user, OrganisationRole.OWNER).filter(pk=organisation).first()
        require(place is not None, "Choose one of your own organisations, or make a new one.")
    if invitation.network:
        _add_to_network(invitation, place)
    OrganisationMember.objects.get_or_create(organisation=place, user=user, defaults={"role": invitation.role})
    return place


def _add_to_network(invitation: Invitation, organisation: Organisation) -> None:
    """Make it a member. One that left needs an invitation sent since; only coordinators lift a suspension."""
    membership, _ = NetworkMembership.objects.select_for_update().get_or_create(
        network=invitation.network, organisation=organisation
    )
    if membership.status == MembershipStatus.LEFT:
        left = AccountEvent.objects.filter(
            kind=AccountEventKind.LEFT, network=invitation.network, organisation=organisation
        )
        require(not left.filter(at__gte=last_sent(invitation)).exists(), _ONLY_A_COORDINATOR.format(membership))
        membership.status = MembershipStatus.ACTIVE
        membership.save(update_fields=["status"])
    require(membership.status == MembershipStatus.ACTIVE, _ONLY_A_COORDINATOR.format(membership))


def create_organisation(new: NewOrganisation) -> Organisation:
    return Organisation.objects.create(slug=unused_slug(new.name), **asdict(new))


def unused_slug(name: str) -> str:
    """Return a slug that stays free until the transaction ends.

    Reporting a clash would reveal that another network has an organisation of this name.
    """
    take_named_lock("organisation's slug")
    plain = slugify(name)[:70] or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=plain).values_list("slug", flat=True))
    return next(slug for slug in (plain, *(f"{plain}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
