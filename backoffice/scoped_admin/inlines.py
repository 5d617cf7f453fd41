from django.contrib import admin
from django.db import models
from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.text import capfirst

from backoffice.scoped_admin.permissions import may_change, may_see
from backoffice.scoped_admin.scoping import ScopedMixin
from referrals.access import may_add


class ScopedFormSet(BaseInlineFormSet):
    """Accepts only keys of its own rows: Django's errors would reveal whether other keys exist."""

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        key = form.fields.get(self.model._meta.pk.name)
        if hasattr(key, "queryset"):
            key.queryset = self.model._default_manager.filter(pk__in=[row.pk for row in self.get_queryset()])


class ScopedInline(ScopedMixin, admin.TabularInline):
    """Rows of a parent. Whoever may change the parent may change them; others see only what they may see."""

    is_scoping_base = True
    extra = 0
    formset = ScopedFormSet

    def _changes_parent(self, request: HttpRequest, parent: Model | None) -> bool:
        if self.read_only:
            return False
        if parent is None:
            return may_add(request.user, self.parent_model)
        return may_change(request, self.parent_model, parent.pk)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: object):
        """Label each input, since screen readers do not read out the column's heading."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            getattr(field.widget, "widget", field.widget).attrs["aria-label"] = capfirst(db_field.verbose_name)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None or may_see(request, self.parent_model, obj.pk)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._changes_parent(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._changes_parent(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._changes_parent(request, obj)

    def _may_edit(self, request: HttpRequest, obj: Model | None) -> bool:
        return self._changes_parent(request, obj)
