"""How values are written in cells and read from them, in words.

A widget that cannot read a cell raises ValueError, with a message for the person who sent the table. `clean` is given
the `user`, the `instance` that the row is about, and `notes`, a list for remarks that the preview shows.
"""

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Field, Model
from django.utils import timezone
from import_export.widgets import Widget

from referrals.catchments import write_catchment
from referrals.import_export.formulas import LONGEST_CELL, normalise_line_ends
from referrals.mailboxes import refuse_address
from referrals.user_input.dates import refuse_implausible
from referrals.user_input.phones import PhoneField, read_phone
from referrals.user_input.text import on_one_line, strip_invisible
from referrals.words import join_in_words

_YES = {"yes", "y", "true", "1"}
_NO = {"no", "n", "false", "0"}
MOST_PROBLEMS = 5  # of one cell
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.I)


def is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def cell_equals(cell: str, text: str) -> bool:
    """Whether a cell says `text`, or the part of it that a workbook keeps."""
    cell, text = normalise_line_ends(cell).strip(), normalise_line_ends(text).strip()
    return cell in (text, strip_invisible(text).strip()) or (len(cell) >= LONGEST_CELL and text.startswith(cell))


def refuse_cut_off(cell: str) -> None:
    if LONGEST_CELL <= len(cell) <= LONGEST_CELL + 1:
        raise ValueError("This is as long as a workbook's cell can be: its end may be missing. Send the table as CSV.")


class TextWidget(Widget):
    blank: Any = ""  # the value of an empty cell, unless the column has a default

    def __init__(self, field: Field | None = None) -> None:
        super().__init__()
        self.field = field

    def clean(self, value: str, row: dict | None = None, **kwargs: object) -> Any:
        text = (on_one_line(value) if isinstance(self.field, models.CharField) else value).strip()
        return self.read(text) if text else self.blank

    def render(self, value: Any, obj: Model | None = None, **kwargs: object) -> str:
        return "" if value is None else self.write(value)

    def read(self, text: str) -> Any:
        return text

    def write(self, value: Any) -> str:
        return str(value)


class KeyWidget(TextWidget):
    """Reads the ID of a row. What cannot be one reads as None, and `ScopedResource` refuses it."""

    blank = None

    def read(self, text: str) -> int | None:
        return int(text) if is_key(text) else None


class YesNoWidget(TextWidget):
    blank = None

    def read(self, text: str) -> bool:
        if text.lower() not in _YES | _NO:
            raise ValueError("Write Yes or No.")
        return text.lower() in _YES

    def write(self, value: bool) -> str:
        return "Yes" if value else "No"


class WholeNumberWidget(TextWidget):
    blank = None

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 11):
            raise ValueError(f"“{text[:60]}” is not a whole number. Write figures alone, as in 12.")
        return int(text)


class DateWidget(TextWidget):
    blank = None

    def read(self, text: str) -> date:
        plain = re.sub(r"\bsept\b", "Sep", _ORDINAL.sub("", text), flags=re.I)
        for date_format in _DATE_FORMATS:
            try:
                day = datetime.strptime(plain, date_format).date()  # noqa: DTZ007 - a day, not a moment
            except ValueError:
                continue
            refuse_implausible(day)
            return day
        raise ValueError(f"“{text[:60]}” is not a date. Write it as in 2026-05-31.")


class TimeWidget(TextWidget):
    """For exports alone: importable tables write hours as in `referrals.hours.notation`."""

    def write(self, value: time) -> str:
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")


class MomentWidget(TextWidget):
    def write(self, value: datetime) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


class PhoneWidget(TextWidget):
    def clean(self, value: str, row: dict | None = None, *, notes: list[str], **kwargs: object) -> str:
        text = value.strip()
        if not text:
            return ""
        try:
            phone = read_phone(text)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from error
        if phone.note:
            notes.append(phone.note)
        return phone.text


class WebAddressWidget(TextWidget):
    """As in the forms, "example.org" is https://example.org."""

    def read(self, text: str) -> str:
        try:
            return forms.URLField(assume_scheme="https").clean(text)
        except ValidationError as error:
            raise ValueError("This is not a web address. Write one, like https://example.org/.") from error


class EmailWidget(TextWidget):
    def read(self, text: str) -> str:
        try:
            refuse_address(text)
        except ValidationError as error:
            raise ValueError("This is not an e-mail address. Write one alone, like help@example.org.") from error
        return text


class ShapeWidget(TextWidget):
    blank = None

    def write(self, value: GEOSGeometry) -> str:
        return write_catchment(value)


class ChoiceWidget(TextWidget):
    """One of a field's choices, in its own words; the empty choice is an empty cell."""

    def read(self, text: str) -> Any:
        return _read_choices([text], self.field)[0]

    def write(self, value: Any) -> str:
        return str(dict(self.field.flatchoices).get(value, value)) if value != "" else ""


class ChoicesWidget(TextWidget):
    """Several choices of an array, separated by semicolons."""

    def clean(self, value: str, row: dict | None = None, **kwargs: object) -> list:
        texts = [part.strip() for part in value.split(";") if part.strip()]
        try:
            return _read_choices(texts, self.field.base_field)
        except ValueError as wrong:
            raise ValueError(f"{wrong}{hint_at_semicolon(value)}") from None

    def write(self, value: list) -> str:
        labels = dict(self.field.base_field.flatchoices)
        return "; ".join(str(labels.get(code, code)) for code in value)


def hint_at_semicolon(text: str) -> str:
    return " Put a semicolon between two of them." if "," in text else ""


def _read_choices(texts: list[str], field: Field) -> list:
    codes = {str(name).casefold(): code for code, label in field.flatchoices for name in (code, label)}
    wrong = [f"“{text[:60]}”" for text in texts if text.casefold() not in codes][:MOST_PROBLEMS]
    if wrong:
        labels = ", ".join(str(label) for _, label in field.flatchoices)
        are_not = "is not one of" if len(wrong) == 1 else "are not among"
        raise ValueError(f"{join_in_words(wrong)} {are_not} the answers here: {labels}.")
    return [codes[text.casefold()] for text in texts]


def widget_for(field: Field) -> Widget:
    if isinstance(field, ArrayField):
        return ChoicesWidget(field)
    if field.flatchoices:
        return ChoiceWidget(field)
    kinds = {
        models.BooleanField: YesNoWidget,
        models.DateTimeField: MomentWidget,  # before DateField, which it extends
        models.DateField: DateWidget,
        models.IntegerField: WholeNumberWidget,
        models.TimeField: TimeWidget,
        GeometryField: ShapeWidget,
        PhoneField: PhoneWidget,
        models.URLField: WebAddressWidget,
        models.EmailField: EmailWidget,
    }
    return next((widget for kind, widget in kinds.items() if isinstance(field, kind)), TextWidget)(field)
