"""When an answer is due: days counted as the network counts them, in local time."""

from datetime import datetime, timedelta
from functools import lru_cache

import holidays
from django.utils import timezone

from referrals.enums import DayCounting


@lru_cache(maxsize=8)
def _bank_holidays(country: str) -> holidays.HolidayBase:
    """Return the bank holidays of a part of the United Kingdom; years are worked out as they are asked for."""
    return holidays.country_holidays("GB", subdiv=country)


def add_days(start: datetime, days: int, *, counting: str, country: str) -> datetime:
    """Return the same time of day, `days` days after `start` (aware).

    Working days leave out Saturdays, Sundays and the country's bank holidays: two working days from a Saturday end
    on Tuesday. The clock on the wall counts, so a day across a clock change has 23 or 25 hours.
    """
    wall = timezone.localtime(start).replace(tzinfo=None)
    if counting == DayCounting.CALENDAR:
        wall += timedelta(days=days)
    else:
        left = days
        while left:
            wall += timedelta(days=1)
            left -= wall.weekday() < 5 and wall.date() not in _bank_holidays(country)
    return timezone.make_aware(wall)
