"""Keeps every admin to the rows that its user may see and change, as `referrals.access` decides.

Django's own admin limits only what `get_queryset` returns. Here choices, filters, look-ups, saving and deleting are
limited as well. Every admin extends ScopedAdmin (in `admin.py`), every inline ScopedInline; the site refuses others.
A subclass that overrides one of the methods in SEALED cannot even be defined.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets, get_fields_from_path, unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import Model, QuerySet
from django.forms import BaseFormSet, BaseInlineFormSet, CheckboxSelectMultiple, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst

from backoffice.responses import own_path, render_page
from backoffice.scoped_admin.relations import ReadOnlyChoices, ReadOnlyRelation, RelatedFilter
from backoffice.scoped_admin.shapes import ReadOnlyShape
from backoffice.user_context import limit_to_workplace
from referrals.access import changeable_by, may_add, visible_to
from referrals.access.access_log import log_access
from referrals.access.choices import choices_for
from referrals.enums import Screen
from referrals.refusals import constraint_message
from referrals.user_input.dates import DayField


class OutOfReach(PermissionDenied):
    """A row would belong to somebody else once it is saved, so nothing is saved."""


def _permission(request: HttpRequest, key: tuple, find: Callable[[], bool]) -> bool:
    # A page asks the same many times. An admin is shared by all requests, so the answer is kept on the request.
    answers = request.__dict__.setdefault("_permissions", {})
    if key not in answers:
        answers[key] = find()
    return answers[key]


def may_see(request: HttpRequest, model: type[Model], pk: Any = None) -> bool:
    if pk is None and request.user.is_active and request.user.is_superuser:
        return True  # operators open every list, even an empty one
    return _permission(request, ("see", model, pk), lambda: _exists(visible_to(request.user, model), pk))


def may_change(request: HttpRequest, model: type[Model], pk: Any = None) -> bool:
    return _permission(request, ("change", model, pk), lambda: _exists(changeable_by(request.user, model), pk))


def _exists(rows: QuerySet, pk: Any) -> bool:
    return (rows if pk is None else rows.filter(pk=pk)).exists()


class ScopedMixin(BaseModelAdmin):
    """What admins and inlines share.

    read_only: nobody edits these rows by hand; the workflow, an importer or the system writes them.
    fixed: fields that are chosen when a row is added and never changed, such as its organisation.
    """

    read_only = False
    fixed: tuple[str, ...] = ()

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

    def with_related(self, queryset: QuerySet) -> QuerySet:
        """Hook: add what lists and forms need, such as select_related."""
        return queryset

    def narrow(self, queryset: QuerySet, request: HttpRequest) -> QuerySet:
        """Hook: narrow the rows further. What it returns beyond what the user may see is dropped."""
        return queryset

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        seen = visible_to(request.user, self.with_related(super().get_queryset(request)))
        narrowed = self.narrow(seen, request)
        return seen if narrowed is seen else seen.filter(pk__in=narrowed.order_by().values("pk"))

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: object):
        kwargs["queryset"] = choices_for(db_field, request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: object):
        kwargs["queryset"] = choices_for(db_field, request.user)
        if db_field.name not in self.autocomplete_fields:
            kwargs.setdefault("widget", CheckboxSelectMultiple)  # Django's list needs a mouse and a Ctrl key
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: object):
        """Offer only "add another" beside a relation: changing and deleting belong in its own list."""
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        if isinstance(db_field, models.DateField) and not isinstance(db_field, models.DateTimeField):
            kwargs.setdefault("form_class", DayField)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
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

        def replace(name: Any) -> Any:  # a tuple is a row of several fields
            return [replace(each) for each in name] if isinstance(name, tuple | list) else read_only.get(name, name)

        fieldsets = super().get_fieldsets(request, obj)
        return [(title, {**options, "fields": [replace(n) for n in options["fields"]]}) for title, options in fieldsets]

    def _may_edit(self, request: HttpRequest, obj: Model | None) -> bool:
        return self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)

    def _as_read_only(self, name: Any, request: HttpRequest) -> Any:
        field = None if hasattr(self, name) else self.opts._forward_fields_map.get(name)
        if isinstance(field, GeometryField):
            return ReadOnlyShape(field)
        if isinstance(field, ArrayField):
            return ReadOnlyChoices(field)
        return ReadOnlyRelation(field, request.user) if field is not None and field.is_relation else name


def _read_proposed(field: models.Field, proposed: Any) -> Any:
    if not field.is_relation:
        return field.to_python(proposed)
    key = field.target_field if field.many_to_one else field.related_model._meta.pk
    return [key.to_python(one) for one in proposed] if field.many_to_many else key.to_python(proposed)


class WorkplaceChangeList(ChangeList):
    """Lists the rows of the chosen workplace only. A single row opens whichever is chosen."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Iterable[str] | None = None) -> QuerySet:
        if "\0" in "".join(text for texts in self.filter_params.values() for text in texts):
            raise IncorrectLookupParameters  # PostgreSQL refuses this character
        self.root_queryset = limit_to_workplace(request, self.root_queryset)
        return self.model_admin.order_list(super().get_queryset(request, exclude_parameters))


