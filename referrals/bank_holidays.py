"""The bank holidays of each part of the United Kingdom, from the `holidays` library."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays


def is_bank_holiday(day: date, country: str) -> bool:
    """Return whether `day` is one in `country` (a value of `enums.Country`).

    One that falls on a weekend counts on that day and on the working day that stands in for it.
    """
    return day in _of_year(country, day.year)


def bank_holiday_name(day: date, country: str) -> str:
    """Return what the bank holiday of `day` is called in `country`; empty when it is none."""
    return _of_year(country, day.year).get(day, "").replace("(observed)", "(substitute day)")


@lru_cache(maxsize=64)
def _of_year(country: str, year: int) -> Mapping[date, str]:
    """Work a year out once, as a value: the library's own object fills itself while threads look into it."""
    return MappingProxyType(dict(holidays.country_holidays("GB", subdiv=country, years=year, expand=False)))
