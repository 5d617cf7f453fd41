from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.timezone import localtime

from referrals.mailboxes import PlainEmailField
from referrals.models.accounts import AccountEvent
from referrals.models.history import Event
from referrals.models.networks import Network
from referrals.models.organisations import Organisation
from referrals.models.public_messages import CardRequest, PublicMessage
from referrals.notification_kinds import NotificationKind, NotificationStatus

CAUSES = ("event", "account_event", "message", "card_request", "digest")


def _caused_by(cause: str) -> Q:
    return Q(**{f"{other}__isnull": other != cause for other in CAUSES})


NOT_ARRIVED = (NotificationStatus.FAILED, NotificationStatus.BOUNCED, NotificationStatus.SUPPRESSED)
IS_UNREAD_OFFER = Q(kind=NotificationKind.ORGANISATION_ASKED, status__in=NOT_ARRIVED)


class Digest(models.Model):
    """That it was looked at what waits for an organisation, or for coordinators, in a week: once in each."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="digests"
    )
    network = models.ForeignKey(Network, on_delete=models.CASCADE, null=True, blank=True, related_name="digests")
    week = models.DateField(help_text="Its Monday.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "weekly summary"
        verbose_name_plural = "weekly summaries"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "network", "week"],
                nulls_distinct=False,
                name="digest_once_a_week",
                violation_error_message="This week's summary has been made already.",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, network=None) | Q(organisation=None, network__isnull=False),
                name="digest_of_one_place",
                violation_error_message="A summary is of an organisation or of a network.",
            ),
            models.CheckConstraint(
                condition=Q(week__iso_week_day=1),
                name="digest_week_begins_on_monday",
                violation_error_message="A week begins on a Monday.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation or self.network}, week of {self.week}"


class Notification(models.Model):
    """An e-mail owed, stored in the transaction that caused it, and what became of it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications")
    account_event = models.ForeignKey(
        AccountEvent, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    message = models.ForeignKey(
        PublicMessage, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    card_request = models.ForeignKey(
        CardRequest, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications")
    kind = models.CharField("what it is", max_length=25, choices=NotificationKind)
    recipient = PlainEmailField()
    status = models.CharField(max_length=10, choices=NotificationStatus, default=NotificationStatus.PENDING)
    attempts = models.PositiveSmallIntegerField("tries", default=0)
    due_at = models.DateTimeField("due", default=timezone.now, help_text="Not tried before this time.")
    first_due_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="A further try does not move it."
    )
    claimed_at = models.DateTimeField("last tried", null=True, blank=True)
    sent_at = models.DateTimeField("sent", null=True, blank=True)
    bounces = models.PositiveSmallIntegerField("came back", default=0, db_default=0, editable=False)
    error = models.CharField(
        "what went wrong", max_length=300, blank=True, help_text="What the mail server said, without addresses."
    )
    subject = models.CharField(max_length=300, blank=True, help_text="As sent; empty until then, like the text.")
    text = models.TextField(blank=True)
    html = models.TextField("HTML", blank=True)
    created_at = models.DateTimeField("written", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "e-mail"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], name="notification_due", condition=Q(status="pending")),
            models.Index(fields=["claimed_at"], name="notification_claimed", condition=Q(status="sending")),
            models.Index(fields=["due_at"], name="notification_kept", condition=Q(status="kept")),
            models.Index(fields=["claimed_at"], name="notification_given_up", condition=Q(status="failed")),
            models.Index(fields=["-created_at", "-id"], name="notification_newest"),
            models.Index(fields=["event"], name="notification_offer_not_read", condition=IS_UNREAD_OFFER),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient", "kind"],
                name="notification_once",
                violation_error_message="This message is owed already.",
            ),
            models.UniqueConstraint(
                fields=["account_event", "recipient", "kind"],
                name="notification_of_account_once",
                violation_error_message="This message is owed already.",
            ),
            models.UniqueConstraint(
                fields=["message", "recipient", "kind"],
                name="notification_of_message_once",
                violation_error_message="This message is owed already.",
            ),
            models.UniqueConstraint(
                fields=["card_request", "recipient", "kind"],
                name="notification_of_card_once",
                violation_error_message="This message is owed already.",
            ),
            models.UniqueConstraint(
                fields=["digest", "recipient", "kind"],
                name="notification_of_digest_once",
                violation_error_message="This message is owed already.",
            ),
            models.CheckConstraint(
                condition=reduce(or_, map(_caused_by, CAUSES)),
                name="notification_one_cause",
                violation_error_message="A message has one cause.",
            ),
            models.CheckConstraint(
                condition=Q(status=NotificationStatus.SENT, sent_at__isnull=False)
                | (~Q(status=NotificationStatus.SENT) & Q(sent_at=None)),
                name="notification_sent_has_its_time",
                violation_error_message="A sent message has the time when it was sent.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_status_display().lower()})"


class SuppressedAddress(models.Model):
    """An address from which e-mail came back for good: nothing about referrals goes there until somebody says so."""

    address = PlainEmailField(unique=True, help_text="In lower case.")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "address that e-mail comes back from"
        verbose_name_plural = "addresses that e-mail comes back from"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower("address")),
                name="suppressed_address_in_lower_case",
                violation_error_message="Write the address in lower case.",
            )
        ]

    def __str__(self) -> str:
        return self.address


class Heartbeat(models.Model):
    """When a background worker last finished a task: how the health page knows that one is alive."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()
    quiet_until = models.DateTimeField(null=True, blank=True, help_text="It is at tasks that may take so long.")
    quiet_process = models.PositiveIntegerField(null=True, editable=False, help_text="The process that is.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {localtime(self.at):%d %B %Y %H:%M}"
