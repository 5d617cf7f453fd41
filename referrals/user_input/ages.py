"""Ages as people write them: years and, of babies, months."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from referrals.user_input.dates import MOST_YEARS_OF_LIFE, months_between
from referrals.user_input.text import plain_characters

MONTHS_COUNT_UNTIL = 24  # months: until then an age is said in months
_AGE = re.compile(r"(\d{1,3}) ?(years?|yrs?|y|months?|mths?|mos?|m|weeks?|wks?|w)?(?: old)?")
_WEEKS_IN_A_MONTH = 52 / 12
_HOW_TO_WRITE = f"Write the age in years, from 0 to {MOST_YEARS_OF_LIFE}, or a baby's in months, such as 8 months."


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
            return "under a month"
        return f"{self.months} month{'' if self.months == 1 else 's'}"

    def fits(self, born: date, day: date) -> bool:
        """Whether somebody born then can have this age on `day`, give or take a month where it is given in months."""
        months = months_between(born, day)
        return abs(months - self.months) <= 1 if self.months is not None else months // 12 == self.years


def read_age(text: str) -> Age:
    """Read "41", "8 months", "6 weeks old". Raises ValidationError for anything else."""
    match = _AGE.fullmatch(" ".join(plain_characters(text).lower().split()))
    if not match:
        raise ValidationError(_HOW_TO_WRITE)
    number, unit = int(match[1]), (match[2] or "y")[0]
    if unit == "y":
        age = Age(number)
    else:
        months = number if unit == "m" else int(number / _WEEKS_IN_A_MONTH)
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
