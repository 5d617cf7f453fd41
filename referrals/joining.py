"""How people and organisations come in and go: invitations, roles, removal. Each verb is one transaction.

A refusal is a `Refusal` with a sentence for the person who asked. Whoever belongs to an organisation or a network is
changed here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from referrals import notifications
from referrals.enums import AccountEventKind, MembershipStatus, NotificationKind, OrganisationRole, Role
from referrals.models import (
    AccountEvent,
    Invitation,
    Network,
    NetworkMembership,
    NetworkRole,
    Organisation,
    OrganisationMember,
    User,
)
from referrals.models.organisations import invitation_expiry
from referrals.visibility import can_coordinate, can_manage_people, own_organisations
from referrals.workflow import AlreadyDone, NotAllowed, Refusal

SEND_PAUSE = timedelta(minutes=10)
MOST_A_DAY = 100  # nobody is to be written to without end in this installation's name
_SENT = (AccountEventKind.INVITED, AccountEventKind.INVITED_AGAIN)


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """What an organisation says of itself when it joins. `email` is where its offers go."""

    name: str
    email: str
    phone: str = ""
    website: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class NewUser:
    name: str
    password: str


def invite_organisation(network_id: int, *, actor: User, name: str, email: str) -> Invitation:
    """Ask somebody to join the network with an organisation of which they become the owner."""
    _check(can_coordinate(actor, network_id), "Only a coordinator of the network can invite organisations.")
    fields = {"network_id": network_id, "organisation_name": name, "role": OrganisationRole.OWNER}
    return _invite(actor, email, **fields)


def invite_colleague(organisation_id: int, *, actor: User, email: str, role: OrganisationRole) -> Invitation:
    _check_manager(actor, organisation_id)
    _check(email.lower() != actor.email, "You cannot invite yourself. Ask an owner of the organisation.")
    if OrganisationMember.objects.filter(organisation=organisation_id, user__email__iexact=email).exists():
        raise AlreadyDone(f"{email} belongs to the organisation already.")
    return _invite(actor, email, organisation_id=organisation_id, role=role)


def invite_to_role(network_id: int, *, actor: User, email: str, role: Role) -> Invitation:
    """Ask somebody to become coordinator, commissioner or content editor of the network."""
    _check_appointer(actor, network_id, role)
    if NetworkRole.objects.filter(network=network_id, role=role, user__email__iexact=email).exists():
        raise AlreadyDone(f"{email} has this role already.")
    return _invite(actor, email, network_id=network_id, network_role=role)


def _invite(actor: User, email: str, **fields: object) -> Invitation:
    today = AccountEvent.objects.filter(actor=actor, kind__in=_SENT, at__gt=timezone.now() - timedelta(days=1))
    if today.count() >= MOST_A_DAY:
        raise Refusal("You have sent many invitations today. Please go on tomorrow.")
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(email=email.lower(), invited_by=actor, **fields)
            _send(invitation, AccountEventKind.INVITED, actor)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name not in ("invitation_open_once", "invitation_colleague_open_once"):
            raise
        raise Refusal(f"{email} has an invitation already. You can send that one again, or withdraw it.") from error
    return invitation


def _send(invitation: Invitation, kind: AccountEventKind, actor: User) -> None:
    event = _write_down(kind, actor, invitation=invitation)
    notifications.record(event, NotificationKind.INVITED, invitation.email)


def _write_down(kind: AccountEventKind, actor: User | None, *, invitation: Invitation, user: User | None = None):
    return AccountEvent.objects.create(
        kind=kind,
        actor=actor,
        user=user,
        invitation=invitation,
        organisation=invitation.organisation,
        network=invitation.network,
    )


def _of_manager(verb: Callable[[Invitation, User], None]) -> Callable[..., Invitation]:
    @transaction.atomic
    def on_locked(invitation_id: int, *, actor: User) -> Invitation:
        invitation = _lock_invitation(invitation_id)
        _check_inviter(invitation, actor)
        if invitation.accepted_at:
            raise Refusal(f"{invitation.email} has accepted this invitation already.")
        if invitation.withdrawn_at:
            raise AlreadyDone("This invitation is withdrawn already.")
        verb(invitation, actor)
        return invitation

    on_locked.__doc__, on_locked.__name__ = verb.__doc__, verb.__name__
    return on_locked


@_of_manager
def send_again(invitation: Invitation, actor: User) -> None:
    """Send an open or expired invitation once more, good for as long as a new one."""
    if _last_sent(invitation) > timezone.now() - SEND_PAUSE:
        raise Refusal("It was sent a moment ago. Please give it ten minutes to arrive.")
    invitation.expires_at, invitation.invited_by = invitation_expiry(), actor
    invitation.save(update_fields=["expires_at", "invited_by"])
    _send(invitation, AccountEventKind.INVITED_AGAIN, actor)


@_of_manager
def withdraw_invitation(invitation: Invitation, actor: User) -> None:
    """Make the link of an open or expired invitation say that it was withdrawn."""
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    _write_down(AccountEventKind.INVITATION_WITHDRAWN, actor, invitation=invitation)


def _last_sent(invitation: Invitation) -> datetime:
    sent = invitation.events.filter(kind__in=_SENT).order_by("-at").values_list("at", flat=True).first()
    return sent or invitation.created_at


def still_stands(invitation: Invitation) -> bool:
    """Whether whoever sent it could send it today: what somebody left behind who was removed lets nobody in."""
    try:
        _check_inviter(invitation, invitation.invited_by)
    except NotAllowed:
        return False
    return invitation.invited_by.is_active


def _lock_invitation(invitation_id: int) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",))
    return rows.select_related("network", "organisation", "invited_by").get(pk=invitation_id)


@transaction.atomic
def join(invitation_id: int, *, user: User | NewUser, organisation: NewOrganisation | int | None = None) -> User:
    """Accept an open invitation, once. `user` is a new one, or whoever is signed in with the invited address.

    `organisation`, for an invitation into a network with an organisation: a new one, or the key of one that the user
    owns. Returns the user, who then belongs to it.
    """
    invitation = _lock_invitation(invitation_id)
    _check_open(invitation)
    joining = _joining_user(invitation, user)
    place = _place(invitation, joining, organisation)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    event = AccountEvent.objects.create(
        kind=AccountEventKind.JOINED,
        actor=joining,
        user=joining,
        invitation=invitation,
        organisation=place,
        network=invitation.network,
    )
    for recipient in _told_of_joining(invitation):
        notifications.record(event, NotificationKind.JOINED, recipient)
    return joining


def _told_of_joining(invitation: Invitation) -> set[str]:
    """Whoever invited, and the organisation itself when that was a coordinator from outside it."""
    inviter, organisation = invitation.invited_by, invitation.organisation
    is_outside = (
        organisation and not OrganisationMember.objects.filter(organisation=organisation, user=inviter).exists()
    )
    return {inviter.email, organisation.email} if is_outside else {inviter.email}


def _check_open(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise AlreadyDone("This invitation has been used. Please sign in.")
    if invitation.withdrawn_at:
        raise Refusal("This invitation has been withdrawn.")
    if invitation.has_expired:
        raise Refusal("This invitation has expired.")
    if not still_stands(invitation):
        raise Refusal("This invitation is no longer good. Please ask for a new one.")


def _joining_user(invitation: Invitation, user: User | NewUser) -> User:
    if isinstance(user, User):
        _check(user.email == invitation.email.lower(), f"This invitation is for {invitation.email}.")
        return user
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise Refusal(f"{invitation.email} has an account already. Please sign in to accept the invitation.")
    try:
        with transaction.atomic():
            return User.objects.create_user(invitation.email, user.password, name=user.name)
    except IntegrityError as error:  # another invitation of the same address was accepted this moment
        raise Refusal("Please sign in: somebody has just joined with this address.") from error


def _place(invitation: Invitation, user: User, organisation: NewOrganisation | int | None) -> Organisation | None:
    """Give the user the part that the invitation promises; return the organisation it is in, if any."""
    if invitation.network_role:
        NetworkRole.objects.get_or_create(network=invitation.network, user=user, role=invitation.network_role)
        return None
    if invitation.organisation:
        place = invitation.organisation
    elif isinstance(organisation, NewOrganisation):
        place = create_organisation(organisation)
    else:
        place = own_organisations(user, OrganisationRole.OWNER).filter(pk=organisation).first()
        _check(place is not None, "Choose one of your own organisations, or make a new one.")
    if invitation.network:
        _enter(invitation, place)
    OrganisationMember.objects.get_or_create(organisation=place, user=user, defaults={"role": invitation.role})
    return place


def _enter(invitation: Invitation, organisation: Organisation) -> None:
    """Make it a member. A suspension is lifted by a coordinator alone; one that left comes back if asked since then."""
    membership, _ = NetworkMembership.objects.select_for_update().get_or_create(
        network=invitation.network, organisation=organisation
    )
    if membership.status == MembershipStatus.LEFT:
        left = AccountEvent.objects.filter(
            kind=AccountEventKind.LEFT, network=invitation.network, organisation=organisation
        )
        _check(not left.filter(at__gte=_last_sent(invitation)).exists(), _ONLY_A_COORDINATOR.format(membership))
        membership.status = MembershipStatus.ACTIVE
        membership.save(update_fields=["status"])
    _check(membership.status == MembershipStatus.ACTIVE, _ONLY_A_COORDINATOR.format(membership))


_ONLY_A_COORDINATOR = "Only a coordinator can take it back: {}."


def create_organisation(new: NewOrganisation) -> Organisation:
    """Store an organisation; should somebody take its short name at the same moment, under the next one."""
    for _ in range(5):
        try:
            with transaction.atomic():
                return Organisation.objects.create(slug=unused_slug(new.name), **asdict(new))
        except IntegrityError:
            continue
    raise Refusal("Too many organisations of this name are joining at this moment. Please try again.")


def unused_slug(name: str) -> str:
    """Return a short name that nobody has: whether somebody elsewhere had the plain one is not to be seen."""
    plain = slugify(name)[:70] or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=plain).values_list("slug", flat=True))
    return next(slug for slug in (plain, *(f"{plain}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


@transaction.atomic
def change_role(member_id: int, *, actor: User, role: OrganisationRole) -> OrganisationMember:
    """Make a member owner, or an owner member; an organisation keeps one owner at least."""
    member = _lock_member(member_id, actor)
    role = OrganisationRole(role)
    if member.role == role:
        raise AlreadyDone(f"{member.user} is {role.label.lower()} already.")
    _keep_an_owner(member)
    data = {"from": member.role, "to": role}
    member.role = role
    member.save(update_fields=["role"])
    _write_down_member(AccountEventKind.ROLE_CHANGED, member, actor, **data)
    return member


@transaction.atomic
def remove_member(member_id: int, *, actor: User) -> OrganisationMember:
    """Take somebody out of an organisation: they see nothing of it from the next page on."""
    member = _lock_member(member_id, actor)
    _keep_an_owner(member)
    _write_down_member(AccountEventKind.REMOVED, member, actor, role=member.role)
    member.delete()
    return member


def _lock_member(member_id: int, actor: User) -> OrganisationMember:
    """Lock the organisation first: two owners who remove each other at once are asked one after the other."""
    organisation_id = OrganisationMember.objects.values_list("organisation", flat=True).get(pk=member_id)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    member = OrganisationMember.objects.select_related("organisation", "user").filter(pk=member_id).first()
    if member is None:
        raise AlreadyDone("They have been removed already.")
    _check_manager(actor, organisation_id)
    return member


def _keep_an_owner(member: OrganisationMember) -> None:
    others = OrganisationMember.objects.filter(
        organisation=member.organisation, role=OrganisationRole.OWNER, user__is_active=True
    )
    if member.role == OrganisationRole.OWNER and not others.exclude(pk=member.pk).exists():
        raise Refusal(f"{member.organisation} needs an owner. Make somebody else an owner first.")


def _write_down_member(kind: AccountEventKind, member: OrganisationMember, actor: User, **data: str) -> None:
    AccountEvent.objects.create(kind=kind, user=member.user, organisation=member.organisation, actor=actor, data=data)


@transaction.atomic
def remove_role(role_id: int, *, actor: User) -> NetworkRole:
    """Take a role in a network from somebody; a network keeps one coordinator at least."""
    network_id = NetworkRole.objects.values_list("network", flat=True).get(pk=role_id)
    Network.objects.select_for_update(no_key=True).get(pk=network_id)
    role = NetworkRole.objects.select_related("network", "user").filter(pk=role_id).first()
    if role is None:
        raise AlreadyDone("They have been removed already.")
    _check_appointer(actor, network_id, role.role)
    coordinators = NetworkRole.objects.filter(network=network_id, role=Role.COORDINATOR, user__is_active=True)
    others = coordinators.exclude(pk=role.pk)
    if role.role == Role.COORDINATOR and not others.exists():
        raise Refusal(f"{role.network} needs a coordinator. Invite somebody else first.")
    AccountEvent.objects.create(
        kind=AccountEventKind.REMOVED, user=role.user, network=role.network, actor=actor, data={"role": role.role}
    )
    role.delete()
    return role


def _check(is_allowed: bool, otherwise: str) -> None:
    if not is_allowed:
        raise NotAllowed(otherwise)


def _check_manager(actor: User, organisation_id: int) -> None:
    _check(can_manage_people(actor, organisation_id), "Only an owner of the organisation can do this.")


def _check_appointer(actor: User, network_id: int, role: Role) -> None:
    """The public site may be shared by several networks: its editors are appointed by operators."""
    _check(can_coordinate(actor, network_id), "Only a coordinator of the network can do this.")
    _check(actor.is_superuser or role != Role.EDITOR, "Only an operator can appoint content editors.")


def _check_inviter(invitation: Invitation, actor: User) -> None:
    if invitation.organisation_id:
        _check_manager(actor, invitation.organisation_id)
    elif invitation.network_role:
        _check_appointer(actor, invitation.network_id, Role(invitation.network_role))
    else:
        _check(can_coordinate(actor, invitation.network_id), "Only a coordinator of the network can do this.")
