"""What triggers note of changes: the content version, what is kept for it, and how many services are in each square.

Every transaction that changes anything public adds a row to PublicChange (migrations 0008 of `referrals`, 0007 of
`directory_site`), one that changes where services are listed adds rows to ListingCell (0030).
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.db import connection

from referrals.models import PublicChange

Made = TypeVar("Made")

# Reading the version counts all rows, so most are deleted once there are many.
ROWS_TO_DELETE_AT = 1000
ROWS_TO_KEEP = 200

MOST_KEPT = 500  # objects in this process: a few for each network, site and language
_kept: dict[Hashable, tuple[str, object]] = {}


def content_version() -> str:
    """Return the committed version, in one cheap query.

    Read it before what you are going to cache: a change in between then makes a fresh copy look old, never an old one
    fresh.
    """
    with connection.cursor() as cursor:
        # The highest key alone would not do: a transaction may commit a lower key after another committed a higher.
        cursor.execute("SELECT count(*), coalesce(sum(id), 0) FROM referrals_publicchange")
        return "{}-{}".format(*cursor.fetchone())


def keep_for_version(version: str, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` made for this content version, in this process. Requests share it, so never change it.

    None is not kept: strangers can ask for any number of things that do not exist.
    """
    kept = _kept.get(key)
    if kept is None or kept[0] != version:
        kept = (version, make())
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        if kept[1] is not None:
            _kept[key] = kept
    return kept[1]  # type: ignore[return-value]


def delete_old_changes() -> int:
    """Once there are many, delete all but the latest; return how many. Every cached page is then rendered anew."""
    newest = PublicChange.objects.order_by("-pk").values_list("pk", flat=True)
    if PublicChange.objects.count() <= ROWS_TO_DELETE_AT:
        return 0
    return PublicChange.objects.filter(pk__lte=newest[ROWS_TO_KEEP]).delete()[0]


# One statement, so that it is done whole or not at all. Rows that another worker is adding up are left to it; what is
# left of a square may then be no services and yet a sum of places, which has to stay.
_ADD_UP = """
WITH gone AS (
    DELETE FROM referrals_listingcell WHERE id IN (
        SELECT id FROM referrals_listingcell WHERE (network_id, east_cell, south_cell) IN (
            SELECT network_id, east_cell, south_cell FROM referrals_listingcell
            GROUP BY network_id, east_cell, south_cell HAVING count(*) > 1)
        FOR UPDATE SKIP LOCKED)
    RETURNING network_id, east_cell, south_cell, number, east_sum, south_sum
)
INSERT INTO referrals_listingcell (network_id, east_cell, south_cell, number, east_sum, south_sum)
SELECT network_id, east_cell, south_cell, sum(number), sum(east_sum), sum(south_sum) FROM gone
GROUP BY network_id, east_cell, south_cell
HAVING (sum(number), sum(east_sum), sum(south_sum)) <> (0, 0, 0)
"""


def add_up_cells() -> None:
    """Leave one row for each square of the map that has services."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP)
