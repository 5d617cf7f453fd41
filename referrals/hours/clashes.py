"""Hours that cannot both be meant: openings of one service that run into each other, and likely slips of the pen."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from itertools import combinations

from referrals.enums import Weekday
from referrals.hours.timetable import DAY, ExceptionalDays, WeeklyOpening

LONGEST_OVERNIGHT = timedelta(hours=18)

Days = tuple[date, date]


def overlapping_openings(openings: Iterable[WeeklyOpening]) -> Iterator[tuple[WeeklyOpening, WeeklyOpening]]:
    """Yield pairs that on some date run into each other, be it past midnight or from Sunday to Monday."""
    for one, other in combinations(sorted(openings, key=lambda opening: (opening.weekday, opening.opens)), 2):
        if any(_share_a_day(one, other, later) for later in _days_later(one, other)):
            yield one, other


def overlapping_exceptions(rows: Iterable[ExceptionalDays]) -> Iterator[tuple[ExceptionalDays, ExceptionalDays]]:
    timed = [row for row in rows if row.opens is not None]
    for one, other in combinations(sorted(timed, key=lambda row: (row.first_day, row.opens)), 2):
        for later in _days_later(one, other):
            first, last = _common((one.first_day, one.last_day), (other.first_day, other.last_day), later)
            if first <= last:
                yield one, other
                break


def describe_overlap(one: WeeklyOpening | ExceptionalDays, other: WeeklyOpening | ExceptionalDays) -> str:
    """Return "Monday 22:00 to 02:00 and Tuesday 01:00 to 03:00 overlap."."""
    days, other_days = _name_days(one), _name_days(other)
    other_words = _name_times(other) if days == other_days else f"{other_days} {_name_times(other)}"
    return f"{days} {_name_times(one)} and {other_words} overlap. Make them one, or correct one."


def describe_slip(opens: time, closes: time) -> str:
    """Return what is odd about times such as 13:00 to 12:00, more likely a slip than 23 hours; "" if nothing is.

    Whoever means 23 hours writes two openings; day and night is from 00:00 to 00:00.
    """
    lasts = _length(opens, closes)
    if lasts <= LONGEST_OVERNIGHT or closes > opens or opens == closes == time():
        return ""
    words = f"That would be {lasts // timedelta(hours=1)} hours, until {closes:%H:%M} the next day."
    if opens == closes:
        return f"{words} Write 00:00 to 00:00 if it is open all day and night; else one of the times is wrong."
    return f"{words} Is one of the times wrong?"


def _name_days(row: WeeklyOpening | ExceptionalDays) -> str:
    return Weekday(row.weekday).label if isinstance(row, WeeklyOpening) else f"{row.first_day:%d %B %Y}"


def _name_times(row: WeeklyOpening | ExceptionalDays) -> str:
    return f"{row.opens:%H:%M} to {row.closes:%H:%M}"


def _at(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _length(opens: time, closes: time) -> timedelta:
    return _at(closes) - _at(opens) + (DAY if closes <= opens else timedelta())


def _days_later(one: WeeklyOpening | ExceptionalDays, other: WeeklyOpening | ExceptionalDays) -> Iterator[timedelta]:
    """Yield how many days after one opening the other would have to begin for both to be open at once."""
    for later in (-DAY, timedelta(), DAY):
        begins, other_begins = _at(one.opens), later + _at(other.opens)
        ends, other_ends = begins + _length(one.opens, one.closes), other_begins + _length(other.opens, other.closes)
        if begins < other_ends and other_begins < ends:
            yield later


def _common(days: Days, other_days: Days, later: timedelta) -> Days:
    """Return the first and last of `days` after which, so many days later, one of `other_days` follows."""
    first, last = other_days
    first = first if first == date.min or later > first - date.min else first - later
    last = last if last == date.max or -later > date.max - last else last - later
    return max(days[0], first), min(days[1], last)


def _share_a_day(one: WeeklyOpening, other: WeeklyOpening, later: timedelta) -> bool:
    if (one.weekday + later.days) % 7 != other.weekday:
        return False
    season, other_season = ((s.valid_from or date.min, s.valid_to or date.max) for s in (one, other))
    first, last = _common(season, other_season, later)
    return first <= last and (one.weekday - first.weekday()) % 7 <= (last - first).days
