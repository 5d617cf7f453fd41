"""How organisations answered their latest offers. `matching.track_records` writes it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from referrals.models.categories import Category
from referrals.models.networks import Network
from referrals.models.organisations import Organisation


class TrackRecord(models.Model):
    """What became of an organisation's latest offers in a network: of all or, with a category, of those for it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+", null=True, db_index=False)
    offers = models.PositiveSmallIntegerField(help_text="Answered, or not answered in time; the latest 20 at most.")
    accepted = models.PositiveSmallIntegerField()
    seconds = models.FloatField(null=True, help_text="Half were answered as fast. None if half had no answer in time.")
    points = models.PositiveSmallIntegerField(help_text="What the ranking makes of it, from 0 to 10,000.")

    class Meta:
        constraints = [
            models.UniqueConstraint(F("organisation"), F("network"), Coalesce("category", 0), name="track_record_once"),
            models.CheckConstraint(
                condition=Q(accepted__lte=F("offers"), points__lte=10_000), name="track_record_is_possible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.accepted} of {self.offers}"
