"""A service's opening hours as one value, and the openings they give on given dates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from referrals.hours.bank_holidays import is_bank_holiday
from referrals.models import Service

LONDON = ZoneInfo("Europe/London")
LOOK_AHEAD = timedelta(days=7)

DAY = timedelta(days=1)


class WeeklyOpening(NamedTuple):
    """A row of `OpeningHours`. It ends the next day when `closes` is not later than `opens`."""

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_to: date | None = None

    def is_in_season(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class ExceptionalDays(NamedTuple):
    """A row of `OpeningException`, which replaces the weekly hours: closed if it has no times."""

    first_day: date
    last_day: date
    opens: time | None = None
    closes: time | None = None
    note: str = ""

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


class Opening(NamedTuple):
    """On one date, in local time."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a service is open. `bank_holidays_of` is the country whose bank holidays close it; None if none do."""

    weekly: tuple[WeeklyOpening, ...] = ()
    exceptions: tuple[ExceptionalDays, ...] = ()
    bank_holidays_of: str | None = None
    by_appointment: bool = False

    @classmethod
    def of(cls, service: Service) -> Self:
        """No query if `opening_hours`, `opening_exceptions` and `network` are loaded."""
        return cls(
            weekly=tuple(
                WeeklyOpening(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to)
                for row in service.opening_hours.all()
            ),
            exceptions=tuple(
                ExceptionalDays(row.first_day, row.last_day, row.opens, row.closes, row.note)
                for row in service.opening_exceptions.all()
            ),
            bank_holidays_of=service.network.country if service.closed_on_bank_holidays else None,
            by_appointment=service.by_appointment,
        )

    def exceptions_on(self, day: date) -> list[ExceptionalDays]:
        return [exception for exception in self.exceptions if exception.covers(day)]

    def is_closed_bank_holiday(self, day: date) -> bool:
        """Ignores exceptions, which take precedence."""
        return self.bank_holidays_of is not None and is_bank_holiday(day, self.bank_holidays_of)

    def loses_day_to_bank_holiday(self, day: date) -> bool:
        """Whether it is closed on a day when it would otherwise open, as far as its weekly hours are known."""
        would_open = not self.weekly or bool(self.weekly_on(day))
        return would_open and self.is_closed_bank_holiday(day)

    def weekly_on(self, day: date) -> list[WeeklyOpening]:
        """Ignores exceptions and bank holidays."""
        return [row for row in self.weekly if row.weekday == day.weekday() and row.is_in_season(day)]

    def openings_on(self, day: date) -> Iterator[Opening]:
        if exceptions := self.exceptions_on(day):
            yield from (_opening(day, row.opens, row.closes) for row in exceptions if row.opens is not None)
        elif not self.is_closed_bank_holiday(day):
            yield from (_opening(day, row.opens, row.closes) for row in self.weekly_on(day))


def local_time(at: datetime) -> datetime:
    """Return London time at `at` (aware), without a zone."""
    return at.astimezone(LONDON).replace(tzinfo=None)


def openings(timetable: Timetable, first: date, last: date) -> list[Opening]:
    """Return the openings that start from `first` to `last`, both included, in order. Adjoining ones are merged."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return merge_openings(opening for day in days for opening in timetable.openings_on(day))


def merge_openings(openings: Iterable[Opening]) -> list[Opening]:
    """Return the openings in order; those that overlap or adjoin are one."""
    merged: list[Opening] = []
    for opening in sorted(openings):
        if merged and opening.starts <= merged[-1].ends:
            merged[-1] = Opening(merged[-1].starts, max(merged[-1].ends, opening.ends))
        else:
            merged.append(opening)
    return merged


def current_or_next(timetable: Timetable, now: datetime, *, within: timedelta = LOOK_AHEAD) -> Opening | None:
    """Return the opening at local time `now`, else the next that starts by `now + within`, else None.

    An opening that is under way starts in the past. One that never ends is cut off, but not before `now + within`.
    """
    latest = now + within
    for opening in openings(timetable, now.date() - DAY, latest.date()):
        if opening.ends > now:
            return opening if opening.starts <= latest else None
    return None


def _opening(day: date, opens: time, closes: time) -> Opening:
    starts, ends = datetime.combine(day, opens), datetime.combine(day, closes)
    return Opening(starts, ends if ends > starts else ends + DAY)
