"""How old a copy of what the public sees may be: as old as the last change of it that was committed."""

from django.db import connection

from referrals.models import PublicChange

KEPT = 200  # changes: reading the mark reads them all
MANY = 1000

# A sum too: a change with a lower number may be committed after one with a higher.
_MARK = "SELECT count(*), coalesce(sum(id), 0) FROM referrals_publicchange"


def content_version() -> str:
    """Return what is different after each transaction that changed something the public sees. One cheap query.

    Read it before what is to be kept: a change that comes between makes the copy look old, never a stale one fresh.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        return "{}-{}".format(*cursor.fetchone())


def forget_old_changes() -> int:
    """Delete all but the last of many; whoever keeps a copy makes it once more. Return how many were deleted."""
    newest = PublicChange.objects.order_by("-pk").values_list("pk", flat=True)
    if PublicChange.objects.count() <= MANY:
        return 0
    return PublicChange.objects.filter(pk__lte=newest[KEPT]).delete()[0]
