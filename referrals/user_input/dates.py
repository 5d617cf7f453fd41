"""Plausible dates: spreadsheets turn 26 into 0026, and nothing into 1900."""

from datetime import date

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils import timezone

from referrals.user_input.stored import KeepsStored

EARLIEST = date(2000, 1, 1)  # for the hours and confirmations of services
YEARS_AHEAD = 20
MOST_YEARS_OF_LIFE = 120


def refuse_implausible(day: date) -> None:
    """Raise ValueError unless a service's hours or confirmation can be of that day."""
    if not EARLIEST <= day <= date(timezone.localdate().year + YEARS_AHEAD, 12, 31):
        raise ValueError(f"The year {day.year:04} cannot be right. Write the day as in 2026-05-31.")


def months_between(start: date, end: date) -> int:
    """Return full months; from the 31st, one is full on the 1st where the next month is shorter."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def is_possible_birthday(day: date) -> bool:
    today = timezone.localdate()
    return today.year - MOST_YEARS_OF_LIFE <= day.year and day <= today


class DayField(KeepsStored, forms.DateField):
    """A day with a plausible year."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        try:
            self.refuse(value)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def refuse(self, value: date | None) -> None:
        if value:
            refuse_implausible(value)


class DaysField(SimpleArrayField):
    """Days, one on each line; kept in order, and each once."""

    widget = forms.Textarea
    default_error_messages = {"item_invalid": "Line %(nth)s:"}

    def __init__(self, base_field: forms.Field, **kwargs: object) -> None:
        # The model's default is a function, for which Django would compare with what a hidden field holds.
        super().__init__(DayField(), delimiter="\n", **kwargs | {"show_hidden_initial": False})

    def to_python(self, value: str) -> list[date]:
        lines = filter(None, map(str.strip, (value or "").splitlines()))
        return sorted({*super().to_python("\n".join(lines))})


class BirthdayField(DayField):
    def refuse(self, value: date | None) -> None:
        if value and not is_possible_birthday(value):
            raise ValueError("The date of birth must be in the past 120 years, its year in four digits.")
