"""The days to come, one by one: what a table of the week shows, and which days depart from the usual."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import pgettext

from referrals.hours.bank_holidays import bank_holiday_name
from referrals.hours.days import weekday_and_date, weekday_name
from referrals.hours.timetable import DAY, Timetable
from referrals.hours.week import between, hours_in_words, stretches

BANK_HOLIDAYS_AHEAD = timedelta(days=62)  # exceptions are told however far they are: somebody wrote each of them


class ComingDay(NamedTuple):
    """`hours` is empty when it is closed; `note` says why a day departs from the usual, where anybody said."""

    day: date
    name: str
    hours: str
    note: str


class Ahead(NamedTuple):
    """Days that depart from the usual: "Friday 25 December", "closed (Christmas Day)"."""

    first_day: date
    days: str
    words: str


def coming_days(timetable: Timetable, today: date, *, count: int = 7) -> list[ComingDay]:
    """Return today and the days after it. Empty when no hours are known at all, weekly or on these days."""
    days = [today + timedelta(days=offset) for offset in range(count)]
    if not timetable.spells and not any(timetable.exceptions_on(day) for day in days):
        return []
    return [ComingDay(day, capfirst(weekday_name(day)), _hours(timetable, day), _note(timetable, day)) for day in days]


def ahead(timetable: Timetable, today: date) -> list[Ahead]:
    """Return exceptions that are not over, and bank holidays soon that would otherwise be open, in order."""
    found = [*_exceptions(timetable, today), *_bank_holidays(timetable, today)]
    return sorted(found, key=lambda one: one.first_day)


def _hours(timetable: Timetable, day: date) -> str:
    hours = {(opening.starts.time(), opening.ends.time()) for opening in timetable.openings_on(day)}
    return hours_in_words(hours) if hours else ""


def _note(timetable: Timetable, day: date) -> str:
    if exceptions := timetable.exceptions_on(day):
        told = dict.fromkeys(" ".join(exception.note.split()) for exception in exceptions)
        return ", ".join(filter(None, told))
    return _bank_holiday(timetable, day)


def _bank_holiday(timetable: Timetable, day: date) -> str:
    """Name the bank holiday that closes a day on which there would be hours."""
    would_open = timetable.weekly_on(day) or not timetable.spells
    if timetable.bank_holidays_of and would_open and timetable.is_closed_bank_holiday(day):
        return bank_holiday_name(day, timetable.bank_holidays_of)
    return ""


def _exceptions(timetable: Timetable, today: date) -> Iterator[Ahead]:
    for stretch in stretches(timetable):
        if stretch.last_day >= today:
            first = max(stretch.first_day, today)
            yield Ahead(first, _days_in_words(first, stretch.last_day, today), stretch.words)


def _bank_holidays(timetable: Timetable, today: date) -> Iterator[Ahead]:
    for offset in range(BANK_HOLIDAYS_AHEAD.days + 1):
        day = today + timedelta(days=offset)
        name = "" if timetable.exceptions_on(day) else _bank_holiday(timetable, day)
        if name:
            closed = pgettext("on these days", "closed")
            yield Ahead(day, _days_in_words(day, day, today), f"{closed} ({name})")


def _days_in_words(first: date, last: date, today: date) -> str:
    words = weekday_and_date(first, today)
    if first != last:
        words = between(words, weekday_and_date(last, today), are_two=last - first == DAY)
    return capfirst(words)
