"""How often something may be done, counted in the database so that all web processes share the counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals.models import RateLimitCounter
from referrals.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times within the window.

    The window opens with the first time, so twice as many can fall around the moment when one follows another. With
    `slides`, each time restarts the window: access returns after a pause as long as the window.
    """

    what: str
    most: int
    within: timedelta
    slides: bool = False

    def blocks_until(self, counter: RateLimitCounter, at: datetime) -> datetime | None:
        """Return when `counter` stops blocking; None if it does not block at `at`."""
        end = counter.since + self.within
        return end if counter.count >= self.most and end > at else None


LONGEST_WINDOW = timedelta(days=1)

Counted = Iterable[tuple[Limit, str | None]]


class TooMany(Refusal):
    """A limit is reached; `until` is when it allows more."""

    def __init__(self, limit: Limit, until: datetime) -> None:
        super().__init__("This has been done very often in a short time. Please try again later.")
        self.limit = limit
        self.until = until


def digest_of(address: str | None) -> str | None:
    """Return a keyed digest to count a visitor's address by, without storing it; None where there is no address."""
    return None if address is None else salted_hmac("referrals.throttle", address, algorithm="sha256").hexdigest()


def count(counted: Counted, *, at: datetime) -> list[RateLimitCounter]:
    """Count once more for each (limit, whom), or raise TooMany, which undoes all of it with the caller's transaction.

    Rows stay locked until that transaction ends, so callers must name limits in the same order. A `whom` of None (a
    connection through a socket file has no address) is skipped, and so is a limit of 0, which is none.
    """
    counters = []
    for limit, whom in counted:
        if whom is None or not limit.most:
            continue
        counter = _lock_counter(limit, whom, at)
        if until := limit.blocks_until(counter, at):
            raise TooMany(limit, until)
        is_over = counter.since <= at - limit.within
        counter.count = 1 if is_over else counter.count + 1
        counter.since = at if is_over or limit.slides else counter.since
        counter.save(update_fields=["count", "since"])
        counters.append(counter)
    return counters


def _lock_counter(limit: Limit, whom: str, at: datetime) -> RateLimitCounter:
    row = {"what": limit.what, "whom": whom}
    rows = RateLimitCounter.objects.select_for_update()
    if counter := rows.filter(**row).first():
        return counter
    # Not get_or_create: PostgreSQL would write the row that another process has made first into its log.
    RateLimitCounter.objects.bulk_create([RateLimitCounter(**row, since=at)], ignore_conflicts=True)
    return rows.get(**row)


def is_within(counted: Counted, *, at: datetime) -> bool:
    """Count once more for each, or for none of them and return False where a limit is reached."""
    try:
        with transaction.atomic():
            count(counted, at=at)
    except TooMany:
        return False
    return True


def blocked_until(counted: Counted, *, at: datetime) -> datetime | None:
    """Return when the last of the limits stops blocking, without counting; None if none blocks now."""
    limits = {(limit.what, whom): limit for limit, whom in counted}
    wanted = Q()
    for what, whom in limits:
        wanted |= Q(what=what, whom=whom)
    ends = [limits[row.what, row.whom].blocks_until(row, at) for row in RateLimitCounter.objects.filter(wanted)]
    return max((end for end in ends if end), default=None)


def prune(limits: Iterable[Limit], *, at: datetime | None = None) -> int:
    """Delete what counts no more: of these limits when their window is over, of any others after the longest window."""
    now = at or timezone.now()
    windows = {limit.what: limit.within for limit in limits}
    over = Q(since__lte=now - LONGEST_WINDOW)
    for what, within in windows.items():
        over |= Q(what=what, since__lte=now - within)
    return RateLimitCounter.objects.filter(over).delete()[0]
