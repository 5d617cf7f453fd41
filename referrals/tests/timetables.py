"""Short ways to write a week and its exceptions down."""

from datetime import date, time

from referrals.hours import ExceptionalDays, WeeklyOpening

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
WORKING_DAYS, ALL_DAYS = range(5), range(7)


def hours(weekdays, opens, closes, valid_from=None, valid_to=None):
    """Return openings of these weekdays; dates are "2026-04-01"."""
    season = [day and date.fromisoformat(day) for day in (valid_from, valid_to)]
    days = [weekdays] if isinstance(weekdays, int) else weekdays
    return tuple(WeeklyOpening(day, time.fromisoformat(opens), time.fromisoformat(closes), *season) for day in days)


def days(first, last=None, opens=None, closes=None, note=""):
    first, last = date.fromisoformat(first), date.fromisoformat(last or first)
    return ExceptionalDays(
        first, last, opens and time.fromisoformat(opens), closes and time.fromisoformat(closes), note
    )


OFFICE = hours(WORKING_DAYS, "10:00", "16:00")
NIGHTS = hours(ALL_DAYS, "22:00", "02:00")
SMALL_HOURS = hours(SUNDAY, "01:30", "03:30")
ALWAYS = hours(ALL_DAYS, "00:00", "00:00")
SUMMER = hours(ALL_DAYS, "10:00", "17:00", "2026-04-01", "2026-09-30")
CHRISTMAS = days("2026-12-25", "2026-12-26", note="Christmas")
CHRISTMAS_BREAK = days("2026-12-24", "2027-01-03", note="Christmas")
SHORT_DAY = [days("2026-12-31", None, "10:00", "12:00"), days("2026-12-31", None, "14:00", "15:00", "short day")]
ENGLAND, SCOTLAND = {"bank_holidays_of": "ENG"}, {"bank_holidays_of": "SCT"}
BY_APPOINTMENT = {"by_appointment": True}
