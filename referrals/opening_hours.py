"""When a service is open: from weekly spells and the clock on the wall. Pure: no queries.

All of it is wall-clock time in the country's one time zone: a spell from 09:00 to 17:00 is that on the day the clocks
change too, and a wait across that night is told in hours on the clock. Times without a zone are such local times.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from referrals.enums import Weekday

LONDON = ZoneInfo("Europe/London")
LOOK_AHEAD = timedelta(days=7)

_DAY = timedelta(days=1)


class Spell(Protocol):
    """One weekly spell, such as a row of `models.OpeningHours`. It ends the next day when `closes` is not later."""

    weekday: int
    opens: time
    closes: time
    valid_from: date | None
    valid_to: date | None


class WeeklySpell(NamedTuple):
    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_to: date | None = None


class Opening(NamedTuple):
    """One spell on one date, in local time."""

    starts: datetime
    ends: datetime


def local_time(at: datetime) -> datetime:
    """Return what the clock on the wall shows at `at` (aware), without a zone."""
    return at.astimezone(LONDON).replace(tzinfo=None)


def openings(spells: Iterable[Spell], first: date, last: date) -> list[Opening]:
    """Return what begins from `first` to `last`, both included, in order. Spells that meet or overlap become one."""
    starts = (
        _on(spell, first + timedelta(days=offset))
        for spell in spells
        for offset in range((spell.weekday - first.weekday()) % 7, (last - first).days + 1, 7)
        if _in_season(spell, first + timedelta(days=offset))
    )
    merged: list[Opening] = []
    for opening in sorted(starts):
        if merged and opening.starts <= merged[-1].ends:
            merged[-1] = Opening(merged[-1].starts, max(merged[-1].ends, opening.ends))
        else:
            merged.append(opening)
    return merged


def current_or_next(spells: Iterable[Spell], now: datetime, *, within: timedelta = LOOK_AHEAD) -> Opening | None:
    """Return the opening at local time `now`, else the next that starts by `now + within`, else None.

    One that is open starts in the past; what has no end in sight ends where the look-ahead does, or later.
    """
    latest = now + within
    for opening in openings(spells, now.date() - _DAY, latest.date()):
        if opening.ends > now:
            return opening if opening.starts <= latest else None
    return None


def in_words(spells: Sequence[Spell], now: datetime, *, by_appointment: bool = False) -> str:
    """Return "Open today until 17:00", "Opens tomorrow at 10:00", "By appointment" ..., at local time `now`.

    Empty when nothing is known: no spells, and not by appointment either.
    """
    if not spells:
        return "By appointment" if by_appointment else ""
    opening = current_or_next(spells, now)
    if opening is None:
        words = "Closed for the next seven days"
    elif opening.starts <= now:
        words = _open_until(opening.ends, now)
    else:
        words = f"Opens {_day_in_words(opening.starts.date(), now.date())} at {opening.starts:%H:%M}"
    return f"{words}, by appointment" if by_appointment and opening else words


def _on(spell: Spell, day: date) -> Opening:
    starts = datetime.combine(day, spell.opens)
    ends = datetime.combine(day, spell.closes)
    return Opening(starts, ends if ends > starts else ends + _DAY)


def _in_season(spell: Spell, day: date) -> bool:
    return (spell.valid_from is None or spell.valid_from <= day) and (spell.valid_to is None or day <= spell.valid_to)


def _open_until(ends: datetime, now: datetime) -> str:
    if ends >= now + LOOK_AHEAD:
        return "Open day and night"
    if ends == datetime.combine(now.date() + _DAY, time()):
        return "Open today until midnight"
    if ends.date() == now.date():
        return f"Open today until {ends:%H:%M}"
    return f"Open until {ends:%H:%M} {_day_in_words(ends.date(), now.date())}"


def _day_in_words(day: date, today: date) -> str:
    """Return "today", "tomorrow", "Wednesday", or "Wednesday next week" when that is today's own weekday."""
    days = (day - today).days
    if days < 2:
        return "tomorrow" if days else "today"
    name = Weekday(day.weekday()).label
    return f"{name} next week" if days == 7 else name