class ScopedModelAdmin(ScopedMixin, admin.ModelAdmin):
    """A ModelAdmin that shows and changes only what the user may see and change.

    deletable: whoever may change a row may delete it.
    opens_empty: the list opens for everybody, even with no rows; otherwise only for users who find something in it.
    """

    is_scoping_base = True
    deletable = False
    opens_empty = False
    logged_screen = Screen.RECORD
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = None  # deleting is done one by one, with its confirmation

    SEALED = (
        *ScopedMixin.SEALED,
        "changeform_view",
        "get_deleted_objects",
        "get_list_filter",
        "has_module_permission",
        "history_view",
        "lookup_allowed",
        "save_formset",
        "save_related",
    )

    def fully_shown_referrals(self, obj: Model) -> Iterable[int]:
        """Hook: return keys of the referrals that the row's page shows in full, for the access log."""
        return ()

    def tools(self, request: HttpRequest, obj: Model | None) -> list[tuple[str, str]]:
        """Hook: return (label, URL) of the links beside a row or, without one, beside the list."""
        return []

    def render_change_form(self, request: HttpRequest, context: dict, *args: object, **kwargs: object) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            log_access(request.user, self.fully_shown_referrals(obj), self.logged_screen)
            context["tools"] = self.tools(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Choose the organisation and the network where the user has only one to choose from."""
        initial = super().get_changeform_initial_data(request)
        for name, proposed in [*initial.items()]:
            field = self.opts._forward_fields_map.get(name)
            try:  # an address proposes text, on which the form would fail where its field takes something else
                initial[name] = _read_proposed(field, proposed) if field else proposed
            except (ValidationError, ValueError):
                del initial[name]
        for field in self.opts.concrete_fields:
            if field.name in ("organisation", "network") and field.editable:
                offered = list(choices_for(field, request.user)[:2])
                if len(offered) == 1:
                    initial.setdefault(field.name, offered[0].pk)
        return initial

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._redirect_to_next(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._redirect_to_next(request) or super().response_post_save_change(request, obj)

    def _redirect_to_next(self, request: HttpRequest) -> HttpResponse | None:
        target = own_path(request.GET.get("next", ""))
        return HttpResponseRedirect(target) if target else None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if obj is None:
            return self.opens_empty or may_see(request, self.model) or self.has_add_permission(request)
        return may_see(request, self.model, obj.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        if self.read_only:
            return False
        return _permission(request, ("add", self.model), lambda: may_add(request.user, self.model))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.read_only and may_change(request, self.model, obj.pk if obj else None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.deletable and self.has_change_permission(request, obj)

    def get_list_filter(self, request: HttpRequest) -> list:
        return [self._scoped_filter(entry) for entry in super().get_list_filter(request)]

    def _scoped_filter(self, entry: Any) -> Any:
        is_relation = isinstance(entry, str) and get_fields_from_path(self.model, entry)[-1].is_relation
        return (entry, RelatedFilter) if is_relation else entry

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest | None = None) -> bool:
        """Allow only what the list's filters use: with any other, people could guess at values they may not see."""
        return lookup in self._filter_lookups(super().get_list_filter(request))

    def _filter_lookups(self, entries: Iterable[Any]) -> set[str]:
        allowed = set()
        for entry in entries:
            if isinstance(entry, type):
                allowed.add(entry.parameter_name)
                continue
            name = entry[0] if isinstance(entry, tuple | list) else entry
            field = get_fields_from_path(self.model, name)[-1]
            exact = f"{name}__{field.target_field.name}__exact" if field.is_relation else f"{name}__exact"
            allowed |= {exact, f"{name}__isnull"}
            if isinstance(field, models.DateField):
                allowed |= {f"{name}__gte", f"{name}__lt"}
        return allowed

    def get_deleted_objects(self, objs: QuerySet, request: HttpRequest) -> tuple:
        """Name only the chosen rows: related ones may be somebody else's, so the page says only that there are some."""
        _, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        in_use = ["Referrals, services, answers or messages that still use it."] if protected else []
        return [str(obj) for obj in objs], counts, set() if protected else perms_needed, in_use

    def order_list(self, queryset: QuerySet) -> QuerySet:
        """Hook: order the list in a way that `ordering` cannot."""
        return queryset

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return WorkplaceChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {"title": capfirst(self.opts.verbose_name_plural), "tools": self.tools(request, None)}
        return super().changelist_view(request, context | (extra_context or {}))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """Only for those who may change the row: the log names people whom others may not see."""
        obj = self.get_object(request, unquote(object_id))
        if obj is not None and not self.has_change_permission(request, obj):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except OutOfReach as refusal:
            return self._refused(request, str(refusal), status=403)
        except IntegrityError as error:
            # The form has looked, so somebody else has changed what it saw in the meantime.
            reason = constraint_message(error, self.model, *(inline.model for inline in self.inlines))
            if not reason:
                raise
            return self._refused(request, f"{reason} Somebody has changed it just now: please look again.", status=409)

    def _refused(self, request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
        context = {"title": "This was not saved", "reason": reason}
        return render_page(request, "backoffice/refused.html", status=status, **context)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: list[BaseFormSet], change: bool) -> None:
        """Keep links that the user could not see, and refuse a row that would no longer be the user's to change."""
        unseen = self._unseen_links(request, form) if change else {}
        super().save_related(request, form, formsets, change)
        for name, keys in unseen.items():
            getattr(form.instance, name).add(*keys)
        self._refuse_unless_changeable(request, self.model, [form.instance])

    def _unseen_links(self, request: HttpRequest, form: ModelForm) -> dict[str, list]:
        fields = [field for field in self.opts.many_to_many if field.name in form.cleaned_data]
        unseen = {}
        for field in fields:
            linked = getattr(form.instance, field.name).order_by()
            offered = choices_for(field, request.user).order_by().values("pk")
            unseen[field.name] = list(linked.exclude(pk__in=offered).values_list("pk", flat=True))
        return unseen

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        changed = [row for row, _ in formset.changed_objects]
        self._refuse_unless_changeable(request, formset.model, [*formset.new_objects, *changed])

    def _refuse_unless_changeable(self, request: HttpRequest, model: type[Model], rows: list[Model]) -> None:
        keys = {row.pk for row in rows}
        if len(keys) != changeable_by(request.user, model).filter(pk__in=keys).count():
            name = model._meta.verbose_name
            raise OutOfReach(f"As it stands, this {name} would belong to somebody you do not act for.")


class ScopedFormSet(BaseInlineFormSet):
    """Accepts keys of its own rows only: Django's errors would show whether a row with some key exists anywhere."""

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        key = form.fields.get(self.model._meta.pk.name)
        if hasattr(key, "queryset"):
            key.queryset = self.model._default_manager.filter(pk__in=[row.pk for row in self.get_queryset()])


class ScopedInline(ScopedMixin, admin.TabularInline):
    """Rows of a parent. Whoever may change the parent may change them; others see those they may see."""

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
