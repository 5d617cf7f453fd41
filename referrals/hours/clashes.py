"""Hours that are probably a mistake: two openings of a service that overlap, and times that look like a slip."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from itertools import combinations

from referrals.enums import Weekday
from referrals.hours.timetable import DAY, ExceptionalDays, WeeklyOpening

LONGEST_OVERNIGHT = timedelta(hours=18)

Days = tuple[date, date]


def overlapping_openings(openings: Iterable[WeeklyOpening]) -> Iterator[tuple[WeeklyOpening, WeeklyOpening]]:
    """Yield the pairs that overlap on some date, whether past midnight or from Sunday into Monday."""
    for one, other in combinations(sorted(openings, key=lambda opening: (opening.weekday, opening.opens)), 2):
        if any(_meet_on_a_day(one, other, later) for later in _days_later(one, other)):
            yield one, other


def overlapping_exceptions(rows: Iterable[ExceptionalDays]) -> Iterator[tuple[ExceptionalDays, ExceptionalDays]]:
    timed = [row for row in rows if row.opens is not None]
    for one, other in combinations(sorted(timed, key=lambda row: (row.first_day, row.opens)), 2):
        for later in _days_later(one, other):
            first, last = _days_in_both((one.first_day, one.last_day), (other.first_day, other.last_day), later)
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

    Anyone who does mean 23 hours can write two openings; 00:00 to 00:00 is day and night.
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


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _length(opens: time, closes: time) -> timedelta:
    return _since_midnight(closes) - _since_midnight(opens) + (DAY if closes <= opens else timedelta())


def _days_later(one: WeeklyOpening | ExceptionalDays, other: WeeklyOpening | ExceptionalDays) -> Iterator[timedelta]:
    """Yield how many days after one opening the other would have to begin for both to be open at once."""
    for later in (-DAY, timedelta(), DAY):
        begins, other_begins = _since_midnight(one.opens), later + _since_midnight(other.opens)
        ends, other_ends = begins + _length(one.opens, one.closes), other_begins + _length(other.opens, other.closes)
        if begins < other_ends and other_begins < ends:
            yield later


def _days_in_both(days: Days, other_days: Days, later: timedelta) -> Days:
    """Return the first and last of `days` that lie within `other_days` once moved on by `later`; last < first if none.

    Days at the ends of the calendar stand for "no end" and are not moved.
    """
    first, last = other_days
    first = first if first == date.min or later > first - date.min else first - later
    last = last if last == date.max or -later > date.max - last else last - later
    return max(days[0], first), min(days[1], last)


def _meet_on_a_day(one: WeeklyOpening, other: WeeklyOpening, later: timedelta) -> bool:
    if (one.weekday + later.days) % 7 != other.weekday:
        return False
    season, other_season = ((s.valid_from or date.min, s.valid_to or date.max) for s in (one, other))
    first, last = _days_in_both(season, other_season, later)
    return first <= last and (one.weekday - first.weekday()) % 7 <= (last - first).days
