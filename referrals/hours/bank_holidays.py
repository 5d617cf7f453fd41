"""The bank holidays of each part of the United Kingdom, from the `holidays` library."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# As the library calls them, for translators; one that it learns later is told by its own name.
NAMES = frozenset(
    {
        gettext_noop("New Year's Day"),
        gettext_noop("New Year Holiday"),
        gettext_noop("Saint Patrick's Day"),
        gettext_noop("Good Friday"),
        gettext_noop("Easter Monday"),
        gettext_noop("May Day"),
        gettext_noop("Spring Bank Holiday"),
        gettext_noop("Battle of the Boyne"),
        gettext_noop("Summer Bank Holiday"),
        gettext_noop("Late Summer Bank Holiday"),
        gettext_noop("Saint Andrew's Day"),
        gettext_noop("Christmas Day"),
        gettext_noop("Boxing Day"),
    }
)
_SUBSTITUTE = " (observed)"  # what the library says behind the name of a day that stands in for another


def is_bank_holiday(day: date, country: str) -> bool:
    """Return whether `day` is one in `country` (a value of `enums.Country`).

    One that falls on a weekend counts on that day and on the working day that stands in for it.
    """
    return day in _of_year(country, day.year)


def bank_holiday_name(day: date, country: str) -> str:
    """Return what the bank holiday of `day` is called in `country`; empty when it is none."""
    name = _of_year(country, day.year).get(day, "")
    known = name.removesuffix(_SUBSTITUTE)
    shown = _(known) if known in NAMES else known
    return _("%(holiday)s (substitute day)") % {"holiday": shown} if known != name else shown


@lru_cache(maxsize=64)
def _of_year(country: str, year: int) -> Mapping[date, str]:
    """Work a year out once, as a value: the library's own object fills itself while threads look into it."""
    return MappingProxyType(dict(holidays.country_holidays("GB", subdiv=country, years=year, expand=False)))
