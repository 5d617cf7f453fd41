"""Opening hours in one cell of a table: short, friendly to type, and without loss in either direction.

    Mon-Fri 10:00-13:00, 14:00-17:00; Sun 11:00-15:00 [2026-11-01 to 2027-03-31]
    2026-12-25 to 2026-12-26 closed (Christmas); 2026-12-31 10:00-12:00, 14:00-15:00 (short day)

Pieces are parted by semicolons or new lines. Times are written to the minute, or as far as a time goes that holds more
(10:00:30, 10:00:30.500000). A note may hold any text: inside its brackets a backslash takes away the meaning of a
bracket or a backslash, and `\\n` and `\\r` are line breaks. What is written here is read back the same, in order; what
people type may be looser ("Monday to Friday", "10-12", "10.30", "9am-5pm", "all day", "25/12/2026"). Every refusal is
a ValueError whose text is for the person who typed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from typing import Protocol

from referrals.enums import Weekday
from referrals.hours import ExceptionalDays, WeeklySpell

EXAMPLE_OF_HOURS = "Mon-Fri 10:00-13:00, 14:00-17:00; Sun 11:00-15:00 [2026-11-01 to 2027-03-31]"
EXAMPLE_OF_EXCEPTIONS = "2026-12-25 to 2026-12-26 closed (Christmas); 2026-12-31 10:00-12:00 (short day)"

MOST_LINES = 300  # of a service's hours, and of its exceptions: as many as its form takes

_SHORT_NAMES = [day.name[:3].title() for day in Weekday]
_SETS_OF_DAYS = {"every day": "mon-sun", "daily": "mon-sun", "weekdays": "mon-fri", "weekends": "sat-sun"}
_WORDS_FOR_TIMES = {"noon": "12:00", "midnight": "00:00", "24:00": "00:00", "24": "00:00"}

_TO = r"\s*(?:[-\u2013\u2014]|\bto\b)\s*"
_AND = re.compile(r"\s*(?:[,&]|\band\b)\s*")
_DATE = r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4}"
_CLOCK = re.compile(r"(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d)(?P<second>:\d\d(?:\.\d{1,6})?)?)?\s*(?P<half>[ap]m)?")
_SPELLS = re.compile(
    r"(?P<days>[^\d\[]*?)[\s:,]*(?P<hours>(?:\d|all day|noon|midnight|closed)[^\[]*?)\s*(?:\[(?P<season>.*)\])?", re.I
)
_SEASON = re.compile(
    rf"(?:from\s+)?(?P<first>{_DATE}){_TO}(?P<last>{_DATE})|from\s+(?P<begins>{_DATE})|until\s+(?P<ends>{_DATE})", re.I
)
# A note in brackets: with a backslash before what would end it, but one pair of brackets inside may stand as it is.
_NOTE = r"\((?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*\)"
_EXCEPTION = re.compile(
    rf"(?P<first>{_DATE})(?:{_TO}(?P<last>{_DATE}))?[\s:,]*(?P<hours>[^(]*?)\s*(?P<note>{_NOTE})?", re.I | re.S
)
_PIECE_OF_EXCEPTIONS = re.compile(rf"(?:{_NOTE}|[^;\n])+", re.S)


class Spell(Protocol):
    weekday: int
    opens: time
    closes: time
    valid_from: date | None
    valid_to: date | None


class Exceptional(Protocol):
    first_day: date
    last_day: date
    opens: time | None
    closes: time | None
    note: str


def write_hours(spells: Iterable[Spell]) -> str:
    """Return the cell of rows of `models.OpeningHours`, or of spells; empty for none."""
    seasons: dict[tuple[date | None, date | None], dict[int, list[str]]] = {}
    for spell in sorted(map(_weekly_spell, spells), key=_in_order):
        days = seasons.setdefault((spell.valid_from, spell.valid_to), {})
        days.setdefault(spell.weekday, []).append(_write_times(spell.opens, spell.closes))
    return "; ".join(
        f"{_write_days(days)} {', '.join(hours)}{_write_season(*season)}"
        for season, week in seasons.items()
        for days, hours in _days_alike(week)
    )


def read_hours(text: str) -> list[WeeklySpell]:
    """Return the spells that a cell holds, by season, weekday and time. ValueError says what is wrong."""
    found = [spell for piece in re.split(r"[;\n]", text) if piece.strip() for spell in _read_spells(piece.strip())]
    seen: set[tuple] = set()
    for spell in found:
        if (key := (spell.weekday, spell.opens, spell.valid_from)) in seen:
            raise ValueError(f"{Weekday(spell.weekday).label} opens twice at {_write_time(spell.opens)}: give it once.")
        seen.add(key)
    _refuse_too_many(found)
    return sorted(found, key=_in_order)


def write_exceptions(rows: Iterable[Exceptional]) -> str:
    """Return the cell of rows of `models.OpeningException`, or of exceptional days; empty for none."""
    pieces: dict[tuple[date, date, bool, str], list[str]] = {}
    for row in sorted(map(_exceptional_days, rows), key=_by_day):
        hours = pieces.setdefault((row.first_day, row.last_day, row.opens is None, row.note), [])
        hours.append("closed" if row.opens is None else _write_times(row.opens, row.closes))
    return "; ".join(
        f"{first}{'' if first == last else f' to {last}'} {', '.join(hours)}{_write_note(note)}"
        for (first, last, _, note), hours in pieces.items()
    )


def read_exceptions(text: str) -> list[ExceptionalDays]:
    """Return the exceptional days that a cell holds, in order. ValueError says what is wrong."""
    pieces = (piece.strip() for piece in _PIECE_OF_EXCEPTIONS.findall(text))
    found = [row for piece in pieces if piece for row in _read_exception(piece)]
    seen: set[tuple] = set()
    for row in found:
        if (key := (row.first_day, row.last_day, row.opens or time())) in seen:
            raise ValueError(f"{row.first_day} has the same hours twice: give them once.")
        seen.add(key)
    _refuse_too_many(found)
    return sorted(found, key=_by_day)


def _refuse_too_many(found: Sequence[object]) -> None:
    if len(found) > MOST_LINES:
        raise ValueError(f"These are {len(found)} spells; a service can have {MOST_LINES} at most.")


def _read_spells(piece: str) -> Iterator[WeeklySpell]:
    match = _SPELLS.fullmatch(piece)
    if match is None or not match["days"]:
        raise _refusal(piece, "is not days with their hours", EXAMPLE_OF_HOURS)
    try:
        days, hours = _read_days(match["days"].lower()), _read_times(match["hours"])
        season = _read_season(match["season"]) if match["season"] is not None else (None, None)
    except ValueError as wrong:
        raise _refusal(piece, str(wrong), EXAMPLE_OF_HOURS) from None
    for day in days:
        yield from (WeeklySpell(day, opens, closes, *season) for opens, closes in hours)


def _read_exception(piece: str) -> Iterator[ExceptionalDays]:
    match = _EXCEPTION.fullmatch(piece)
    if match is None:
        raise _refusal(piece, "is not a date with its hours", EXAMPLE_OF_EXCEPTIONS)
    try:
        first = _read_date(match["first"])
        last = _read_date(match["last"]) if match["last"] else first
        if last < first:
            raise ValueError("ends before it begins")
        hours = _read_times(match["hours"]) or [(None, None)]
    except ValueError as wrong:
        raise _refusal(piece, str(wrong), EXAMPLE_OF_EXCEPTIONS) from None
    note = _read_note(match["note"]) if match["note"] else ""
    for opens, closes in hours:
        yield ExceptionalDays(first, last, opens, closes, note)


def _refusal(piece: str, why: str, example: str) -> ValueError:
    return ValueError(f'"{piece}" {why}. Write it like this: {example}')


# Days


def _days_alike(week: dict[int, list[str]]) -> Iterator[tuple[list[int], list[str]]]:
    """Yield the weekdays that have the same hours, with these."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for day, hours in week.items():
        alike.setdefault(tuple(hours), []).append(day)
    yield from ((days, list(hours)) for hours, days in alike.items())


