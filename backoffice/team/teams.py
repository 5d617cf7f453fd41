"""The members of an organisation, or those with a role in a network, as one screen shows either."""

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from referrals import accounts
from referrals.access import can_coordinate, can_manage_people, own_organisations, visible_to
from referrals.enums import OrganisationRole, Role
from referrals.models import Invitation, Network, NetworkRole, Notification, Organisation, OrganisationMember, User

_HAS_SECOND_FACTOR = Exists(TOTPDevice.objects.filter(user=OuterRef("user"), confirmed=True))


class OrganisationTeam:
    kind = "organisation"
    changes_roles = True

    def __init__(self, organisation: Organisation, user: User) -> None:
        self.place, self.user = organisation, user
        self.may_manage = can_manage_people(user, organisation.pk)
        self.may_look = self.may_manage or own_organisations(user).filter(pk=organisation.pk).exists()

    @property
    def rows(self) -> QuerySet:
        members = visible_to(self.user, OrganisationMember).filter(organisation=self.place)
        return members.select_related("user").annotate(has_second_factor=_HAS_SECOND_FACTOR).order_by("user__name")

    @property
    def invitations(self) -> list[Invitation]:
        found = list(pending_invitations(visible_to(self.user, Invitation).filter(organisation=self.place)))
        owners = accounts.find_owners(self.place)
        for invitation in found:
            invitation.awaits_owner = accounts.awaits_owner(invitation, owners)
            invitation.is_theirs_to_decide = invitation.awaits_owner and self.user.pk in owners
        return found

    @property
    def roles(self) -> list[tuple[str, str]]:
        return OrganisationRole.choices

    def invite(self, email: str, role: str) -> Invitation:
        return accounts.invite_colleague(self.place.pk, actor=self.user, email=email, role=OrganisationRole(role))

    def remove(self, pk: int) -> OrganisationMember:
        return accounts.remove_member(pk, actor=self.user)


class NetworkTeam:
    kind = "network"
    changes_roles = False

    def __init__(self, network: Network, user: User) -> None:
        self.place, self.user = network, user
        self.may_manage = self.may_look = can_coordinate(user, network.pk)

    @property
    def rows(self) -> QuerySet:
        roles = visible_to(self.user, NetworkRole).filter(network=self.place)
        return (
            roles.select_related("user").annotate(has_second_factor=_HAS_SECOND_FACTOR).order_by("role", "user__name")
        )

    @property
    def invitations(self) -> QuerySet:
        rows = visible_to(self.user, Invitation).filter(network=self.place).exclude(network_role="")
        return pending_invitations(rows)

    @property
    def roles(self) -> list[tuple[str, str]]:
        # The public site may be shared by several networks, so only operators appoint its editors.
        return [choice for choice in Role.choices if self.user.is_superuser or choice[0] != Role.EDITOR]

    def invite(self, email: str, role: str) -> Invitation:
        return accounts.invite_to_role(self.place.pk, actor=self.user, email=email, role=Role(role))

    def remove(self, pk: int) -> NetworkRole:
        return accounts.remove_role(pk, actor=self.user)


Team = OrganisationTeam | NetworkTeam
_KINDS: dict[str, tuple[type[Model], type]] = {
    "organisation": (Organisation, OrganisationTeam),
    "network": (Network, NetworkTeam),
}


def find_team(user: User, kind: str, pk: int) -> Team | None:
    if kind not in _KINDS:
        return None
    model, team_class = _KINDS[kind]
    place = visible_to(user, model).filter(pk=pk).first()
    team = team_class(place, user) if place else None
    return team if team and team.may_look else None


def team_url(place: Organisation | Network) -> str:
    return reverse("backoffice:team", args=[place._meta.model_name, place.pk])


def pending_invitations(invitations: QuerySet) -> QuerySet:
    """Narrow to open and expired ones. Annotate `mail_status` and `mail_at` of the last e-mail."""
    sent = Notification.objects.filter(account_event__invitation=OuterRef("pk"), kind="invited").order_by("-pk")
    waiting = invitations.filter(accepted_at=None, withdrawn_at=None).select_related("invited_by", "network")
    return waiting.annotate(mail_status=sent.values("status")[:1], mail_at=sent.values("sent_at")[:1])
