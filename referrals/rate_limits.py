"""How often something may be done without signing in: counted in the database, so that all web processes count alike.

A person's address, of the network or of e-mail, is never stored for it: only a digest that this installation's key
goes into, and that no longer than it counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals.models import RateLimitCounter
from referrals.workflow import Refusal


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` times `within` so long, from the first time on. Where two such spells meet it can be twice as often."""

    what: str
    most: int
    within: timedelta


class TooMany(Refusal):
    """It has been done too often; from `until` on it can be done again."""

    def __init__(self, limit: Limit, until: datetime) -> None:
        super().__init__("This has been done very often in a short time. Please try again later.")
        self.limit = limit
        self.until = until


def digest_of(address: str) -> str:
    """Return what an address is counted under. From it, without the installation's key, nobody finds the address."""
    return salted_hmac("referrals.throttle", address, algorithm="sha256").hexdigest()


def count(counted: Iterable[tuple[Limit, str | None]], *, at: datetime) -> None:
    """Count once more for each (limit, whom), or raise TooMany, which undoes all of it with the caller's transaction.

    Two at once are counted one after the other, as each waits for the other's row. Everybody names the limits in the
    same order, so that nobody waits for somebody who waits for them. Without a `whom` (a connection through a socket
    file has no address) that limit is passed over.
    """
    for limit, whom in counted:
        if whom is not None:
            _count_one(limit, whom, at)


def _count_one(limit: Limit, whom: str, at: datetime) -> None:
    rows = RateLimitCounter.objects.select_for_update()
    counter, is_new = rows.get_or_create(what=limit.what, whom=whom, defaults={"since": at, "count": 1})
    if is_new:
        return
    if counter.since <= at - limit.within:
        RateLimitCounter.objects.filter(pk=counter.pk).update(since=at, count=1)
        return
    if counter.count >= limit.most:
        raise TooMany(limit, counter.since + limit.within)
    RateLimitCounter.objects.filter(pk=counter.pk).update(count=F("count") + 1)


def prune(limits: Iterable[Limit], *, at: datetime | None = None) -> int:
    """Forget what counts no more; return how many rows that were."""
    now = at or timezone.now()
    over = [RateLimitCounter.objects.filter(what=limit.what, since__lte=now - limit.within) for limit in limits]
    return sum(rows.delete()[0] for rows in over)
