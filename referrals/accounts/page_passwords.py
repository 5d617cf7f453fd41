"""Limits on guessing the password with which editors have protected a page or document."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from referrals.rate_limits import Limit, count, digest_of

WINDOW = timedelta(minutes=15)
FROM_ONE_CLIENT = Limit("page-password-by-client", 10, WINDOW)
# An attacker with many addresses has some 10,000 tries a day; a meeting that opens the same page at once has room.
OF_ONE_PAGE = Limit("page-password", 100, WINDOW)
LIMITS = (FROM_ONE_CLIENT, OF_ONE_PAGE)


@transaction.atomic
def count_page_password(restriction: str, *, client: str | None) -> None:
    """Count a try, right or wrong, at the password of `restriction`. Raises TooMany."""
    count([(FROM_ONE_CLIENT, digest_of(client)), (OF_ONE_PAGE, restriction)], at=timezone.now())
