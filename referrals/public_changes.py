"""The content version: every transaction that changes anything public changes it.

Triggers add a row to PublicChange for each (migrations 0008 of `referrals`, 0007 of `directory_site`).
"""

from django.db import connection

from referrals.models import PublicChange

# Reading the version counts all rows, so most are deleted once there are many.
ROWS_TO_DELETE_AT = 1000
ROWS_TO_KEEP = 200


def content_version() -> str:
    """Return the committed version, in one cheap query.

    Read it before what you are going to cache: a change in between then makes a fresh copy look old, never an old one
    fresh.
    """
    with connection.cursor() as cursor:
        # The highest key alone would not do: a transaction may commit a lower key after another committed a higher.
        cursor.execute("SELECT count(*), coalesce(sum(id), 0) FROM referrals_publicchange")
        return "{}-{}".format(*cursor.fetchone())


def delete_old_changes() -> int:
    """Once there are many, delete all but the latest; return how many. Every cached page is then rendered anew."""
    newest = PublicChange.objects.order_by("-pk").values_list("pk", flat=True)
    if PublicChange.objects.count() <= ROWS_TO_DELETE_AT:
        return 0
    return PublicChange.objects.filter(pk__lte=newest[ROWS_TO_KEEP]).delete()[0]
