import secrets

from django.db import models
from django.utils import timezone

from referrals.models.organisations import Organisation


def picture_path(picture: "Picture", name: str) -> str:
    """Unguessable, since the picture of an unlisted service is not public yet.

    Uploads are WebP by now; older pictures are JPEGs and keep that extension.
    """
    return f"pictures/{secrets.token_urlsafe(16)}.webp"


class Picture(models.Model):
    """An organisation's own picture, made from an upload by `referrals.services.pictures`: upright, sized for a screen,
    and without anything but the picture in its file."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=200, help_text="To find it again; the public does not see it.")
    file = models.FileField(upload_to=picture_path, editable=False)
    small = models.FileField(upload_to=picture_path, editable=False, help_text="For lists and cards.")
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)
    uploaded_at = models.DateTimeField("uploaded", default=timezone.now, editable=False)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.name
