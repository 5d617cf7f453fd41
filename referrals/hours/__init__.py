"""When a service is open: weekly hours, exceptions, bank holidays and local time. Only `sql` queries.

All times are local, without a zone. 09:00 to 17:00 is the same on days when the clocks change, and a wait across such a
night is counted in hours on the clock.
"""

from referrals.hours.days_ahead import ComingDay, UnusualDays, coming_days, unusual_days
from referrals.hours.timetable import (
    LONDON,
    LOOK_AHEAD,
    ExceptionalDays,
    Opening,
    Timetable,
    WeeklyOpening,
    current_or_next,
    local_time,
    merge_openings,
    openings,
)
from referrals.hours.week import usual_week_in_words, week_in_words
from referrals.hours.words import open_now_in_words

__all__ = [
    "LONDON",
    "LOOK_AHEAD",
    "ComingDay",
    "ExceptionalDays",
    "Opening",
    "Timetable",
    "UnusualDays",
    "WeeklyOpening",
    "coming_days",
    "current_or_next",
    "local_time",
    "merge_openings",
    "open_now_in_words",
    "openings",
    "unusual_days",
    "usual_week_in_words",
    "week_in_words",
]
