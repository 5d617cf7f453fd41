"""When an answer is due, counted in the network's kind of days and local time."""

from datetime import datetime, timedelta

from django.utils import timezone

from referrals.enums import DayCounting
from referrals.hours.bank_holidays import is_bank_holiday


def add_days(start: datetime, days: int, *, counting: str, country: str) -> datetime:
    """Return the same time of day, `days` days after `start` (aware).

    Working days leave out weekends and the country's bank holidays: two working days from a Saturday end on Tuesday.
    Local time counts, so a day across a clock change has 23 or 25 hours.
    """
    wall = timezone.localtime(start).replace(tzinfo=None)
    if counting == DayCounting.CALENDAR:
        wall += timedelta(days=days)
    else:
        while days:
            wall += timedelta(days=1)
            if wall.weekday() < 5 and not is_bank_holiday(wall.date(), country):
                days -= 1
    return timezone.make_aware(wall)
