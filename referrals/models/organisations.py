from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from referrals.enums import MembershipStatus, OrganisationRole, Role
from referrals.mailboxes import PlainEmailField
from referrals.models.mail_groups import all_mail_groups, mail_groups_field
from referrals.models.networks import Network
from referrals.user_input.phones import PhoneField


class Organisation(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField("short name in addresses", max_length=80, unique=True)
    email = PlainEmailField("e-mail for referrals", help_text="Offers and reminders go here.")
    phone = PhoneField()
    website = models.URLField(blank=True)
    description = models.TextField(blank=True)
    networks = models.ManyToManyField(Network, through="NetworkMembership", related_name="organisations")
    mail_groups = mail_groups_field(all_mail_groups, "What goes to the organisation's own address.")

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["name"], name="organisation_name")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(email=""),
                name="organisation_has_email",
                violation_error_message="An organisation needs an e-mail address for its referrals.",
            )
        ]

    def __str__(self) -> str:
        return self.name


IS_ACTIVE_SQL = f"membership.status = '{MembershipStatus.ACTIVE}'"  # expects the alias `membership`


class NetworkMembershipQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(status=MembershipStatus.ACTIVE)

    def not_left(self) -> Self:
        return self.filter(status__in=(MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED))

    def of_outer_row(self, *, organisation: str = "organisation", network: str = "network") -> Self:
        """For a sub-query: keep the membership of the outer row, whose fields have these names."""
        return self.filter(organisation=OuterRef(organisation), network=OuterRef(network))


class NetworkMembership(models.Model):
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    status = models.CharField(max_length=10, choices=MembershipStatus, default=MembershipStatus.ACTIVE)
    joined_at = models.DateTimeField("joined", default=timezone.now, editable=False)

    objects = NetworkMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation in a network"
        verbose_name_plural = "organisations in networks"
        ordering = ["network", "organisation"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organisation"],
                name="membership_once",
                violation_error_message="The organisation is in this network already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.network}"


class OrganisationMember(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="organisation_roles")
    role = models.CharField(max_length=10, choices=OrganisationRole, default=OrganisationRole.MEMBER)
    mail_groups = mail_groups_field(list, "What goes to this member's address too.")

    class Meta:
        verbose_name = "team member"
        verbose_name_plural = "team members"
        ordering = ["organisation", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                name="organisation_member_once",
                violation_error_message="This user is a member of the organisation already.",
            ),
            # No more than the key says, but what a foreign key of both can point at: see Assignment.owner.
            models.UniqueConstraint(fields=["id", "organisation"], name="organisation_member_and_its_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} of {self.organisation}"


def invitation_expiry() -> datetime:
    return timezone.now() + timedelta(days=14)


_SIGNER = signing.Signer(salt="referrals.invitation", sep=".")


class InvitationQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())

    def of_token(self, token: str) -> "Invitation | None":
        """Return the invitation for a link's token, whatever its state; None if the token is forged."""
        try:
            key = _SIGNER.unsign(token)
        except signing.BadSignature:
            return None
        return self.select_related("network", "organisation", "invited_by").filter(pk=key).first()


class Invitation(models.Model):
    """An e-mail invitation to bring an organisation into a network, to join one, or to take a role in a network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    organisation_name = models.CharField(max_length=200, blank=True)
    email = PlainEmailField("e-mail")
    role = models.CharField(max_length=10, choices=OrganisationRole, blank=True)
    network_role = models.CharField("role in the network", max_length=15, choices=Role, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations_sent")
    created_at = models.DateTimeField("invited", default=timezone.now, editable=False)
    expires_at = models.DateTimeField("expires", default=invitation_expiry)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The owner or operator who agreed to an invitation sent from outside.",
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                name="invitation_one_end",
                violation_error_message="An invitation is either accepted or withdrawn.",
            ),
            models.CheckConstraint(
                condition=Q(network__isnull=False, organisation=None, network_role="")
                & ~Q(organisation_name="")
                & Q(role=OrganisationRole.OWNER)
                | Q(network=None, organisation__isnull=False, organisation_name="", network_role="") & ~Q(role="")
                | Q(network__isnull=False, organisation=None, organisation_name="", role="") & ~Q(network_role=""),
                name="invitation_into_one_place",
                violation_error_message="An invitation is for a new organisation, a colleague, or a role in a network.",
            ),
            models.UniqueConstraint(
                "network",
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None, organisation=None),
                name="invitation_open_once",
                violation_error_message="This address has an open invitation already. Send that one again.",
            ),
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None, network=None),
                name="invitation_colleague_open_once",
                violation_error_message="This address has an open invitation already. Send that one again.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} ({self.email})"

    @property
    def place(self) -> str:
        return str(self.organisation or self.organisation_name or self.network)

    @property
    def joins(self) -> str:
        """What the invited person joins: for someone who brings an organisation, the network."""
        return str(self.organisation or self.network)

    @property
    def token(self) -> str:
        """The secret part of the link: never stored, never shown on a screen."""
        return _SIGNER.sign(str(self.pk))

    @property
    def has_expired(self) -> bool:
        return not (self.accepted_at or self.withdrawn_at) and self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return not (self.accepted_at or self.withdrawn_at or self.has_expired)
