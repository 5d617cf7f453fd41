"""Opening hours in cells of a table: easy to type, and nothing is lost in either direction.

    a day of the week   10:00-13:00, 14:00-17:00
    seasonal hours      Sun 11:00-15:00 [2026-11-01 to 2027-03-31]
    exceptions          2026-12-25 to 2026-12-26 closed (Christmas); 2026-12-31 10:00-12:00, 14:00-15:00 (short day)

Semicolons or new lines separate the entries of seasonal hours and exceptions; `read_hours` also reads a whole week
("Mon-Fri 10:00-13:00; Sat 11:00-15:00"), which tables once had in one cell. Times are written to the minute, or to the
second where they have seconds. In the brackets of a note, a backslash makes the next bracket or backslash plain text,
and `\\n` and `\\r` are line breaks. What is written is read back the same, in order; what people type may be looser
("Monday to Friday", "10-12", "9am-5pm", "all day", "25/12/2026"). A ValueError tells the person what to correct.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time

from referrals.enums import Weekday
from referrals.hours import ExceptionalDays, WeeklyOpening
from referrals.user_input.dates import refuse_implausible

EXAMPLE_OF_DAY = "10:00-13:00, 14:00-17:00"
EXAMPLE_OF_HOURS = "Mon-Fri 10:00-13:00, 14:00-17:00; Sun 11:00-15:00 [2026-11-01 to 2027-03-31]"
EXAMPLE_OF_SEASONS = "Sat, Sun 11:00-15:00 [2026-11-01 to 2027-03-31]"
EXAMPLE_OF_EXCEPTIONS = "2026-12-25 to 2026-12-26 closed (Christmas); 2026-12-31 10:00-12:00 (short day)"

MOST_LINES = 300  # of a service's weekly hours, and of its exceptions; its form takes as many

_SHORT_NAMES = [day.name[:3].title() for day in Weekday]
_SETS_OF_DAYS = {"every day": "mon-sun", "daily": "mon-sun", "weekdays": "mon-fri", "weekends": "sat-sun"}
_ALL_DAY = {
    *("24/7", "24 hours", "24 hours a day", "24 hrs", "24h", "all day", "always open", "open 24 hours", "open 24/7"),
    *("24-7", "24\u20137", "round the clock"),  # not midnight to seven
}
_WORDS_FOR_TIMES = {"noon": "12:00", "midnight": "00:00", "24:00": "00:00", "24": "00:00"}

_TO = r"\s*(?:[-\u2013\u2014]|\b(?:to|(?:un)?till?)\b)\s*"
_AND = re.compile(r"\s*(?:[,&]|\band\b)\s*")
_DATE = r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4}"
_CLOCK = re.compile(r"(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d)(?P<second>:\d\d(?:\.\d{1,6})?)?)?\s*(?P<half>[ap]m)?")
# Excel reads "10-12" as the tenth of December.
_MADE_A_DATE = re.compile(
    rf"{_DATE}|\d\d?-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:-\d\d(?:\d\d)?)?", re.I
)
_OPENINGS = re.compile(
    rf"(?P<days>[^\d\[]*?)[\s:,]*(?P<hours>(?:\d|{'|'.join(sorted(_ALL_DAY))}|noon|midnight|closed)[^\[]*?)\s*"
    r"(?:\[(?P<season>.*)\])?",
    re.I,
)
_SEASON = re.compile(
    rf"(?:from\s+)?(?P<first>{_DATE}){_TO}(?P<last>{_DATE})|from\s+(?P<begins>{_DATE})|until\s+(?P<ends>{_DATE})", re.I
)
# A note in brackets: a backslash goes before what would end it, but one pair of brackets inside may stay as it is.
_NOTE = r"\((?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*\)"
_EXCEPTION = re.compile(
    rf"(?P<first>{_DATE})(?:{_TO}(?P<last>{_DATE}))?[\s:,]*(?P<hours>[^(]*?)\s*(?P<note>{_NOTE})?", re.I | re.S
)
_ENTRY_OF_EXCEPTIONS = re.compile(rf"(?:{_NOTE}|[^;\n])+", re.S)


def write_day(openings: Iterable[WeeklyOpening]) -> str:
    # These have no season: hours that do are in a column of their own.
    return ", ".join(_write_times(opens, closes) for _, opens, closes, *_ in sorted(openings, key=_in_order))


def read_day(text: str, weekday: int) -> list[WeeklyOpening]:
    """Read the cell of one weekday; an empty one means closed."""
    cell = re.sub(r"\s*[;\n]\s*", ", ", text.strip())
    if not cell:
        return []
    if cell.lower() == "by appointment":
        raise ValueError("“By appointment” has a column of its own. Write the hours here, or leave the cell empty.")
    if _MADE_A_DATE.fullmatch(cell):
        raise _refusal(cell, "is a date, which a spreadsheet makes of hours like 10-12", EXAMPLE_OF_DAY)
    if _begins_with_days(cell):
        raise _refusal(cell, "names days: write the hours of each day into its own column", EXAMPLE_OF_DAY)
    try:
        return [WeeklyOpening(weekday, opens, closes) for opens, closes in _read_times(cell)]
    except ValueError as wrong:
        raise _refusal(cell, str(wrong), EXAMPLE_OF_DAY) from None


def _begins_with_days(cell: str) -> bool:
    match = _OPENINGS.match(cell)
    try:
        return bool(match and match["days"] and _read_days(match["days"].lower()))
    except ValueError:
        return False


def write_hours(openings: Iterable[WeeklyOpening]) -> str:
    seasons: dict[tuple[date | None, date | None], dict[int, list[str]]] = {}
    for opening in sorted(openings, key=_in_order):
        days = seasons.setdefault((opening.valid_from, opening.valid_to), {})
        days.setdefault(opening.weekday, []).append(_write_times(opening.opens, opening.closes))
    entries = []
    for season, week in seasons.items():
        days_with: dict[str, list[int]] = {}
        for day, times in week.items():
            days_with.setdefault(", ".join(times), []).append(day)
        entries += [f"{_write_days(days)} {times}{_write_season(*season)}" for times, days in days_with.items()]
    return "; ".join(entries)


def read_hours(text: str) -> list[WeeklyOpening]:
    entries = [entry.strip() for entry in re.split(r"[;\n]", text) if entry.strip()]
    openings = [opening for entry in entries for opening in _read_openings(entry)]
    refuse_clashes(openings)
    return sorted(openings, key=_in_order)


def refuse_clashes(openings: Iterable[WeeklyOpening]) -> None:
    """Raise ValueError when a service cannot have all of these hours, from one cell or several."""
    met: set[tuple] = set()
    for opening in openings:
        if (key := (opening.weekday, opening.opens, opening.valid_from)) in met:
            day, opens = Weekday(opening.weekday).label, _write_time(opening.opens)
            raise ValueError(f"{day} has two openings at {opens}. Write each opening once.")
        met.add(key)
    _refuse_too_many(met)


def write_exceptions(rows: Iterable[ExceptionalDays]) -> str:
    entries: dict[tuple[date, date, bool, str], list[str]] = {}
    for row in sorted(rows, key=_by_day):
        times = entries.setdefault((row.first_day, row.last_day, row.opens is None, row.note), [])
        times.append("closed" if row.opens is None else _write_times(row.opens, row.closes))
    return "; ".join(
        f"{first}{'' if first == last else f' to {last}'} {', '.join(times)}{_write_note(note)}"
        for (first, last, _, note), times in entries.items()
    )


def read_exceptions(text: str) -> list[ExceptionalDays]:
    entries = (entry.strip() for entry in _ENTRY_OF_EXCEPTIONS.findall(text))
    found = [row for entry in entries if entry for row in _read_exception(entry)]
    met: set[tuple] = set()
    for row in found:
        if (key := (row.first_day, row.last_day, row.opens or time())) in met:
            raise ValueError(f"{row.first_day} has the same hours twice. Write each opening once.")
        met.add(key)
    _refuse_too_many(found)
    return sorted(found, key=_by_day)


def _refuse_too_many(found: Sequence[object] | set) -> None:
    if len(found) > MOST_LINES:
        raise ValueError(f"A service can have at most {MOST_LINES} openings here; these are {len(found)}.")


def _read_openings(entry: str) -> Iterator[WeeklyOpening]:
    match = _OPENINGS.fullmatch(f"every day {entry}" if entry.lower() in _ALL_DAY else entry)
    if match is None or not match["days"]:
        raise _refusal(entry, "is not days with their hours", EXAMPLE_OF_HOURS)
    try:
        days, times = _read_days(match["days"].lower()), _read_times(match["hours"])
        season = _read_season(match["season"]) if match["season"] is not None else (None, None)
    except ValueError as wrong:
        raise _refusal(entry, str(wrong), EXAMPLE_OF_HOURS) from None
    for day in days:
        yield from (WeeklyOpening(day, opens, closes, *season) for opens, closes in times)


def _read_exception(entry: str) -> Iterator[ExceptionalDays]:
    match = _EXCEPTION.fullmatch(entry)
    if match is None:
        raise _refusal(entry, "is not a date with its hours", EXAMPLE_OF_EXCEPTIONS)
    try:
        first = _read_date(match["first"])
        last = _read_date(match["last"]) if match["last"] else first
        if last < first:
            raise ValueError("ends before it begins")
        times = _read_times(match["hours"]) or [(None, None)]
    except ValueError as wrong:
        raise _refusal(entry, str(wrong), EXAMPLE_OF_EXCEPTIONS) from None
    note = _read_note(match["note"]) if match["note"] else ""
    for opens, closes in times:
        yield ExceptionalDays(first, last, opens, closes, note)


def _refusal(entry: str, why: str, example: str) -> ValueError:
    # Where the whole entry is wrong, it is named once.
    why = why.removeprefix(f'has "{entry.lower()}", which ')
    return ValueError(f'"{entry}" {why}. Write it like this: {example}')


# Days


def _write_days(days: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = ([_SHORT_NAMES[run[0]], _SHORT_NAMES[run[-1]]] for run in runs)
    return ", ".join(first if first == last else f"{first}-{last}" for first, last in names)


def _read_days(text: str) -> list[int]:
    """Return [0, 1, 2] for "mon-wed"; "sat-mon" goes on past Sunday."""
    days: list[int] = []
    for part in _AND.split(_SETS_OF_DAYS.get(text, text)):
        first, *last = map(_read_weekday, re.split(_TO, part))
        if len(last) > 1:
            raise ValueError(f'has "{part}", which is not from one day to another')
        days += [(first + offset) % 7 for offset in range((last[0] - first) % 7 + 1 if last else 1)]
    return days


def _read_weekday(text: str) -> int:
    """Return 0 for "monday", "mondays", "mon", "mo"."""
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
    """Return the openings in "10:00-13:00, 14:00-17:00"; none for "closed"."""
    times = text.strip().lower()
    if not times:
        raise ValueError("lacks its hours, or the word closed")
    if times == "closed":
        return []
    if times in _ALL_DAY:
        return [(time(), time())]
    return [_read_opening(part) for part in _AND.split(times)]


def _read_opening(text: str) -> tuple[time, time]:
    """Return both times. Refuse what may mean two things, such as "9-5" or "9-5pm"."""
    parts = re.split(_TO, text)
    ends = [_WORDS_FOR_TIMES.get(part, part) for part in parts]
    if len(ends) != 2:
        raise ValueError(f'has "{text}", which is not from one time to another')
    opens, closes = map(_read_time, ends)
    if len({part[-1] == "m" for part in parts if part not in _WORDS_FOR_TIMES}) == 2:
        raise ValueError(f'has "{text}", which says am or pm of one time and not of the other')
    if re.match(r"[1-9](?!\d).*(?<!m)$", ends[1]) and closes <= opens and closes.hour + 12 > opens.hour:
        afternoon = closes.replace(hour=closes.hour + 12)
        ends = f"{_write_time(afternoon)} or {_write_time(closes)}"
        raise ValueError(f'has "{text}", which may end in the afternoon or the next morning: write {ends}')
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
    try:
        if "/" in text:
            day, month, year = map(int, text.split("/"))
            found = date(year, month, day)
        else:
            found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'has "{text}", which is not a date') from None
    try:
        refuse_implausible(found)
    except ValueError:
        raise ValueError(f'has "{text}", whose year cannot be right') from None
    return found


def _write_note(note: str) -> str:
    escaped = re.sub(r"[\\()]", r"\\\g<0>", note).replace("\n", r"\n").replace("\r", r"\r")
    return f" ({escaped})" if note else ""


def _read_note(written: str) -> str:
    line_breaks = {"n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda match: line_breaks.get(match[1], match[1]), written[1:-1], flags=re.DOTALL)


# Order


def _in_order(opening: WeeklyOpening) -> tuple:
    # No season first, then by start of season.
    season = (opening.valid_from is not None, opening.valid_from, opening.valid_to is None, opening.valid_to)
    return *season, opening.weekday, opening.opens, opening.closes


def _by_day(row: ExceptionalDays) -> tuple:
    return row.first_day, row.last_day, row.opens is not None, row.opens, row.closes, row.note
