"""What stands in a cell, for each kind of field: the words people read and write, in both directions."""

from datetime import date, datetime, time
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Field, Model
from django.utils import timezone
from import_export.widgets import Widget

from referrals import models as m
from referrals.catchments import write_catchment
from referrals.import_export.formulas import without_controls

LONGEST_CELL = 32_766  # a workbook cuts text off behind 32,767 characters, of which one may be our apostrophe
YES, NO = "Yes", "No"
_YES = {"yes", "y", "true", "1"}
_NO = {"no", "n", "false", "0"}
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")


class Text(Widget):
    """Text, and whatever is shown as it is."""

    def __init__(self, field: Field | None = None) -> None:
        super().__init__()
        self.field = field

    @property
    def empty(self) -> Any:
        """What an empty cell means: the field's default, if it has one, else nothing."""
        return self.field.get_default() if self.field else ""

    def clean(self, value: str, row: object = None, **kwargs: object) -> Any:
        """Return the value of a cell; raise ValueError, in words, when it is none."""
        text = value.strip()
        return self.read(text) if text else self.empty

    def read(self, text: str) -> Any:
        return text

    def render(self, value: Any, obj: Model | None = None, **kwargs: object) -> str:
        return "" if value is None else self.write(value)

    def write(self, value: Any) -> str:
        return str(value)


class YesNo(Text):
    def read(self, text: str) -> bool:
        if text.lower() not in _YES | _NO:
            raise ValueError("Write Yes or No.")
        return text.lower() in _YES

    def write(self, value: bool) -> str:
        return YES if value else NO


class WholeNumber(Text):
    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 11):
            raise ValueError("Write a whole number.")
        return int(text)


class Day(Text):
    def read(self, text: str) -> date:
        for form in _DAYS:
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not a moment
            except ValueError:
                continue
        raise ValueError("Write the day as in 2026-05-31.")

    def write(self, value: date) -> str:
        return value.isoformat()


class Clock(Text):
    """A time of day, to the minute unless there is more."""

    def read(self, text: str) -> time:
        hour, _, rest = text.replace(".", ":").partition(":")
        try:
            return time.fromisoformat(f"{hour.zfill(2)}:{rest or '00'}")
        except ValueError:
            raise ValueError("Write the time as in 09:30.") from None

    def write(self, value: time) -> str:
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")


class Shape(Text):
    """Shown as GeoJSON; read by whoever knows the area that it has to lie in."""

    def write(self, value: GEOSGeometry) -> str:
        return write_catchment(value)


class Moment(Text):
    """Shown, never read: moments are written down by the system."""

    def write(self, value: datetime) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


class OneOf(Text):
    """A choice, in its own words; one that says nothing is an empty cell."""

    def read(self, text: str) -> Any:
        return _code_of(text, self.field)

    def write(self, value: Any) -> str:
        return str(dict(self.field.flatchoices).get(value, value)) if value != "" else ""


class SomeOf(Text):
    """Several choices of an array, separated by semicolons."""

    def read(self, text: str) -> list:
        return [_code_of(one.strip(), self.field.base_field) for one in text.split(";") if one.strip()]

    def write(self, value: list) -> str:
        words = dict(self.field.base_field.flatchoices)
        return "; ".join(str(words.get(code, code)) for code in value)


def _code_of(text: str, field: Field) -> Any:
    for code, words in field.flatchoices:
        if text.casefold() in (str(words).casefold(), str(code).casefold()):
            return code
    raise ValueError(f"Write one of: {', '.join(str(words) for _, words in field.flatchoices)}.")


class Named(Text):
    """A row of another table, by its name. It is looked up by whoever knows what may be chosen: see ScopedResource."""

    def write(self, value: Model) -> str:
        return name_of(value)


class SomeNamed(Text):
    """Rows of another table, by their names, separated by semicolons."""

    def write(self, value: list[Model]) -> str:
        return "; ".join(sorted(name_of(row) for row in value))


def name_field(model: type[Model]) -> str | None:
    """Return the field that a row is called by in a table: a category by its short name, which its network has once."""
    if model is m.Category:
        return "slug"
    try:
        return model._meta.get_field("name").name
    except FieldDoesNotExist:
        return None


def name_of(row: Model) -> str:
    named = name_field(type(row))
    return str(getattr(row, named) or row) if named else str(row)


def as_one_line_end(text: str) -> str:
    """Return `text` as it comes back from a file: with one kind of line end, and without what no workbook can hold."""
    return without_controls(text.replace("\r\n", "\n")).replace("\r", "\n")


def says(cell: str, what: str) -> bool:
    """Whether a cell says `what`, or as much of it as a workbook has left of it."""
    cell, what = as_one_line_end(cell).strip(), as_one_line_end(what).strip()
    return cell == what or (len(cell) >= LONGEST_CELL and what.startswith(cell))


def whole(cell: str) -> str:
    """Return the cell, unless it may be what a workbook left of a longer one."""
    if LONGEST_CELL <= len(cell) <= LONGEST_CELL + 1:
        raise ValueError("This is as long as a workbook's cell can be: its end may be missing. Send the table as CSV.")
    return cell


def is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def widget_for(field: Field) -> Text:
    if field.many_to_many:
        return SomeNamed(field)
    if field.is_relation:
        return Named(field)
    if isinstance(field, ArrayField):
        return SomeOf(field)
    if field.flatchoices:
        return OneOf(field)
    kinds = ((models.BooleanField, YesNo), (models.DateTimeField, Moment), (models.DateField, Day))
    kinds += ((models.IntegerField, WholeNumber), (models.TimeField, Clock), (GeometryField, Shape))
    return next((kind for of, kind in kinds if isinstance(field, of)), Text)(field)
