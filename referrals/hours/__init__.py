"""When a service is open: from weekly spells, exceptions, bank holidays and the clock on the wall. Pure: no queries.

All of it is wall-clock time in the country's one time zone: a spell from 09:00 to 17:00 is that on the day the clocks
change too, and a wait across that night is told in hours on the clock. Times without a zone are such local times.
"""

from referrals.hours.ahead import Ahead, ComingDay, ahead, coming_days
from referrals.hours.timetable import (
    LONDON,
    LOOK_AHEAD,
    ExceptionalDays,
    Opening,
    Timetable,
    WeeklySpell,
    current_or_next,
    local_time,
    openings,
)
from referrals.hours.week import usual_week_in_words, week_in_words
from referrals.hours.words import in_words

__all__ = [
    "LONDON",
    "LOOK_AHEAD",
    "Ahead",
    "ComingDay",
    "ExceptionalDays",
    "Opening",
    "Timetable",
    "WeeklySpell",
    "ahead",
    "coming_days",
    "current_or_next",
    "in_words",
    "local_time",
    "openings",
    "usual_week_in_words",
    "week_in_words",
]
