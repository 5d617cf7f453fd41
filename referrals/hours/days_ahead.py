"""The coming days one by one, and the days with unusual hours."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import pgettext

from referrals.hours.bank_holidays import bank_holiday_name
from referrals.hours.days import weekday_and_date, weekday_name
from referrals.hours.timetable import DAY, Timetable
from referrals.hours.week import days_to_days, exceptional_periods, hours_in_words
from referrals.hours.words import join_notes

BANK_HOLIDAYS_AHEAD = timedelta(days=62)  # exceptions, which were entered by hand, are shown at any distance


class ComingDay(NamedTuple):
    """`hours` is empty if it is closed; `note` says why the hours are unusual, if known."""

    day: date
    name: str
    hours: str
    note: str


class UnusualDays(NamedTuple):
    """Days with unusual hours: "Friday 25 December", "closed (Christmas Day)"."""

    first_day: date
    days: str
    words: str


def coming_days(timetable: Timetable, today: date, *, count: int = 7) -> list[ComingDay]:
    """Return today and the days after it; empty if no hours are known, weekly or otherwise."""
    days = [today + timedelta(days=offset) for offset in range(count)]
    if not timetable.weekly and not any(timetable.exceptions_on(day) for day in days):
        return []
    return [ComingDay(day, capfirst(weekday_name(day)), _hours(timetable, day), _note(timetable, day)) for day in days]


def unusual_days(timetable: Timetable, today: date) -> list[UnusualDays]:
    """Return current and future exceptions, and the bank holidays of the next weeks that close a usual day."""
    found = [*_exceptions(timetable, today), *_bank_holidays(timetable, today)]
    return sorted(found, key=lambda days: days.first_day)


def _hours(timetable: Timetable, day: date) -> str:
    hours = {(opening.starts.time(), opening.ends.time()) for opening in timetable.openings_on(day)}
    return hours_in_words(hours) if hours else ""


def _note(timetable: Timetable, day: date) -> str:
    if exceptions := timetable.exceptions_on(day):
        return join_notes(exceptions)
    if timetable.loses_day_to_bank_holiday(day):
        return bank_holiday_name(day, timetable.bank_holidays_of)
    return ""


def _exceptions(timetable: Timetable, today: date) -> Iterator[UnusualDays]:
    for period in exceptional_periods(timetable):
        if period.last_day >= today:
            first = max(period.first_day, today)
            yield UnusualDays(first, _days_in_words(first, period.last_day, today), period.words)


def _bank_holidays(timetable: Timetable, today: date) -> Iterator[UnusualDays]:
    for offset in range(BANK_HOLIDAYS_AHEAD.days + 1):
        day = today + timedelta(days=offset)
        if not timetable.exceptions_on(day) and timetable.loses_day_to_bank_holiday(day):
            closed, name = pgettext("on these days", "closed"), bank_holiday_name(day, timetable.bank_holidays_of)
            yield UnusualDays(day, _days_in_words(day, day, today), f"{closed} ({name})")


def _days_in_words(first: date, last: date, today: date) -> str:
    words = weekday_and_date(first, today)
    if first != last:
        words = days_to_days(words, weekday_and_date(last, today), are_two=last - first == DAY)
    return capfirst(words)