def _write_days(days: Sequence[int]) -> str:
    """Return "Mon-Fri", "Mon, Wed", "Mon-Wed, Sat"."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = ([_SHORT_NAMES[run[0]], _SHORT_NAMES[run[-1]]] for run in runs)
    return ", ".join(first if first == last else f"{first}-{last}" for first, last in names)


def _read_days(text: str) -> list[int]:
    """Return [0, 1, 2] of "mon-wed"; "sat-mon" goes on past Sunday."""
    days: list[int] = []
    for part in _AND.split(_SETS_OF_DAYS.get(text, text)):
        first, *last = map(_read_day, re.split(_TO, part))
        if len(last) > 1:
            raise ValueError(f'has "{part}", which is not from one day to another')
        days += [(first + offset) % 7 for offset in range((last[0] - first) % 7 + 1 if last else 1)]
    return days


def _read_day(text: str) -> int:
    """Return 0 of "monday", "mondays", "mon", "mo"."""
    name = text.rstrip(".").removesuffix("s")
    found = [day.value for day in Weekday if len(name) > 1 and day.name.lower().startswith(name)]
    if not found:
        raise ValueError(f'has "{text}", which is not a day of the week' if text else "lacks a day of the week")
    return found[0]


# Times


def _write_times(opens: time, closes: time) -> str:
    return f"{_write_time(opens)}-{_write_time(closes)}"


def _write_time(at: time) -> str:
    return at.isoformat("auto" if at.second or at.microsecond else "minutes")


def _read_times(text: str) -> list[tuple[time, time]]:
    """Return the spells of "10:00-13:00, 14:00-17:00"; none for "closed"."""
    match text.strip().lower():
        case "closed":
            return []
        case "all day":
            return [(time(), time())]
        case "":
            raise ValueError("lacks its hours, or the word closed")
        case hours:
            return [_read_spell(part) for part in _AND.split(hours)]


def _read_spell(text: str) -> tuple[time, time]:
    """Return both times, unless a person could have meant others: by "9-5", or by "9-5pm"."""
    ends = [_WORDS_FOR_TIMES.get(part, part) for part in re.split(_TO, text)]
    if len(ends) != 2:
        raise ValueError(f'has "{text}", which is not from one time to another')
    opens, closes = map(_read_time, ends)
    if len({end[-1] == "m" for end in ends}) == 2:
        raise ValueError(f'has "{text}", of which one time says am or pm and the other does not')
    if re.match(r"[1-9](?!\d).*(?<!m)$", ends[1]) and closes <= opens and closes.hour + 12 > opens.hour:
        afternoon = closes.replace(hour=closes.hour + 12)
        meant = f"for the afternoon write {_write_time(afternoon)}, for the next morning {_write_time(closes)}"
        raise ValueError(f'has "{text}": {meant}')
    return opens, closes


def _read_time(text: str) -> time:
    match = _CLOCK.fullmatch(text)
    try:
        if match is None or (match["half"] and not 1 <= int(match["hour"]) <= 12):
            raise ValueError
        hour = int(match["hour"])
        if match["half"]:
            hour = hour % 12 + (12 if match["half"] == "pm" else 0)
        return time.fromisoformat(f"{hour:02}:{match['minute'] or '00'}{match['second'] or ''}")
    except ValueError:
        raise ValueError(f'has "{text}", which is not a time of day' if text else "lacks a time") from None


# Dates and notes


def _write_season(first: date | None, last: date | None) -> str:
    if first and last:
        return f" [{first} to {last}]"
    if first:
        return f" [from {first}]"
    return f" [until {last}]" if last else ""


def _read_season(text: str) -> tuple[date | None, date | None]:
    match = _SEASON.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'has "[{text}]", which is neither from one date to another nor "from" nor "until" a date')
    first, last = match["first"] or match["begins"], match["last"] or match["ends"]
    season = first and _read_date(first), last and _read_date(last)
    if all(season) and season[1] < season[0]:
        raise ValueError("has a season that ends before it begins")
    return season


def _read_date(text: str) -> date:
    """Return the day of "2026-12-25" or "25/12/2026"."""
    try:
        if "/" in text:
            day, month, year = map(int, text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'has "{text}", which is not a date') from None


def _write_note(note: str) -> str:
    escaped = re.sub(r"[\\()]", r"\\\g<0>", note).replace("\n", r"\n").replace("\r", r"\r")
    return f" ({escaped})" if note else ""


def _read_note(written: str) -> str:
    line_breaks = {"n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda match: line_breaks.get(match[1], match[1]), written[1:-1], flags=re.DOTALL)


# Order


def _weekly_spell(row: Spell) -> WeeklySpell:
    return WeeklySpell(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to)


def _exceptional_days(row: Exceptional) -> ExceptionalDays:
    return ExceptionalDays(row.first_day, row.last_day, row.opens, row.closes, row.note)


def _in_order(spell: WeeklySpell) -> tuple:
    """All the year comes first, then seasons by when they begin."""
    season = (spell.valid_from is not None, spell.valid_from, spell.valid_to is None, spell.valid_to)
    return *season, spell.weekday, spell.opens, spell.closes


def _by_day(row: ExceptionalDays) -> tuple:
    return row.first_day, row.last_day, row.opens is not None, row.opens, row.closes, row.note
