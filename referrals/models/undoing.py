from django.db import models
from django.db.models import F, Q

from referrals.models.history import Event


class UndoableAnswer(models.Model):
    """What an answer changed, kept while it can be undone. Its e-mails wait until then."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="undoable")
    until = models.DateTimeField()
    before = models.JSONField(help_text="What was there of what has changed: codes, numbers and times, by key.")
    made = models.JSONField(help_text="Keys of the strands, assignments and events that the answer made.")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-until", "-pk"]
        indexes = [models.Index(fields=["until"], name="undoable_answer_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_at__lte=F("until")),
                name="undoable_answer_undone_in_time",
                violation_error_message="An answer can be undone only in its time.",
            )
        ]

    def __str__(self) -> str:
        return f"Answer {self.event_id}"
