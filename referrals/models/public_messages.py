"""Messages and card requests from visitors of the public site, and the counters that limit them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from referrals.enums import MessageKind, MessageState, WhatIsWrong
from referrals.models.networks import Network
from referrals.models.services import Service


class PublicMessage(models.Model):
    """A correction of a service, or a question to the coordinators, from a visitor.

    `key` combines the form's own key with the content: the same form sent twice is one message. A service with messages
    cannot be deleted, only archived.
    """

    key = models.UUIDField(editable=False)
    kind = models.CharField(max_length=10, choices=MessageKind)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="public_messages")
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="public_messages"
    )
    wrong = models.CharField("what is wrong", max_length=10, choices=WhatIsWrong, blank=True)
    text = models.TextField("in their words", blank=True)
    writer_name = models.CharField("name", max_length=120, blank=True)
    writer_contact = models.CharField("how to reach them", max_length=200, blank=True)
    created_at = models.DateTimeField("written", default=timezone.now, editable=False)

    state = models.CharField(max_length=5, choices=MessageState, default=MessageState.OPEN)
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    outcome = models.CharField("what came of it", max_length=300, blank=True)

    class Meta:
        verbose_name = "message from the public"
        verbose_name_plural = "messages from the public"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="public_message_newest"),
            models.Index(fields=["network"], name="public_message_open", condition=Q(state="open")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="public_message_once",
                violation_error_message="This message has been sent already.",
            ),
            models.CheckConstraint(
                condition=Q(kind=MessageKind.CORRECTION, service__isnull=False) & ~Q(wrong="")
                | Q(kind=MessageKind.QUESTION, service=None, wrong=""),
                name="public_message_correction_of_a_service",
                violation_error_message="A correction needs a service and what is wrong; a question has neither.",
            ),
            models.CheckConstraint(
                condition=Q(kind=MessageKind.CORRECTION) | ~Q(text=""),
                name="public_message_question_has_words",
                violation_error_message="A question cannot be empty.",
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.DONE, done_at__isnull=False, done_by__isnull=False)
                | Q(state=MessageState.OPEN, done_at=None, done_by=None, outcome=""),
                name="public_message_done_by_somebody",
                violation_error_message="A message that is done needs who did it, and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {self.headline[0].lower()}{self.headline[1:]}"

    @property
    def at(self) -> datetime:
        # Every cause of an e-mail has one.
        return self.created_at

    @property
    def about(self) -> str:
        return self.service.activity.name if self.service else self.network.name

    @property
    def headline(self) -> str:
        return str(self.get_wrong_display() or self.get_kind_display())

    @property
    def is_done(self) -> bool:
        return self.state == MessageState.DONE


class CardRequest(models.Model):
    """A request for the card of a service by e-mail. Only the message holds the address, which is deleted with it."""

    key = models.UUIDField(editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="card_requests")
    page = models.URLField("address of the service's page", max_length=500)
    language = models.CharField(max_length=15, help_text="In which the visitor read the page.")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="card_request_oldest")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="card_request_once",
                violation_error_message="This has been sent already.",
            )
        ]

    def __str__(self) -> str:
        return f"Card of {self.service.activity.name}"


class RateLimitCounter(models.Model):
    """How often something was done lately, by or to `whom`; a visitor's address is stored as a digest.

    `since` is when its window opened: docs/decisions/0023-one-limiter.md.
    """

    what = models.CharField(max_length=40)
    whom = models.CharField(max_length=320)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "rate limit counters"
        ordering = ["what", "whom"]
        indexes = [models.Index(fields=["since"], name="rate_limit_oldest")]
        constraints = [
            models.UniqueConstraint(
                fields=["what", "whom"], name="rate_limit_once", violation_error_message="This is counted already."
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.count}"
