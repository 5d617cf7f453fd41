from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime

from referrals.enums import NotificationKind, NotificationStatus
from referrals.mailboxes import PlainEmailField
from referrals.models.accounts import AccountEvent
from referrals.models.history import Event
from referrals.models.public_messages import CardRequest, PublicMessage

CAUSES = ("event", "account_event", "message", "card_request")


def _caused_by(cause: str) -> Q:
    return Q(**{f"{other}__isnull": other != cause for other in CAUSES})


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
