"""The bank holidays of each part of the United Kingdom, from the `holidays` library."""

from datetime import date
from functools import lru_cache

import holidays


def is_bank_holiday(day: date, country: str) -> bool:
    """Return whether `day` is one in `country` (a value of `enums.Country`).

    One that falls on a weekend counts on that day and on the working day that stands in for it.
    """
    return day in _of_year(country, day.year)


@lru_cache(maxsize=64)
def _of_year(country: str, year: int) -> frozenset[date]:
    """Work a year out once, as a value: the library's own object fills itself while threads look into it."""
    return frozenset(holidays.country_holidays("GB", subdiv=country, years=year, expand=False))
