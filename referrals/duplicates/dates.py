"""Dates of birth that differ as people mistype and mishear them."""

from collections.abc import Iterator
from datetime import date

_YEARS_OFF = (-10, -1, 1, 10)
_NEIGHBOURS = (2, 4, 6)  # places in YYYYMMDD where a figure and the next belong to one number


def slips_of(day: date) -> set[date]:
    """Return the dates that somebody may have meant: day and month swapped, figures transposed, a year or ten off."""
    return {slip for slip in map(_as_date, _slips(f"{day:%Y%m%d}", day)) if slip and slip != day}


def _slips(figures: str, day: date) -> Iterator[str]:
    year, month, of_month = figures[:4], figures[4:6], figures[6:]
    yield f"{year}{of_month}{month}"
    yield from (f"{day.year + years:04}{month}{of_month}" for years in _YEARS_OFF)
    yield from (f"{figures[:at]}{figures[at + 1]}{figures[at]}{figures[at + 2 :]}" for at in _NEIGHBOURS)


def are_near(first: date, second: date) -> bool:
    """Whether one is a slip of the other, or they differ in one figure, or in the day or the month alone."""
    figures = zip(f"{first:%Y%m%d}", f"{second:%Y%m%d}", strict=True)
    same_year_and = first.year == second.year and (first.month == second.month or first.day == second.day)
    return same_year_and or sum(one != other for one, other in figures) == 1 or second in slips_of(first)


def _as_date(figures: str) -> date | None:
    try:
        return date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        return None
