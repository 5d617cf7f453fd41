"""Whether a service is open now, and when it opens, in words for the public."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from referrals.enums import Weekday
from referrals.opening_hours.timetable import DAY, LOOK_AHEAD, ExceptionalDays, Opening, Timetable, current_or_next

LOOK_BEYOND = timedelta(days=366)  # only when exceptions or bank holidays leave nothing in the next seven days


def in_words(timetable: Timetable, now: datetime) -> str:
    """Return "Open today until 17:00", "Opens tomorrow at 10:00", "By appointment" ..., at local time `now`.

    Empty when nothing is known: no weekly hours, none on these days, and not by appointment either.
    """
    opening = _opening_to_tell(timetable, now)
    closed = _closed_today(timetable, now.date())
    if opening is None:
        return _without_opening(timetable, closed)
    if opening.starts <= now:
        words = _open_until(opening.ends, now)
    else:
        when = f"{_day_in_words(opening.starts.date(), now.date())} at {opening.starts:%H:%M}"
        words = f"{closed}, opens {when}" if closed else f"Opens {when}"
    return f"{words}, by appointment" if timetable.by_appointment else words


def notes_in_brackets(exceptions: Iterable[ExceptionalDays]) -> str:
    """Return " (Christmas)" with each different note once, or nothing."""
    notes = dict.fromkeys(" ".join(exception.note.split()) for exception in exceptions)
    told = ", ".join(filter(None, notes))
    return f" ({told})" if told else ""


def _opening_to_tell(timetable: Timetable, now: datetime) -> Opening | None:
    opening = current_or_next(timetable, now)
    if opening is None and timetable.spells and _is_interrupted(timetable, now.date()):
        return current_or_next(timetable, now, within=LOOK_BEYOND)
    return opening


def _is_interrupted(timetable: Timetable, today: date) -> bool:
    days = (today + timedelta(days=offset) for offset in range(LOOK_AHEAD.days + 1))
    return any(
        timetable.exceptions_on(day) or (timetable.is_closed_bank_holiday(day) and timetable.weekly_on(day))
        for day in days
    )


def _closed_today(timetable: Timetable, today: date) -> str:
    """Say so when it is an exception or a bank holiday that closes it, and not just the day of the week."""
    if exceptions := timetable.exceptions_on(today):
        is_open = any(exception.opens is not None for exception in exceptions)
        return "" if is_open else f"Closed today{notes_in_brackets(exceptions)}"
    would_open = timetable.weekly_on(today) or not timetable.spells
    return "Closed today for the bank holiday" if would_open and timetable.is_closed_bank_holiday(today) else ""


def _without_opening(timetable: Timetable, closed: str) -> str:
    if timetable.spells:
        return closed or "Closed for the next seven days"
    if timetable.by_appointment:
        return f"{closed}, otherwise by appointment" if closed else "By appointment"
    return closed


def _open_until(ends: datetime, now: datetime) -> str:
    if ends >= now + LOOK_AHEAD:
        return "Open day and night"
    if ends == datetime.combine(now.date() + DAY, time()):
        return "Open today until midnight"
    if ends.date() == now.date():
        return f"Open today until {ends:%H:%M}"
    return f"Open until {ends:%H:%M} {_day_in_words(ends.date(), now.date())}"


def _day_in_words(day: date, today: date) -> str:
    """Return "today", "tomorrow", "Wednesday", "Wednesday next week" for today's own weekday, "Monday 4 January"."""
    days = (day - today).days
    if days < 2:
        return "tomorrow" if days else "today"
    name = Weekday(day.weekday()).label
    if days > 7:
        return f"{name} {day.day} {day:%B}"
    return f"{name} next week" if days == 7 else name
