from django.conf import settings
from django.db import models
from django.utils import timezone

from referrals.enums import TableState


class UploadedTable(models.Model):
    """An uploaded file and the preview of its changes.

    Only the session that uploaded it finds it. Once it is done it is emptied; only the fact is kept.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploaded_tables")
    session = models.CharField(
        max_length=64, editable=False, help_text="A digest: the key itself would open an account."
    )
    model = models.CharField("kind of rows", max_length=100)
    name = models.CharField("file", max_length=200)
    rows = models.JSONField(default=list, help_text="For each row its number in the file, then its cells as text.")
    changes = models.JSONField(default=list, help_text="What the preview showed.")
    state = models.CharField(max_length=10, choices=TableState, default=TableState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a worker has begun its next step.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why nothing was done, in words.")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["uploaded_at"], name="uploaded_table_oldest")]

    def __str__(self) -> str:
        return self.name
