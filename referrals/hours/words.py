"""Whether a service is open now, and when it opens, in words for the public."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from referrals.hours.days import on_day
from referrals.hours.timetable import DAY, LOOK_AHEAD, ExceptionalDays, Timetable, current_or_next

LOOK_BEYOND = timedelta(days=366)  # only when exceptions or bank holidays leave nothing in the next seven days


def open_now_in_words(timetable: Timetable, now: datetime) -> str:
    """Return "Open today until 17:00", "Opens tomorrow at 10:00", "By appointment" ..., at local time `now`.

    Empty when there are no weekly hours, none on these days, and no appointments either.
    """
    today = now.date()
    opening = current_or_next(timetable, now)
    if opening is None and timetable.weekly and _is_interrupted(timetable, today):
        opening = current_or_next(timetable, now, within=LOOK_BEYOND)
    closed = _closed_today(timetable, today)
    if opening is None:
        if timetable.weekly:
            return closed or _("Closed for the next seven days")
        if timetable.by_appointment:
            return _("%(closed)s, otherwise by appointment") % {"closed": closed} if closed else _("By appointment")
        return closed
    if opening.starts <= now:
        words = _open_until(opening.ends, now)
    else:
        words = _("%(closed)s, opens %(day)s at %(time)s") if closed else _("Opens %(day)s at %(time)s")
        words %= {"closed": closed, "day": on_day(opening.starts.date(), today), "time": f"{opening.starts:%H:%M}"}
    return _("%(open)s, by appointment") % {"open": words} if timetable.by_appointment else words


def add_notes(words: str, exceptions: Iterable[ExceptionalDays]) -> str:
    """Return "closed (Christmas)"."""
    notes = join_notes(exceptions)
    return f"{words} ({notes})" if notes else words


def join_notes(exceptions: Iterable[ExceptionalDays]) -> str:
    """Return each different note once, each on one line."""
    notes = dict.fromkeys(" ".join(exception.note.split()) for exception in exceptions)
    return ", ".join(filter(None, notes))


def _is_interrupted(timetable: Timetable, today: date) -> bool:
    days = (today + timedelta(days=offset) for offset in range(LOOK_AHEAD.days + 1))
    return any(timetable.exceptions_on(day) or timetable.loses_day_to_bank_holiday(day) for day in days)


def _closed_today(timetable: Timetable, today: date) -> str:
    """Return "Closed today" if an exception or bank holiday closes it; empty if it is closed today anyway."""
    if exceptions := timetable.exceptions_on(today):
        is_open = any(exception.opens is not None for exception in exceptions)
        return "" if is_open else add_notes(_("Closed today"), exceptions)
    return _("Closed today for the bank holiday") if timetable.loses_day_to_bank_holiday(today) else ""


def _open_until(ends: datetime, now: datetime) -> str:
    if ends >= now + LOOK_AHEAD:
        return _("Open day and night")
    if ends == datetime.combine(now.date() + DAY, time()):
        return _("Open today until midnight")
    until = {"time": f"{ends:%H:%M}", "day": on_day(ends.date(), now.date())}
    words = _("Open today until %(time)s") if ends.date() == now.date() else _("Open until %(time)s %(day)s")
    return words % until
