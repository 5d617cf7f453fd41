"""Logs of what happened to accounts and of who read full details; both are append-only."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime

from referrals.enums import AccountEventKind, Screen
from referrals.mailboxes import PlainEmailField
from referrals.models.networks import Network
from referrals.models.organisations import Invitation, Organisation
from referrals.models.people import Person
from referrals.models.referrals import Referral


class AccountEvent(models.Model):
    """A change to someone's access: by whom, when, and in which organisation or network."""

    kind = models.CharField("what happened", max_length=25, choices=AccountEventKind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="account_events",
        help_text="Who it happened to. Empty for an invitation: they have no account yet.",
    )
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="account_events"
    )
    network = models.ForeignKey(Network, on_delete=models.CASCADE, null=True, blank=True, related_name="account_events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="done by",
        related_name="+",
        help_text="Empty: the system, or somebody who has not signed in.",
    )
    data = models.JSONField(default=dict, help_text="Codes, such as the role; and the reason that an operator gave.")
    at = models.DateTimeField("when", default=timezone.now)

    class Meta:
        verbose_name = "account change"
        verbose_name_plural = "account changes"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="account_event_newest"),
            models.Index(fields=["user", "kind", "-at"], name="account_event_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.get_kind_display()}"

    @property
    def about(self) -> str:
        invited = self.invitation and self.invitation.email
        return str(self.user or invited or self.organisation or self.network or "Somebody")


class PasswordResetRequest(models.Model):
    """A request for a new password; a worker looks up the account.

    The page does the same for every address, so neither its text nor its timing shows whether an account exists.
    """

    email = PlainEmailField("e-mail as typed")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    handled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["asked_at"], name="reset_request_waiting", condition=Q(handled_at=None))]

    def __str__(self) -> str:
        return f"Request of {localtime(self.asked_at):%d %B %Y %H:%M}"


class AccessRecord(models.Model):
    """Full details were opened: whose, by whom, when, from which screen."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_records")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="access_records")
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="access_records")
    network = models.ForeignKey(
        Network,
        on_delete=models.CASCADE,
        related_name="access_records",
        help_text="The one that gave the user the right.",
    )
    screen = models.CharField(max_length=10, choices=Screen)
    at = models.DateTimeField("when", default=timezone.now)

    class Meta:
        verbose_name = "view of full details"
        verbose_name_plural = "views of full details"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["network", "-at", "-id"], name="access_record_newest"),
            models.Index(fields=["person", "-at"], name="access_record_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_screen_display()}, {localtime(self.at):%d %B %Y %H:%M}"
