"""Exports any list of the back office, with the `export_columns` of its admin."""

from datetime import datetime
from html import unescape
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from import_export.fields import Field
from import_export.widgets import Widget
from tablib import Dataset

from referrals.access import visible_to
from referrals.import_export import VisibleResource
from referrals.import_export.fields import RelationField
from referrals.import_export.widgets import widget_for
from referrals.models import User


class ListedResource(VisibleResource):
    """A column is a field of the model or, as in `list_display`, a method of the admin or of the row."""

    def __init__(self, user: User, listing: ModelAdmin) -> None:
        super().__init__(user)
        self.listing = listing
        self.fields = {name: self._column(name) for name in listing.export_columns}

    def export(self, queryset: QuerySet | None = None, **kwargs: object) -> Dataset:
        if queryset is not None:
            self.listing.log_export(self.user, visible_to(self.user, queryset))
        return super().export(queryset, **kwargs)

    def export_field(self, field: Field, instance: Model, **kwargs: object) -> str:
        if hasattr(self.listing, field.attribute):
            return _as_text(getattr(self.listing, field.attribute)(instance))
        return super().export_field(field, instance, **kwargs)

    def _column(self, name: str) -> Field:
        model = self.listing.model
        heading = capfirst(label_for_field(name, model, self.listing))
        model_fields = {field.name: field for field in (*model._meta.fields, *model._meta.many_to_many)}
        model_field = None if hasattr(self.listing, name) else model_fields.get(name)
        if model_field is None:
            return Field(name, heading, DisplayWidget())
        if model_field.is_relation:
            return RelationField(name, heading, DisplayWidget(), model_field.related_model)
        return Field(name, heading, widget_for(model_field))


class DisplayWidget(Widget):
    def render(self, value: Any, obj: Model | None = None, **kwargs: object) -> str:
        return "; ".join(map(str, value)) if isinstance(value, list) else _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, SafeString):
        return unescape(strip_tags(value))
    return "" if value is None else str(value)
