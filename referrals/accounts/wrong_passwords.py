"""Limits on wrong passwords, by account and by address. Unknown accounts count like any other.

Unlike visitors' counters, these name accounts and addresses: operators have to see who is locked out, and tell an
attacker from a colleague. A counter is deleted a quarter of an hour after its last wrong password.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django_q.tasks import async_task

from referrals.models import RateLimitCounter
from referrals.rate_limits import Counted, Limit, TooMany, blocked_until, count

WINDOW = timedelta(minutes=15)
# Only the first window slides: in an office that shares an address, somebody always mistyped a minute ago.
# More than anyone's typing errors. The account's owner can still sign in from elsewhere.
FROM_ONE_ADDRESS = Limit("wrong-password-account-and-address", 10, WINDOW, slides=True)
# An attacker with many addresses has some 3,000 tries a day, and the owner is warned.
ON_ONE_ACCOUNT = Limit("wrong-password-account", 30, WINDOW)
# An attacker trying many accounts. An office of a hundred people makes fewer mistakes at once.
BY_ONE_ADDRESS = Limit("wrong-password-address", 100, WINDOW)
LIMITS = (FROM_ONE_ADDRESS, ON_ONE_ACCOUNT, BY_ONE_ADDRESS)

_UNKNOWN_ADDRESS = "an unknown address"  # of a connection through a socket file
_FROM = " from "


def account_name(typed: str) -> str:
    """Normalise a typed address, so that capitals do not get a second set of tries."""
    return typed.replace("\0", "").strip().lower()[:255]


def _counted(account: str, address: str | None) -> Counted:
    address = address or _UNKNOWN_ADDRESS
    return [(FROM_ONE_ADDRESS, account + _FROM + address), (ON_ONE_ACCOUNT, account), (BY_ONE_ADDRESS, address)]


def refused_until(email: str, address: str | None) -> datetime | None:
    """Return when passwords for this account will be checked again from this address; None if they are checked now."""
    return blocked_until(_counted(account_name(email), address), at=timezone.now())


@transaction.atomic
def count_wrong_password(email: str, address: str | None) -> None:
    try:
        with transaction.atomic():
            counters = count(_counted(account_name(email), address), at=timezone.now())
    except TooMany:  # a simultaneous try has just reached the limit
        return
    pair, account, _ = counters
    if pair.count == FROM_ONE_ADDRESS.most or account.count == ON_ONE_ACCOUNT.most:
        async_task("referrals.tasks.warn_account_owner", account.pk)


def forgive_own(email: str, address: str | None) -> None:
    """Clear the mistakes of a user who has signed in, leaving other people's at the same address or account."""
    (_, pair), *_ = _counted(account_name(email), address)
    _forgive(account_name(email), whom=pair)


def forgive_all(email: str) -> None:
    """Clear all mistakes on this account, whose owner has proved their address by e-mail."""
    account = account_name(email)
    _forgive(account, whom__startswith=account + _FROM)
    RateLimitCounter.objects.filter(what=ON_ONE_ACCOUNT.what, whom=account).delete()


@transaction.atomic
def _forgive(account: str, **lookup: str) -> None:
    """Delete counters for account and address together, and subtract their counts from those for each alone."""
    pairs = RateLimitCounter.objects.select_for_update().filter(what=FROM_ONE_ADDRESS.what, **lookup)
    for pair in pairs.order_by("whom"):  # by address, so that two who are forgiven at once cannot deadlock
        address = pair.whom.removeprefix(account + _FROM)
        if pair.since > timezone.now() - WINDOW:
            for limit, whom in ((ON_ONE_ACCOUNT, account), (BY_ONE_ADDRESS, address)):
                counter = RateLimitCounter.objects.filter(what=limit.what, whom=whom)
                counter.update(count=Greatest(F("count") - pair.count, 0))
        pair.delete()


def refused_names() -> set[str]:
    refused = set()
    for limit in LIMITS:
        blocking = RateLimitCounter.objects.filter(
            what=limit.what, count__gte=limit.most, since__gt=timezone.now() - limit.within
        )
        names = blocking.values_list("whom", flat=True)
        refused |= {name.rpartition(_FROM)[0] for name in names} if limit is FROM_ONE_ADDRESS else {*names}
    return refused
