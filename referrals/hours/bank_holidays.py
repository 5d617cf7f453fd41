"""The bank holidays of each part of the United Kingdom, from the `holidays` library."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The library's names, for translators; one added later is shown as the library has it.
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
_SUBSTITUTE = " (observed)"  # the library's mark for a substitute day


def is_bank_holiday(day: date, country: str) -> bool:
    """`country` is a value of `enums.Country`. A holiday at the weekend counts on that day and on its substitute."""
    return day in _bank_holidays_in(country, day.year)


def bank_holiday_name(day: date, country: str) -> str:
    name = _bank_holidays_in(country, day.year).get(day, "")
    known = name.removesuffix(_SUBSTITUTE)
    translated = _(known) if known in NAMES else known
    return _("%(holiday)s (substitute day)") % {"holiday": translated} if known != name else translated


@lru_cache(maxsize=64)
def _bank_holidays_in(country: str, year: int) -> Mapping[date, str]:
    # Copied once a year: the library's object fills itself while other threads read it.
    return MappingProxyType(dict(holidays.country_holidays("GB", subdiv=country, years=year, expand=False)))
