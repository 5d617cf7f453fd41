"""Whether two people that referrals speak of are one: what was said of them, and what was merged."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from referrals.models.networks import Network
from referrals.models.people import Person


class PersonComparison(models.Model):
    """What was said last, for one network, by somebody who reads of both. What was said before is in the events."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    is_same = models.BooleanField("the same person")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["network", "first", "second"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "first", "second"],
                name="person_comparison_once",
                violation_error_message="Something was said of these two already.",
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="person_comparison_in_order",
                violation_error_message="Of two people that are compared, the one with the lower key comes first.",
            ),
        ]

    def __str__(self) -> str:
        return "The same person" if self.is_same else "Not the same person"


class PersonMerge(models.Model):
    """What a merge changed, so that it can be undone. `merged` keeps its details, but has no referrals."""

    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    merged = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="merged_in")
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now)
    moved = models.JSONField(default=dict, help_text="Keys of what now belongs to the kept person, by kind.")
    changed = models.JSONField(
        default=dict, help_text="Fields of the kept person that were empty or less careful, with what was there."
    )

    class Meta:
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("merged")),
                name="person_merged_with_another",
                violation_error_message="Nobody can be merged with themselves.",
            )
        ]

    def __str__(self) -> str:
        return f"Merge {self.pk}"


@receiver(pre_delete, sender=Person)
def delete_merged(sender: type[Person], instance: Person, **kwargs: object) -> None:
    """Delete with somebody whoever was merged into them: without the merge, nobody would see that row any more."""
    Person.objects.filter(merged_in__kept=instance).delete()
