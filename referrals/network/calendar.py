"""When the services of a network are open in a week: hour by hour, and the hours in which there is nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils.dates import WEEKDAYS

from referrals.hours import Opening
from referrals.words import join_in_words

HOUR = timedelta(hours=1)
DAY_BEGINS, DAY_ENDS = 8, 20  # o'clock: outside these hours nobody expects a service to be open

Openings = Mapping[int, Sequence[Opening]]  # by the key of the service


class HourCount(NamedTuple):
    """How many services are open at some time in the hour that `begins`, and how many of them have room."""

    begins: datetime
    number: int
    with_room: int


@dataclass(frozen=True, slots=True)
class OpenHours:
    """The days of a week, or one, and for each of their hours, in order, how many services are open."""

    days: list[date]
    counts: list[HourCount]

    def of(self, day: date) -> list[HourCount]:
        first = (day - self.days[0]).days * 24
        return self.counts[first : first + 24]


def count_open_hours(openings: Openings, days: Sequence[date], *, with_room: Collection[int]) -> OpenHours:
    """Count for each hour of `days`, which follow each other, the services that are open at some time in it."""
    begin = datetime.combine(days[0], time())
    number, room = [0] * 24 * len(days), [0] * 24 * len(days)
    for service, spells in openings.items():
        hours = {hour for spell in spells for hour in _hours_of(spell, begin, len(number))}
        has_room = service in with_room
        for hour in hours:
            number[hour] += 1
            room[hour] += has_room
    counts = [HourCount(begin + hour * HOUR, *both) for hour, both in enumerate(zip(number, room, strict=True))]
    return OpenHours(list(days), counts)


def _hours_of(spell: Opening, begin: datetime, hours: int) -> range:
    first = (spell.starts - begin) // HOUR
    last = -((begin - spell.ends) // HOUR)  # rounded up
    return range(max(first, 0), min(last, hours))


def shown_hours(open_hours: OpenHours) -> tuple[int, int]:
    """Return from which hour to which, of 24, something is open on any of the days; at least those of the daytime."""
    at_work = [count.begins.hour for count in open_hours.counts if count.number]
    return min([DAY_BEGINS, *at_work]), max([DAY_ENDS, *(hour + 1 for hour in at_work)])


def gaps_in_words(open_hours: OpenHours) -> list[str]:
    """Return lines such as "Nothing on Sunday after 13:00": the hours of the daytime in which no service is open."""
    days_of: dict[tuple[int, int], list[date]] = {}
    for day in open_hours.days:
        for gap in _gaps_of(open_hours.of(day)):
            days_of.setdefault(gap, []).append(day)
    return [f"Nothing on {_days_in_words(days)}{_span_in_words(gap)}" for gap, days in sorted(days_of.items())]


def _gaps_of(counts: Sequence[HourCount]) -> Iterator[tuple[int, int]]:
    if not any(count.number for count in counts):
        yield 0, 24
        return
    hours = counts[DAY_BEGINS:DAY_ENDS]
    for is_open, run in groupby(hours, key=lambda count: count.number > 0):
        hours_of_run = [count.begins.hour for count in run]
        if not is_open:
            yield hours_of_run[0], hours_of_run[-1] + 1


def _span_in_words(gap: tuple[int, int]) -> str:
    begins, ends = gap
    if gap == (0, 24):
        return ""
    if begins == DAY_BEGINS and ends != DAY_ENDS:
        return f" before {ends:02}:00"
    if ends == DAY_ENDS and begins != DAY_BEGINS:
        return f" after {begins:02}:00"
    return f" from {begins:02}:00 to {ends:02}:00"


def _days_in_words(days: Sequence[date]) -> str:
    """Return "Monday to Friday and Sunday"."""
    runs = [[day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1].toordinal() - pair[0])]
    names = [[str(WEEKDAYS[day.weekday()]) for day in run] for run in runs]
    return join_in_words([name for run in names for name in (run if len(run) < 3 else [f"{run[0]} to {run[-1]}"])])


def busiest_in_words(open_hours: OpenHours) -> str:
    """Return "Most are open on Tuesday from 10:00 to 12:00: 23"; empty if none is ever open."""
    most = max((count.number for count in open_hours.counts), default=0)
    if not most:
        return ""
    first = next(hour for hour, count in enumerate(open_hours.counts) if count.number == most)
    last = first
    while last + 1 < len(open_hours.counts) and open_hours.counts[last + 1].number == most and (last + 1) % 24:
        last += 1
    begins, ends = open_hours.counts[first].begins, open_hours.counts[last].begins + HOUR
    return f"Most are open on {WEEKDAYS[begins.weekday()]} from {begins:%H:%M} to {ends:%H:%M}: {most}"
