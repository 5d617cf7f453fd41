"""How the public reads a service's regular hours and what departs from them."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from referrals.enums import Weekday
from referrals.opening_hours.timetable import ExceptionalDays, Timetable, WeeklySpell
from referrals.opening_hours.words import notes_in_brackets

_A_YEAR = timedelta(days=365)

Hours = tuple[time, time]
Season = tuple[date | None, date | None]


class Stretch(NamedTuple):
    """Days in a row on which the same exceptional hours hold."""

    first_day: date
    last_day: date
    words: str


def week_in_words(timetable: Timetable, today: date) -> list[str]:
    """Return lines such as "Monday to Friday 10:00 to 16:00", "Closed on bank holidays", "By appointment".

    Seasons and exceptions that are over are left out. Empty when nothing is known.
    """
    exceptions = [
        f"{_days_in_words(stretch.first_day, stretch.last_day)}: {stretch.words}"
        for stretch in stretches(timetable)
        if stretch.last_day >= today
    ]
    return [*_regular(timetable, today), *exceptions, *_appointment(timetable)]


def usual_week_in_words(timetable: Timetable, today: date) -> list[str]:
    """Return the lines of `week_in_words` without those of single days, for where these are told beside it."""
    return [*_regular(timetable, today), *_appointment(timetable)]


def _regular(timetable: Timetable, today: date) -> Iterator[str]:
    yield from _seasons_in_words(timetable.spells, today)
    if timetable.bank_holidays_of:
        yield "Closed on bank holidays"


def _appointment(timetable: Timetable) -> list[str]:
    return ["By appointment"] if timetable.by_appointment else []


def _seasons_in_words(spells: Iterable[WeeklySpell], today: date) -> Iterator[str]:
    """Yield the lines of all the year, then one for each season. A season without end that has begun is no season."""
    seasons: dict[Season, list[WeeklySpell]] = {}
    for spell in spells:
        if spell.valid_to is None or spell.valid_to >= today:
            has_begun = spell.valid_from is None or spell.valid_from <= today
            begins = None if has_begun and spell.valid_to is None else spell.valid_from
            seasons.setdefault((begins, spell.valid_to), []).append(spell)
    yield from _weekdays_in_words(seasons.pop((None, None), []))
    for season in sorted(seasons, key=lambda season: (season[0] or date.min, season[1] or date.max)):
        yield f"{_season_in_words(season, today)}: {'; '.join(_weekdays_in_words(seasons[season]))}"


def _weekdays_in_words(spells: Iterable[WeeklySpell]) -> Iterator[str]:
    hours: dict[int, set[Hours]] = {}
    for spell in spells:
        hours.setdefault(spell.weekday, set()).add((spell.opens, spell.closes))
    ordered = sorted(hours)
    # Weekdays in a row are all as far from their place in the list.
    for _, days in groupby(ordered, key=lambda day: (hours[day], day - ordered.index(day))):
        first, *others = days
        yield f"{_weekday_names(first, others)} {hours_in_words(hours[first])}"


def _weekday_names(first: int, others: list[int]) -> str:
    if len(others) == 6:
        return "Every day"
    name = Weekday(first).label
    if not others:
        return name
    return f"{name} {'and' if len(others) == 1 else 'to'} {Weekday(others[-1]).label}"


def hours_in_words(hours: Iterable[Hours]) -> str:
    *others, last = [_spell_in_words(*spell) for spell in sorted(hours)]
    return f"{', '.join(others)} and {last}" if others else last


def _spell_in_words(opens: time, closes: time) -> str:
    if opens == closes == time():
        return "all day"
    if closes == time():
        return f"{opens:%H:%M} to midnight"
    return f"{opens:%H:%M} to {closes:%H:%M}{'' if closes > opens else ' the next day'}"


def _season_in_words(season: Season, today: date) -> str:
    """Return "From 1 November to 31 March", with years when one end is more than a year away."""
    begins, ends = season
    is_near = all(abs(day - today) < _A_YEAR for day in season if day)
    written = [day and (f"{day.day} {day:%B}" if is_near else _date_in_words(day)) for day in season]
    if begins is None:
        return f"Until {written[1]}"
    return f"From {written[0]}" if ends is None else f"From {written[0]} to {written[1]}"


def stretches(timetable: Timetable) -> list[Stretch]:
    """Cut the exceptions where one begins or ends, since they may overlap, and join neighbours that say the same."""
    # Ordinals, because the day after the last day there is cannot be written as a date.
    cuts = {exception.first_day.toordinal() for exception in timetable.exceptions}
    cuts |= {exception.last_day.toordinal() + 1 for exception in timetable.exceptions}
    stretches: list[Stretch] = []
    for start, end in pairwise(sorted(cuts)):
        first, last = date.fromordinal(start), date.fromordinal(end - 1)
        if not (exceptions := timetable.exceptions_on(first)):
            continue
        words = _exceptions_in_words(exceptions)
        if stretches and stretches[-1].words == words and stretches[-1].last_day.toordinal() == start - 1:
            first = stretches.pop().first_day
        stretches.append(Stretch(first, last, words))
    return stretches


def _exceptions_in_words(exceptions: list[ExceptionalDays]) -> str:
    is_open = [exception for exception in exceptions if exception.opens is not None]
    hours = hours_in_words({(row.opens, row.closes) for row in is_open}) if is_open else "closed"
    return f"{hours}{notes_in_brackets(is_open or exceptions)}"


def _days_in_words(first: date, last: date) -> str:
    """Return "25 December 2026", "25 and 26 December 2026", "30 December 2026 to 2 January 2027"."""
    if first == last:
        return _date_in_words(first)
    if (first.year, first.month) == (last.year, last.month):
        start = f"{first.day}"
    else:
        start = f"{first.day} {first:%B}" if first.year == last.year else _date_in_words(first)
    return f"{start} {'and' if (last - first).days == 1 else 'to'} {_date_in_words(last)}"


def _date_in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
