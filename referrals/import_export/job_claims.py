"""Who works on an uploaded table: one worker at a time, for as long as it shows signs of life."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Self

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.enums import TableState
from referrals.models import UploadedTable

AT_WORK = (TableState.WAITING, TableState.CONFIRMED)
MAX_ATTEMPTS = 3
EXPIRES = timedelta(minutes=2)  # a worker that has said nothing for so long is dead
BELL_IS_LATE = timedelta(minutes=1)
SAYS_EVERY = 0.3  # seconds
GIVEN_UP = "This could not be done, and nothing was changed. Please try again; if it happens again, tell us."

_SAYS = """
UPDATE referrals_uploadedtable SET rows_done = %s, claimed_at = %s WHERE id = %s AND state = %s AND claimed_at = %s
"""


class Lost(Exception):  # noqa: N818 - no error: somebody else does the work
    """The claim has expired and another worker has taken the table over."""


class Claim:
    """One worker's hold on a table. While work goes on, its time is written anew: the hold is what the row says."""

    def __init__(self, table: UploadedTable, at: datetime) -> None:
        self.table, self.state, self.at = table, table.state, at

    @classmethod
    def take(cls, pk: int) -> Self | None:
        """Take a table that nobody works on, counting the attempt before anything risky; None if there is none."""
        now = timezone.now()
        if not due(now).filter(pk=pk).update(claimed_at=now, attempts=F("attempts") + 1):
            return None
        return cls(UploadedTable.objects.select_related("user").get(pk=pk), now)

    def write(self, **fields: object) -> bool:
        """Write down what came of it and let go; False, and nothing written, when the claim has been lost."""
        own = UploadedTable.objects.filter(pk=self.table.pk, state=self.state, claimed_at=self.at)
        return bool(own.update(claimed_at=None, **fields))

    @contextmanager
    def progress(self) -> Iterator["Progress"]:
        told = Progress(self)
        try:
            yield told
        finally:
            told.close()


class Progress:
    """Says how far the work is, over a connection of its own: what the work does is in a transaction, unseen as yet.

    Nothing here waits for that transaction: it touches the table's own row only as its last step.
    """

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._connection = connection.copy()
        self._said_at = monotonic()

    def __call__(self, rows_done: int) -> None:
        """Raise Lost when somebody else works on the table by now."""
        if monotonic() - self._said_at >= SAYS_EVERY:
            self._said_at = monotonic()
            self._say(rows_done)

    def _say(self, rows_done: int) -> None:
        claim, now = self._claim, timezone.now()
        with self._connection.cursor() as cursor:
            cursor.execute(_SAYS, [rows_done, now, claim.table.pk, claim.state, claim.at])
            if cursor.rowcount != 1:
                raise Lost
        claim.at = now

    def close(self) -> None:
        self._connection.close()


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - EXPIRES)


def due(now: datetime) -> QuerySet:
    """Return the tables that there is something to do for, and that nobody alive is doing it for."""
    return UploadedTable.objects.filter(_unclaimed(now), state__in=AT_WORK, attempts__lt=MAX_ATTEMPTS)


def overdue(now: datetime) -> list[int]:
    """Return keys of those that no bell was heard for, or that a dead worker left."""
    asked_at = Coalesce("confirmed_at", "uploaded_at")
    late = due(now).annotate(asked_at=asked_at).filter(asked_at__lt=now - BELL_IS_LATE)
    return list(late.order_by("pk").values_list("pk", flat=True))


def give_up(now: datetime) -> int:
    """Say of those that every attempt failed for that nothing was done; return how many that were."""
    tried = UploadedTable.objects.filter(_unclaimed(now), state__in=AT_WORK, attempts__gte=MAX_ATTEMPTS)
    return tried.update(state=TableState.FAILED, problem=GIVEN_UP, rows=[], changes=[], claimed_at=None)
