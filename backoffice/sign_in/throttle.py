"""How many wrong passwords are looked at, and from whom. Accounts that do not exist are counted like any other."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django_q.tasks import async_task

from referrals.accounts.passwords import RESETS_KEPT
from referrals.client_address import client_address

# Counts start again after a success, or a quarter of an hour without a mistake.
WINDOW = settings.AXES_COOLOFF_TIME
FROM_ONE_ADDRESS = 10  # nobody mistypes a password ten times; the account's owner, elsewhere, still gets in
ON_ONE_ACCOUNT = 30  # a guesser with many addresses: some 3,000 tries a day at most, and the owner knows
BY_ONE_ADDRESS = 100  # a guesser with many accounts; an office of a hundred people makes fewer mistakes at once

RESETS_BY_ONE_ADDRESS = 20
RESET_WINDOW = RESETS_KEPT


class Count(NamedTuple):
    account: str | None
    address: str | None
    failures: int
    at: datetime


def account_name(request: HttpRequest, credentials: dict | None) -> str:
    """Return the address typed as accounts are looked up by it, so that capitals make no second account to count."""
    given = credentials or {}
    return (given.get("username") or given.get("email") or "").strip().lower()[:255]


def refused_until(account: str, address: str | None) -> datetime | None:
    """Return until when passwords for this account from this address are not looked at; None when they are."""
    found = _recent().filter(Q(username=account) | Q(ip_address=address))
    columns = ("username", "ip_address", "failures_since_start", "attempt_time")
    counts = [Count(*row) for row in found.values_list(*columns)]
    of_account = [count for count in counts if count.account == account]
    of_address = [count for count in counts if count.address == address]
    ends = [
        _end((count for count in of_account if count.address == address), FROM_ONE_ADDRESS),
        _end(of_account, ON_ONE_ACCOUNT),
        _end(of_address, BY_ONE_ADDRESS),
    ]
    return max((end for end in ends if end), default=None)


def _end(counts: Iterable[Count], limit: int) -> datetime | None:
    """Return when so many counts have grown old that the rest is below the limit; None if it is so already."""
    failures = 0
    for count in sorted(counts, key=lambda count: count.at, reverse=True):
        failures += count.failures
        if failures >= limit:
            return count.at + WINDOW
    return None


def _recent() -> QuerySet:
    return AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - WINDOW)


def forgive(account: str) -> None:
    """Look at passwords for this account again: its owner has shown, by mail, to be its owner."""
    AccessAttempt.objects.filter(username=account.lower()).delete()


def refused_accounts() -> set[str]:
    """Return the accounts, existing or not, for which some or all passwords are not looked at now."""
    from_one_address = _recent().filter(failures_since_start__gte=FROM_ONE_ADDRESS)
    by_account = _recent().order_by().values("username").annotate(failures=Sum("failures_since_start"))
    from_many = by_account.filter(failures__gte=ON_ONE_ACCOUNT).values_list("username", flat=True)
    return {*from_one_address.values_list("username", flat=True), *from_many}


def refused_addresses() -> set[str]:
    by_address = _recent().order_by().values("ip_address").annotate(failures=Sum("failures_since_start"))
    return {*by_address.filter(failures__gte=BY_ONE_ADDRESS).values_list("ip_address", flat=True)}


class Throttle(AxesDatabaseHandler):
    """django-axes with three limits in place of one, and no more stored of a try than what is counted."""

    def is_locked(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        return refused_until(account_name(request, credentials), request.axes_ip_address) is not None

    def user_login_failed(self, sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
        """Count a wrong password. One that was not looked at is not counted: that would lengthen the wait."""
        if request is None or request.axes_locked_out:
            return
        self.clean_expired_user_attempts(request)
        attempt = self._count(account_name(request, credentials), request)
        if self._has_just_locked(attempt):
            async_task("referrals.tasks.tell_of_lock", attempt.pk)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """Forget the mistakes of whoever signed in, not those of others at the same address or the same account."""
        own = AccessAttempt.objects.filter(
            username=account_name(request, credentials), ip_address=request.axes_ip_address
        )
        return own.delete()[0]

    def _count(self, account: str, request: HttpRequest) -> AccessAttempt:
        with transaction.atomic():
            attempt, is_new = AccessAttempt.objects.select_for_update().get_or_create(
                username=account,
                ip_address=request.axes_ip_address,
                user_agent="",
                defaults={"failures_since_start": 1, "path_info": request.axes_path_info},
            )
            if not is_new:
                attempt.failures_since_start = F("failures_since_start") + 1
                attempt.attempt_time = request.axes_attempt_time
                attempt.save(update_fields=["failures_since_start", "attempt_time"])
                attempt.refresh_from_db()
        return attempt

    def _has_just_locked(self, attempt: AccessAttempt) -> bool:
        of_account = _recent().filter(username=attempt.username)
        failures = of_account.aggregate(failures=Sum("failures_since_start"))["failures"]
        return attempt.failures_since_start == FROM_ONE_ADDRESS or failures == ON_ONE_ACCOUNT


def take_reset(request: HttpRequest) -> bool:
    """Count that somebody asks for a new password; False when this address has asked too often within the hour."""
    since = timezone.now() - RESET_WINDOW
    AccessFailureLog.objects.filter(attempt_time__lte=since).delete()
    address = client_address(request)
    if AccessFailureLog.objects.filter(ip_address=address).count() >= RESETS_BY_ONE_ADDRESS:
        return False
    AccessFailureLog.objects.create(ip_address=address, path_info=request.path[:255])
    return True
