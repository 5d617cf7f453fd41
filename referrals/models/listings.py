"""The public directory's search index, and when anything public last changed.

Database triggers (migration 0008) write both, whatever changes a row: a form, an import, a bulk update, an SQL prompt.
See docs/decisions/0016-the-directory-is-kept-by-triggers.md.
"""

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Cast
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Q

from referrals.models.networks import Network
from referrals.models.organisations import Organisation
from referrals.models.services import Service

LISTED = Q(is_listed=True)


def _keys() -> ArrayField:
    return ArrayField(models.BigIntegerField(), default=list)


class PublicListing(models.Model):
    """A service in the search index. Only keys while the service is not public."""

    service = models.OneToOneField(Service, primary_key=True, on_delete=models.CASCADE, related_name="listing")
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    is_listed = models.BooleanField(default=False)
    title = models.TextField(default="", help_text="Activity and organisation: what a list is sorted by.")
    names = models.TextField(default="", help_text="The words that mistyped ones are compared with.")
    words = SearchVectorField(null=True)
    point = models.PointField(null=True, spatial_index=False, help_text="None for a confidential venue.")
    east = models.FloatField(null=True, help_text="Of the world's square in Web Mercator, from 0 to 1.")
    south = models.FloatField(null=True, help_text="The same, from 0 in the north to 1.")
    has_catchment = models.BooleanField(default=False, help_text="Otherwise it serves the network's whole area.")
    categories = _keys()
    demographics = _keys()
    options = _keys()
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    access = ArrayField(models.CharField(max_length=30), default=list)
    pathways = ArrayField(models.CharField(max_length=15), default=list)
    is_free = models.BooleanField(default=False)
    closed_on_bank_holidays = models.BooleanField(default=False)

    class Meta:
        ordering = ["title", "service"]
        indexes = [
            GinIndex(fields=["words"], name="listing_words", condition=LISTED),
            GinIndex(OpClass("names", name="gin_trgm_ops"), name="listing_names", condition=LISTED),
            GinIndex(fields=["categories"], name="listing_categories", condition=LISTED),
            GistIndex(fields=["point"], name="listing_point", condition=LISTED),
            GistIndex(Cast("point", models.PointField(geography=True)), name="listing_place", condition=LISTED),
            models.Index(fields=["network", "title", "service"], name="listing_title", condition=LISTED),
        ]

    def __str__(self) -> str:
        return self.title or f"Service {self.pk}, not listed"


class PublicChange(models.Model):
    """A transaction that changed something public. Cached pages are as old as the latest one they saw.

    Rows are only added, so that no transaction waits for another; a schedule deletes old ones.
    """

    id = models.BigIntegerField(primary_key=True, help_text="The transaction's own number.")

    def __str__(self) -> str:
        return str(self.id)
