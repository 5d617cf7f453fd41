"""Pages of the list of referrals.

A page is named by the referral before or after it, so the millionth row is as near as the first, and what comes in
meanwhile moves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest

from referrals.access import visible_to
from referrals.models import Referral
from referrals.references import parse_reference

PAGE_SIZE = 20
OLDER, NEWER = "after", "before"  # parameters; their values are references
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """`newer` and `older` are the references that the pages beside it are named by; "" where there is none."""

    rows: Sequence[Referral]
    newer: str = ""
    older: str = ""

    @property
    def has_others(self) -> bool:
        return bool(self.newer or self.older)


def read_page(referrals: QuerySet[Referral], request: HttpRequest, *, order: Sequence[int] | None = None) -> Page:
    """Return a page of `referrals`, newest first or, with `order`, in the order of these keys."""
    is_back = NEWER in request.GET
    reference = parse_reference(request.GET.get(NEWER if is_back else OLDER, ""))
    # One that the user may not know of is answered like one that does not exist.
    known = visible_to(request.user, Referral).filter(reference=reference).only("created_at")
    beside = known.first() if reference else None
    if order is None:
        rows = list(_newest_first(referrals, beside, is_back=is_back)[: PAGE_SIZE + 1])
    else:
        keys = _cut(order, beside, is_back=is_back)[: PAGE_SIZE + 1]
        found = referrals.order_by().in_bulk(keys)
        rows = [found[key] for key in keys if key in found]
    has_more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if is_back:
        rows.reverse()
    has_newer, has_older = (has_more, beside is not None) if is_back else (beside is not None, has_more)
    if not rows:
        return Page(rows)
    return Page(rows, rows[0].reference if has_newer else "", rows[-1].reference if has_older else "")


def _newest_first(referrals: QuerySet[Referral], beside: Referral | None, *, is_back: bool) -> QuerySet[Referral]:
    if beside is None:
        return referrals.order_by("-created_at", "-pk")
    at, key = beside.created_at, beside.pk
    if is_back:
        newer = referrals.filter(created_at__gte=at).exclude(created_at=at, pk__lte=key)
        return newer.order_by("created_at", "pk")
    older = referrals.filter(created_at__lte=at).exclude(created_at=at, pk__gte=key)
    return older.order_by("-created_at", "-pk")


def _cut(order: Sequence[int], beside: Referral | None, *, is_back: bool) -> list[int]:
    """Return the keys after that of `beside` or, turned round, those before it; all if it is not among them."""
    if beside is None or beside.pk not in order:
        return list(order)
    place = order.index(beside.pk)
    return list(order[:place])[::-1] if is_back else list(order[place + 1 :])


def count_each(querysets: Sequence[QuerySet]) -> list[int]:
    """Count the rows of each, up to one more than MOST_COUNTED, by one statement."""
    counts, parameters = [], []
    for rows in querysets:
        try:
            sql, values = rows.order_by().values("pk")[: MOST_COUNTED + 1].query.sql_with_params()
        except EmptyResultSet:
            counts.append("0")
            continue
        counts.append(f"(SELECT count(*) FROM ({sql}) AS found)")
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", parameters)
        return list(cursor.fetchone())
