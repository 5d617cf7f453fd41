"""A moment is told in local time wherever people read it: the same moment, written in another zone, reads the same."""

import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import DateTimeField, Model
from django.template import Library

from backoffice.scoped_admin.list_export import _as_text
from referrals.import_export.resource import widget_for
from referrals.models import AccessRecord, Event

# In summer, and in the last hour of a day of UTC: both the hour and the day differ.
IN_UTC = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
IN_LONDON = IN_UTC.astimezone(ZoneInfo("Europe/London"))

OURS = ("referrals", "directory_site")


def with_moments(row: Model, moment: datetime) -> Model:
    for field in row._meta.concrete_fields:
        if isinstance(field, DateTimeField):
            setattr(row, field.attname, moment)
    return row


def read_in(row: Model, read) -> tuple[str, str]:
    return tuple(str(read(with_moments(row, moment))) for moment in (IN_UTC, IN_LONDON))


def shown_by(model_admin: admin.ModelAdmin) -> Iterator[tuple[str, object]]:
    """Yield what a list or a form shows that is not simply a field, which Django itself turns into local time."""
    fields = {field.name for field in model_admin.model._meta.get_fields()}
    for name in {*model_admin.list_display, *model_admin.readonly_fields} - fields:
        if name == "__str__":
            continue
        if callable(name) or hasattr(model_admin, name):
            yield str(name), name if callable(name) else getattr(model_admin, name)
        else:
            yield name, lambda row, name=name: value() if callable(value := getattr(row, name)) else value


def test_every_row_is_named_in_local_time(ours):
    rows, compared = ours.rows(), 0
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            with suppress(AttributeError, model.DoesNotExist):  # a row that needs others to have a name
                utc, local = read_in(rows.get(model) or model(), str)
                assert utc == local, model
                compared += 1
    assert compared > 45
    assert str(with_moments(rows[AccessRecord], IN_UTC)).endswith("02 July 2026 00:30")
    assert str(with_moments(rows[Event], IN_UTC)).endswith("02 July 2026 00:30")


def test_every_column_of_the_back_office_is_in_local_time(ours):
    compared = 0
    for model, row in ours.rows().items():
        for name, read in shown_by(admin.site._registry[model]) if admin.site.is_registered(model) else ():
            with suppress(AttributeError):  # what only the list's own query knows
                if isinstance(read(row), datetime):
                    continue  # Django turns it into local time
                utc, local = read_in(row, read)
                assert utc == local, (model, name)
                compared += 1
    assert compared > 10


def filters() -> Iterator[tuple[str, object]]:
    for package in ("backoffice.templatetags", "directory_site.templatetags", "referrals.templatetags"):
        with suppress(ModuleNotFoundError):
            for module in pkgutil.iter_modules(import_module(package).__path__):
                library = getattr(import_module(f"{package}.{module.name}"), "register", None)
                if isinstance(library, Library):
                    yield from library.filters.items()


def test_every_filter_shows_times_in_local_time():
    found = dict(filters())
    assert {"ago", "exactly", "briefly"} <= set(found)
    for name, told in found.items():
        if len(inspect.signature(told).parameters) == 1:
            with suppress(AttributeError, TypeError, ValueError):  # a filter of something else
                if str(told(IN_UTC)) != str(IN_UTC):  # a filter of text changes nothing here
                    assert str(told(IN_UTC)) == str(told(IN_LONDON)), name


@pytest.mark.parametrize("write", [_as_text, widget_for(DateTimeField()).render])
def test_tables_hold_local_time(write):
    assert write(IN_UTC) == write(IN_LONDON) == "2026-07-02 00:30"
