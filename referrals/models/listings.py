"""The public directory's search index, its counts for the map, and when anything public last changed.

Database triggers (migrations 0008 and 0030) write all, whatever changes a row: a form, an import, a bulk update, an SQL
prompt. See docs/decisions/0016-the-directory-is-kept-by-triggers.md and 0040-the-map-counts-by-cell.md.
"""

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Cast
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Q
from django.db.models.functions import Floor

from referrals.models.networks import Network
from referrals.models.organisations import Organisation
from referrals.models.services import Service

LISTED = Q(is_listed=True)
WITHOUT_PLACE = LISTED & Q(point=None, has_catchment=False)
CELLS = 1024  # a side of the world's square: the squares of clusters at zoom 8 (triggers of migration 0030)
SUM_SCALE = 2**32  # sums are of whole numbers, so that adding and taking away leaves nothing behind


def _keys() -> ArrayField:
    return ArrayField(models.BigIntegerField(), default=list)


def _cell(side: str) -> Cast:
    return Cast(Floor(F(side) * CELLS), models.IntegerField())


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
            models.Index(fields=["network"], name="listing_without_place", condition=WITHOUT_PLACE),
            models.Index("network", _cell("east"), _cell("south"), name="listing_cell", condition=LISTED),
        ]

    def __str__(self) -> str:
        return self.title or f"Service {self.pk}, not listed"


class ListingCell(models.Model):
    """By how much the services of a network in a square of the map became more or fewer; the sum is what is there.

    Rows are only added, so that no transaction waits for another; a schedule adds them up.
    """

    network_id = models.BigIntegerField(help_text="Not a foreign key: the network may be gone before it adds up to 0.")
    east_cell = models.IntegerField()
    south_cell = models.IntegerField()
    number = models.BigIntegerField()
    east_sum = models.BigIntegerField(help_text="Of the places, in parts of the world's square.")
    south_sum = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["network_id", "east_cell", "south_cell"], name="listing_cell_place")]

    def __str__(self) -> str:
        return f"{self.number} at {self.east_cell}, {self.south_cell}"


class PublicChange(models.Model):
    """A transaction that changed something public. Cached pages are as old as the latest one they saw.

    Rows are only added, so that no transaction waits for another; a schedule deletes old ones.
    """

    id = models.BigIntegerField(primary_key=True, help_text="The transaction's own number.")

    def __str__(self) -> str:
        return str(self.id)
