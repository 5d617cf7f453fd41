"""When an answer is due, counted in the network's kind of days, and when somebody may be told that it is missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from referrals.enums import DayCounting
from referrals.hours.bank_holidays import is_bank_holiday
from referrals.models import Network

# Nobody is reminded, and no offer lapses, at night.
DAY_BEGINS, DAY_ENDS = time(8), time(18)


@dataclass(frozen=True, slots=True)
class AnswerCalendar:
    """The days on which a network waits for answers. All times are local.

    With `counting` in calendar days these are all; in working days, all but weekends, the country's bank holidays, and
    `closed_days`, which the network adds.
    """

    counting: str
    country: str
    closed_days: Collection[date] = ()

    @classmethod
    def of(cls, network: Network) -> "AnswerCalendar":
        return cls(network.day_counting, network.country, network.closed_days)

    def add_days(self, start: datetime, days: int) -> datetime:
        """Return the same time of day, `days` days after `start` (aware), or the next morning where that is at night.

        Two working days from a Saturday end on Tuesday. A day across a clock change has 23 or 25 hours.
        """
        wall = timezone.localtime(start).replace(tzinfo=None)
        while days:
            wall += timedelta(days=1)
            days -= self.counts(wall.date())
        return timezone.make_aware(self._move_into_day(wall))

    def is_daytime(self, moment: datetime) -> bool:
        """Whether an organisation may be reminded at this moment, as a schedule that runs late has to ask."""
        wall = timezone.localtime(moment)
        return DAY_BEGINS <= wall.time() < DAY_ENDS and self.counts(wall.date())

    def counts(self, day: date) -> bool:
        if self.counting == DayCounting.CALENDAR:
            return True
        return day.weekday() < 5 and not is_bank_holiday(day, self.country) and day not in self.closed_days

    def _move_into_day(self, wall: datetime) -> datetime:
        if wall.time() >= DAY_ENDS:
            wall = datetime.combine(wall + timedelta(days=1), DAY_BEGINS)
        while not self.counts(wall.date()):
            wall = datetime.combine(wall + timedelta(days=1), DAY_BEGINS)
        return wall if wall.time() >= DAY_BEGINS else datetime.combine(wall, DAY_BEGINS)
