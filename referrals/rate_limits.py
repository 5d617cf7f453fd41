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


# What a signed-in user may ask of the machine: people at work stay far below.
TABLES_BY_ONE_USER = Limit("tables-by-user", 40, timedelta(hours=1))
SHAPES_BY_ONE_USER = Limit("shapes-by-user", 300, timedelta(minutes=10))
LIMITS = (TABLES_BY_ONE_USER, SHAPES_BY_ONE_USER)

Counted = Iterable[tuple[Limit, str | None]]


class TooMany(Refusal):
    """A limit is reached; `until` is when it allows more."""

    def __init__(self, limit: Limit, until: datetime) -> None:
        super().__init__("This has been done very often in a short time. Please try again later.")
        self.limit = limit
        self.until = until


def digest_of(address: str) -> str:
    """Return a keyed digest to count a visitor's address by, without storing the address."""
    return salted_hmac("referrals.throttle", address, algorithm="sha256").hexdigest()


def count(counted: Counted, *, at: datetime) -> list[RateLimitCounter]:
    """Count once more for each (limit, whom), or raise TooMany, which undoes all of it with the caller's transaction.

    Rows stay locked until that transaction ends, so callers must name limits in the same order. A `whom` of None (a
    connection through a socket file has no address) is skipped, and so is a limit of 0, which is none.
    """
    counters = []
    rows = RateLimitCounter.objects.select_for_update()
    for limit, whom in counted:
        if whom is None or not limit.most:
            continue
        counter, is_new = rows.get_or_create(what=limit.what, whom=whom, defaults={"since": at, "count": 1})
        if not is_new:
            if until := limit.blocks_until(counter, at):
                raise TooMany(limit, until)
            is_over = counter.since <= at - limit.within
            counter.count = 1 if is_over else counter.count + 1
            counter.since = at if is_over or limit.slides else counter.since
            counter.save(update_fields=["count", "since"])
        counters.append(counter)
    return counters


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
    now = at or timezone.now()
    over = [RateLimitCounter.objects.filter(what=limit.what, since__lte=now - limit.within) for limit in limits]
    return sum(rows.delete()[0] for rows in over)
