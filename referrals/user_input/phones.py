"""Telephone numbers as people write them: which can be dialled, and which a spreadsheet has damaged."""

import re
from dataclasses import dataclass
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from phonenumbers import Leniency, NumberParseException, PhoneNumber, PhoneNumberFormat, format_number
from phonenumbers.shortnumberinfo import is_valid_short_number_for_region

from referrals.user_input.stored import KeepsStored
from referrals.user_input.text import plain_characters

COUNTRY, CODE = "GB", 44
MAX_LENGTH = 40
NOT_DIALLABLE = "This is not a phone number that can be dialled. Write it with its area code, like 020 7946 0000."
CUT_SHORT = "A spreadsheet has cut this number short, and its last figures are lost. Type it again."
_EXPONENT = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.I)
_FIGURES = re.compile(r"(\d{7,12})(?:[.,]0+)?")
_SHORT = re.compile(r"\d[\d ]{1,6}\d")


@dataclass(frozen=True, slots=True)
class TidyPhone:
    """A number as it is stored; `note` tells the sender what was corrected."""

    text: str
    note: str = ""


def tidy_phone(text: str) -> TidyPhone:
    """Restore a + or 0 that a spreadsheet dropped, if that is certain. Raises ValidationError where digits are lost."""
    plain = " ".join(plain_characters(text).split())
    if _EXPONENT.fullmatch(plain):
        raise ValidationError(CUT_SHORT)
    figures = _FIGURES.fullmatch(plain)
    if not figures:
        return TidyPhone(plain)
    number = figures[1]
    if number.startswith(str(CODE)) and (found := _parse(f"+{number}")):
        return TidyPhone(format_number(found, PhoneNumberFormat.INTERNATIONAL), "The + at its beginning was put back.")
    if number[0] != "0" and not _is_short(number) and (found := _parse(f"0{number}")):
        return TidyPhone(format_number(found, PhoneNumberFormat.NATIONAL), "The 0 at its beginning was put back.")
    return TidyPhone(number)


def dial_link(text: str) -> str:
    """Return "tel:02079460000" for the first number in the text, with its extension; empty if there is none."""
    plain = plain_characters(text)
    if _is_short(plain):
        return f"tel:{plain.replace(' ', '')}"
    number = _first_number(plain)
    if number is None:
        return ""
    if number.country_code == CODE:
        dialled = re.sub(r"\D", "", format_number(_without_extension(number), PhoneNumberFormat.NATIONAL))
    else:
        dialled = format_number(number, PhoneNumberFormat.E164)
    return f"tel:{dialled};ext={number.extension}" if number.extension else f"tel:{dialled}"


def _first_number(plain: str) -> PhoneNumber | None:
    if whole := _parse(plain):
        return whole
    for leniency in (Leniency.VALID, Leniency.POSSIBLE):
        for match in phonenumbers.PhoneNumberMatcher(plain, COUNTRY, leniency=leniency):
            if _is_dialled(match.number):
                return match.number
    return None


def _parse(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, COUNTRY)
    except NumberParseException:
        return None
    is_written_as_local = number.country_code == CODE and not re.match(r"[\s(]*(?:\+|00|\(?0)", text)
    return number if _is_dialled(number) and not is_written_as_local else None


def _is_dialled(number: PhoneNumber) -> bool:
    """Whether its length is right: ranges change faster than the library. Numbers for fiction (07700 900...) pass."""
    if number.country_code != CODE:
        return phonenumbers.is_possible_number(number)
    figures = phonenumbers.national_significant_number(number)
    return (len(figures) == 10 and figures[0] not in "46") or phonenumbers.is_valid_number(number)


def _is_short(plain: str) -> bool:
    """Whether it is a short code such as 999, 111, 116 123."""
    if not _SHORT.fullmatch(plain.strip()):
        return False
    return is_valid_short_number_for_region(phonenumbers.parse(plain, COUNTRY), COUNTRY)


def _without_extension(number: PhoneNumber) -> PhoneNumber:
    return PhoneNumber(
        country_code=number.country_code,
        national_number=number.national_number,
        italian_leading_zero=number.italian_leading_zero,
    )


class PhoneFormField(KeepsStored, forms.CharField):
    """A number that can be dialled."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", MAX_LENGTH)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "tel"}

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return read_phone(text).text if text else ""


def read_phone(text: str) -> TidyPhone:
    """Return the number as it is kept. Raises ValidationError unless it can be dialled."""
    tidy = tidy_phone(text)
    if not dial_link(tidy.text):
        raise ValidationError(NOT_DIALLABLE)
    return tidy


class PhoneField(models.CharField):
    """Checked only by forms and tables: the database takes any text, so numbers stored earlier stay as they are."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": MAX_LENGTH, "blank": True} | options)

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def formfield(self, **options: Any) -> forms.Field:
        return super().formfield(**{"form_class": PhoneFormField} | options)
