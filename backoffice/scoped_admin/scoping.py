"""What admins and inlines share: each is kept to the rows that its user may see and change.

Django's own admin limits only what `get_queryset` returns. Here choices, filters, look-ups, list columns, saving and
deleting are limited as well. Every admin extends ScopedAdmin (in `admin.py`), every inline ScopedInline; the site
refuses others. A subclass that overrides one of the methods in SEALED cannot even be defined.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Model, QuerySet
from django.forms import CheckboxSelectMultiple, URLInput
from django.http import HttpRequest
from django.utils.text import capfirst

from backoffice.scoped_admin.field_display import ReadOnlyYesOrNo
from backoffice.scoped_admin.permissions import may_see
from backoffice.scoped_admin.relations import ReadOnlyChoices, ReadOnlyRelation, ScopedSelect
from backoffice.scoped_admin.shapes import ReadOnlyShape
from backoffice.scoped_admin.translations import ReadOnlyTranslations, TranslationsField
from referrals.access import visible_to
from referrals.access.choices import choices_for
from referrals.models import User
from referrals.user_input.dates import DayField


class ScopedMixin(BaseModelAdmin):
    """What admins and inlines share.

    read_only: nobody edits these rows by hand; the workflow, an importer or the system writes them.
    fixed: fields that are chosen when a row is added and never changed, such as its organisation.
    when_new: all that the form of a new row asks, where the other fields have defaults that are good to begin with.
    """

    read_only = False
    fixed: tuple[str, ...] = ()
    when_new: tuple[str, ...] = ()

    SEALED: tuple[str, ...] = (
        "formfield_for_foreignkey",
        "formfield_for_manytomany",
        "get_fieldsets",
        "get_queryset",
        "get_readonly_fields",
        "has_add_permission",
        "has_change_permission",
        "has_delete_permission",
        "has_view_permission",
    )

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        base = next((base for base in cls.__mro__[1:] if base.__dict__.get("is_scoping_base")), None)
        if base is None or cls.__dict__.get("is_scoping_base"):
            return
        overridden = [name for name in base.SEALED if getattr(cls, name) is not getattr(base, name)]
        if overridden:
            names = ", ".join(overridden)
            raise TypeError(f"{cls.__name__} must not override {names}: backoffice.scoped_admin relies on it.")

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        """Hook: add what lists and forms need, such as select_related."""
        return queryset

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return visible_to(request.user, self.with_related(super().get_queryset(request), request.user))

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: object):
        kwargs["queryset"] = choices_for(db_field, request.user)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ScopedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: object):
        kwargs["queryset"] = choices_for(db_field, request.user)
        if db_field.name not in self.autocomplete_fields:
            kwargs.setdefault("widget", CheckboxSelectMultiple)  # Django's list needs a mouse and a Ctrl key
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: object):
        """Offer only "add another" beside a relation to another model: changing and deleting belong in its own list."""
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
            kwargs.setdefault("widget", URLInput)  # Django's repeats the address as a link above the field
        if isinstance(db_field, models.DateField) and not isinstance(db_field, models.DateTimeField):
            kwargs.setdefault("form_class", DayField)
        if db_field.name == "translations":
            return TranslationsField(self.model, label=capfirst(db_field.verbose_name), help_text=db_field.help_text)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
            widget.use_fieldset = widget.widget.use_fieldset
            if db_field.related_model is self.model:  # its own form is already open
                widget.can_add_related = False
        if isinstance(widget, AdminSplitDateTime):  # Django's label belongs to neither of its two boxes
            for box, part in zip(widget.widgets, ("date", "time"), strict=True):
                box.attrs["aria-label"] = f"{field.label}: {part}"
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list:
        """Return names of fields and, for relations and shapes, objects that show only what the user may see."""
        names = [*super().get_readonly_fields(request, obj)]
        if obj is not None and isinstance(obj, self.model):
            names += [*self.fixed, *self._hidden_relations(request, obj)]
        if not self._may_edit(request, obj):
            names += flatten_fieldsets(self.fieldsets) if self.fieldsets else self.fields
        return [self._as_read_only(name, request) for name in dict.fromkeys(names)]

    def _hidden_relations(self, request: HttpRequest, obj: Model) -> list[str]:
        """Name relations to rows that the user may not see: the form would show none, and saving would clear them."""
        keys = [f for f in obj._meta.fields if f.is_relation and f.editable and getattr(obj, f.attname) is not None]
        return [f.name for f in keys if not may_see(request, f.related_model, getattr(obj, f.attname))]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list:
        read_only = {getattr(field, "name", field): field for field in self.get_readonly_fields(request, obj)}

        # What has a value only once the row is saved, such as when it was.
        later = [] if obj else [field.name for field in self.opts.fields if not field.editable]

        def is_shown(name: Any) -> bool:
            return name not in later and (obj is not None or not self.when_new or name in self.when_new)

        def replace(names: Iterable[Any]) -> list[Any]:  # a tuple is a row of several fields
            rows = [
                replace(name) if isinstance(name, tuple | list) else read_only.get(name, name)
                for name in names
                if isinstance(name, tuple | list) or is_shown(name)
            ]
            return [row for row in rows if row != []]

        fieldsets = [
            (title, {**options, "fields": replace(options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [(title, options) for title, options in fieldsets if options["fields"]]

    def _may_edit(self, request: HttpRequest, obj: Model | None) -> bool:
        return self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)

    def _as_read_only(self, name: Any, request: HttpRequest) -> Any:
        field = None if hasattr(self, name) else self.opts._forward_fields_map.get(name)
        if name == "translations":
            return ReadOnlyTranslations(field)
        if isinstance(field, GeometryField):
            return ReadOnlyShape(field)
        if isinstance(field, ArrayField):
            return ReadOnlyChoices(field)
        if isinstance(field, models.BooleanField):
            return ReadOnlyYesOrNo(field)
        return ReadOnlyRelation(field, request.user) if field is not None and field.is_relation else name
