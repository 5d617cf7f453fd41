"""Ages as people write them: years and, of babies, months."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from referrals.user_input.dates import MOST_YEARS_OF_LIFE, months_between
from referrals.user_input.text import plain_characters

MONTHS_COUNT_UNTIL = 24  # months: until then an age is said in months
# In English, Polish and Welsh.
_YEARS = r"years?|yrs?|y|lata?|rok|roku|blwydd|blynedd|mlynedd|oed"
_MONTHS = r"months?|mths?|mos?|m|mies(?:iąc\w*|ięc\w*)?|mis"
_WEEKS = r"weeks?|wks?|w|tyg(?:odni\w*)?|tydzień|wythnos"
_AGE = re.compile(rf"(\d{{1,3}}) ?(?:({_YEARS})|({_MONTHS})|({_WEEKS}))?(?: old| oed)?")
_WEEKS_IN_A_MONTH = 52 / 12
_HOW_TO_WRITE = format_lazy(
    gettext_lazy("Write the age in years, from 0 to {most}, or a baby's in months, such as 8 months."),
    most=MOST_YEARS_OF_LIFE,
)


@dataclass(frozen=True, slots=True)
class Age:
    """Full years; `months` besides where the age was given so, and is under two years."""

    years: int
    months: int | None = None

    @property
    def in_words(self) -> str:
        """Return "41", "8 months"."""
        if self.months is None or self.months >= MONTHS_COUNT_UNTIL:
            return str(self.years)
        if self.months == 0:
            return _("under a month")
        return ngettext("%(months)s month", "%(months)s months", self.months) % {"months": self.months}

    def fits(self, born: date, day: date) -> bool:
        """Whether somebody born then can have this age on `day`, give or take a month where it is given in months."""
        months = months_between(born, day)
        return abs(months - self.months) <= 1 if self.months is not None else months // 12 == self.years


def read_age(text: str) -> Age:
    """Read "41", "8 months", "6 weeks old". Raises ValidationError for anything else."""
    match = _AGE.fullmatch(" ".join(plain_characters(text).lower().split()))
    if not match:
        raise ValidationError(_HOW_TO_WRITE)
    number = int(match[1])
    if not match[3] and not match[4]:
        age = Age(number)
    else:
        months = number if match[3] else int(number / _WEEKS_IN_A_MONTH)
        age = Age(months // 12, months if months < MONTHS_COUNT_UNTIL else None)
    if age.years > MOST_YEARS_OF_LIFE:
        raise ValidationError(_HOW_TO_WRITE)
    return age


class AgeField(forms.CharField):
    """An age in years or months; None when it is empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 20, "required": False} | options)

    def clean(self, value: Any) -> Age | None:
        text = super().clean(value)
        return read_age(text) if text else None
