"""Any list of the back office as a table: the columns that its admin names, and no others."""

from datetime import datetime
from html import unescape
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from import_export.fields import Field

from referrals.import_export import OutwardResource
from referrals.import_export.cells import Text
from referrals.models import User


class ListedResource(OutwardResource):
    """Model fields and, as the list does, methods of the admin and the row; relations as they are called there."""

    def __init__(self, user: User, shown: ModelAdmin) -> None:
        self.shown = shown
        super().__init__(user, shown.model, shown.export_columns)

    def _asks_admin(self, name: str) -> bool:
        return hasattr(self.shown, name)

    def column(self, name: str) -> Field:
        if name in self.model_fields and not self._asks_admin(name):
            return super().column(name)
        return Field(name, self.head_of(name), Text())

    def head_of(self, name: str) -> str:
        return capfirst(label_for_field(name, self.model, self.shown))

    def export_field(self, field: Field, instance: Model, **kwargs: object) -> str:
        name = field.attribute
        if self._asks_admin(name):
            return _in_words(getattr(self.shown, name)(instance))
        model_field = self.model_fields.get(name)
        if model_field is None or not model_field.is_relation:
            return super().export_field(field, instance, **kwargs)
        seen = getattr(instance, f"seen_{name}")
        return "; ".join(map(str, seen)) if model_field.many_to_many else _in_words(seen)


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, SafeString):
        return unescape(strip_tags(value))
    return "" if value is None else str(value)
