"""What happened with a referral, and what people wrote beside it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime

from referrals.enums import EventKind
from referrals.models.networks import Network
from referrals.models.organisations import Organisation
from referrals.models.referrals import Assignment, Referral, Strand


class Note(models.Model):
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="notes"
    )
    open_to = models.ForeignKey(
        Network,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="All organisations of this network read it. Empty = who holds the referral, and coordinators.",
    )
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"Note of {localtime(self.created_at):%d %B %Y}"


class Event(models.Model):
    """What happened, by whom, when. A trigger refuses later changes. Holds no free text."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="events")
    strand = models.ForeignKey(Strand, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        help_text="Empty: the referrer, or the system.",
    )
    data = models.JSONField(default=dict, help_text="Codes only: a reason, an outcome, keys of needs.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["referral", "at", "id"], name="event_history"),
            models.Index(
                fields=["strand"], name="event_coordinator_told", condition=Q(kind=EventKind.COORDINATOR_TOLD)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {localtime(self.at):%d %B %Y %H:%M}"
