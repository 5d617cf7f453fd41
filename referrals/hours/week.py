"""A service's regular hours, and exceptions to them, in words for the public."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from referrals.hours.days import date_in_words, weekday_name
from referrals.hours.timetable import ExceptionalDays, Timetable, WeeklyOpening
from referrals.hours.words import add_notes
from referrals.words import join_in_words

_A_YEAR = timedelta(days=365)

Hours = tuple[time, time]
Season = tuple[date | None, date | None]


class ExceptionalPeriod(NamedTuple):
    """Consecutive days with the same exceptional hours."""

    first_day: date
    last_day: date
    words: str


def week_in_words(timetable: Timetable, today: date) -> list[str]:
    """Return lines such as "Monday to Friday 10:00 to 16:00", "Closed on bank holidays", "By appointment".

    Past seasons and exceptions are left out. Empty when nothing is known.
    """
    exceptions = [
        f"{_days_in_words(period.first_day, period.last_day)}: {period.words}"
        for period in exceptional_periods(timetable)
        if period.last_day >= today
    ]
    return [*_regular(timetable, today), *exceptions, *_appointment(timetable)]


def usual_week_in_words(timetable: Timetable, today: date) -> list[str]:
    return [*_regular(timetable, today), *_appointment(timetable)]


def _regular(timetable: Timetable, today: date) -> Iterator[str]:
    yield from _seasons_in_words(timetable.weekly, today)
    if timetable.bank_holidays_of:
        yield _("Closed on bank holidays")


def _appointment(timetable: Timetable) -> list[str]:
    return [_("By appointment")] if timetable.by_appointment else []


def _seasons_in_words(openings: Iterable[WeeklyOpening], today: date) -> Iterator[str]:
    # Hours without an end that have already begun are simply the regular hours.
    seasons: dict[Season, list[WeeklyOpening]] = {}
    for opening in openings:
        if opening.valid_to is None or opening.valid_to >= today:
            has_begun = opening.valid_from is None or opening.valid_from <= today
            begins = None if has_begun and opening.valid_to is None else opening.valid_from
            seasons.setdefault((begins, opening.valid_to), []).append(opening)
    yield from _weekdays_in_words(seasons.pop((None, None), []))
    for season in sorted(seasons, key=lambda season: (season[0] or date.min, season[1] or date.max)):
        yield f"{_season_in_words(season, today)}: {'; '.join(_weekdays_in_words(seasons[season]))}"


def _weekdays_in_words(openings: Iterable[WeeklyOpening]) -> Iterator[str]:
    hours: dict[int, set[Hours]] = {}
    for opening in openings:
        hours.setdefault(opening.weekday, set()).add((opening.opens, opening.closes))
    ordered = sorted(hours)
    # In a run of consecutive weekdays, weekday minus list index is constant.
    for __, days in groupby(ordered, key=lambda day: (hours[day], day - ordered.index(day))):
        first, *others = days
        written = {"days": _weekday_names(first, others), "hours": hours_in_words(hours[first])}
        yield capfirst(pgettext("a line of the week", "%(days)s %(hours)s") % written)


def _weekday_names(first: int, others: list[int]) -> str:
    if len(others) == 6:
        return _("Every day")
    if not others:
        return weekday_name(first)
    if len(others) == 1:
        words = pgettext("weekdays", "%(first)s and %(last)s")
    else:
        words = pgettext("weekdays", "%(first)s to %(last)s")
    return words % {"first": weekday_name(first), "last": weekday_name(others[-1])}


def hours_in_words(hours: Iterable[Hours]) -> str:
    return join_in_words([_opening_in_words(*opening) for opening in sorted(hours)])


def _opening_in_words(opens: time, closes: time) -> str:
    if opens == closes == time():
        return _("all day")
    if closes == time():
        words = _("%(opens)s to midnight")
    elif closes > opens:
        words = pgettext("hours", "%(opens)s to %(closes)s")
    else:
        words = _("%(opens)s to %(closes)s the next day")
    return words % {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}


def _season_in_words(season: Season, today: date) -> str:
    """Return "From 1 November to 31 March", with years if either end is more than a year away."""
    is_near = all(abs(day - today) < _A_YEAR for day in season if day)
    begins, ends = (date_in_words(day, with_year=not is_near) if day else "" for day in season)
    if not begins:
        words = _("Until %(last_day)s")
    else:
        words = _("From %(first_day)s to %(last_day)s") if ends else _("From %(first_day)s")
    return words % {"first_day": begins, "last_day": ends}


def exceptional_periods(timetable: Timetable) -> list[ExceptionalPeriod]:
    """Split overlapping exceptions where one begins or ends, and merge neighbours that say the same."""
    # Ordinals, because date.max + 1 day is no date.
    cuts = {exception.first_day.toordinal() for exception in timetable.exceptions}
    cuts |= {exception.last_day.toordinal() + 1 for exception in timetable.exceptions}
    periods: list[ExceptionalPeriod] = []
    for start, end in pairwise(sorted(cuts)):
        first, last = date.fromordinal(start), date.fromordinal(end - 1)
        if not (exceptions := timetable.exceptions_on(first)):
            continue
        words = _exceptions_in_words(exceptions)
        if periods and periods[-1].words == words and periods[-1].last_day.toordinal() == start - 1:
            first = periods.pop().first_day
        periods.append(ExceptionalPeriod(first, last, words))
    return periods


def _exceptions_in_words(exceptions: list[ExceptionalDays]) -> str:
    is_open = [exception for exception in exceptions if exception.opens is not None]
    if not is_open:
        return add_notes(pgettext("on these days", "closed"), exceptions)
    return add_notes(hours_in_words({(row.opens, row.closes) for row in is_open}), is_open)


def _days_in_words(first: date, last: date) -> str:
    """Return "25 December 2026", "25 and 26 December 2026", "30 December 2026 to 2 January 2027"."""
    if first == last:
        return date_in_words(first)
    if (first.year, first.month) == (last.year, last.month):
        start = f"{first.day}"
    else:
        start = date_in_words(first, with_year=first.year != last.year)
    return days_to_days(start, date_in_words(last), are_two=(last - first).days == 1)


def days_to_days(first: str, last: str, *, are_two: bool) -> str:
    """Return "25 and 26 December" or "25 to 27 December"."""
    words = pgettext("dates", "%(first)s and %(last)s") if are_two else pgettext("dates", "%(first)s to %(last)s")
    return words % {"first": first, "last": last}
