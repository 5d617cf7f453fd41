from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import Model, OrderBy, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.forms import BaseFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.text import capfirst

from backoffice.responses import own_path
from backoffice.scoped_admin.field_display import FlagColumn
from backoffice.scoped_admin.import_export import TablesAdmin
from backoffice.scoped_admin.organisation_filter import OrganisationFilter, shows_own
from backoffice.scoped_admin.permissions import OutOfReach, ask_once, may_change, may_see
from backoffice.scoped_admin.relations import RelatedFilter, RelationColumn
from backoffice.scoped_admin.scoping import ScopedMixin
from backoffice.scoped_admin.visible_values import crosses_relation, visible_order, visible_value
from backoffice.user_context import limit_to_workplace
from referrals.access import changeable_by, may_add
from referrals.access.access_log import log_access
from referrals.access.choices import choices_for
from referrals.enums import Screen
from referrals.models import User
from referrals.refusals import constraint_message


def _alias_of(path: str) -> str:
    return f"seen_{path.replace(LOOKUP_SEP, '_')}"


def _clean_initial(field: models.Field, proposed: Any) -> Any:
    if not field.is_relation:
        return field.to_python(proposed)
    key = field.target_field if field.many_to_one else field.related_model._meta.pk
    return [key.to_python(one) for one in proposed] if field.many_to_many else key.to_python(proposed)


def _may_edit_rows(formset: InlineAdminFormSet) -> bool:
    return formset.has_add_permission or formset.has_change_permission or formset.has_delete_permission


def _refusing_form(form: type[ModelForm], reason: str) -> type[ModelForm]:
    """Return a form that shows `reason` above what was typed, and is never valid."""

    def clean(self: ModelForm) -> dict:
        self.add_error(None, reason)
        return form.clean(self)

    return type(form.__name__, (form,), {"clean": clean})


class WorkplaceChangeList(ChangeList):
    """Lists only the rows of the chosen workplace. Single rows open in any workplace."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Iterable[str] | None = None) -> QuerySet:
        self.root_queryset = limit_to_workplace(request, self.root_queryset)
        return self.model_admin.order_list(super().get_queryset(request, exclude_parameters))

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list:
        keys = super().get_ordering(request, queryset)
        return [seen for key in keys for seen in self.model_admin.order_by_visible(request, key)]

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:  # there is no such page; Django would drop the whole query string
            paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
            self.page_num = paginator.num_pages
            super().get_results(request)
        for column in self.list_display:
            if isinstance(column, RelationColumn):
                self.result_list = column.annotate(self.result_list)


class ScopedAdmin(ScopedMixin, TablesAdmin):
    """The ModelAdmin that every admin extends: it shows and changes only what the user may see and change.

    deletable: whoever may change a row may delete it.
    visible_when_empty: everybody can open the list, even with no rows; otherwise only those for whom it has some.
    only_operators: raw rows, for operators alone. Others have screens that show them what concerns them.
    flags: for a yes-or-no column, the value the list points out, and its words; by default "yes", by the field's name.
    always_visible: paths to values of related rows that anybody who sees the row may see.
    """

    is_scoping_base = True
    deletable = False
    visible_when_empty = False
    only_operators = False
    flags: dict[str, tuple[bool, str]] = {}
    always_visible: tuple[str, ...] = ()
    logged_screen = Screen.RECORD
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = None  # deleting is done one by one, with its confirmation

    SEALED = (
        *ScopedMixin.SEALED,
        "changeform_view",
        "confirm_view",
        "download_view",
        "get_deleted_objects",
        "get_list_display",
        "get_list_filter",
        "get_search_fields",
        "has_import_permission",
        "has_module_permission",
        "history_view",
        "import_view",
        "is_exported",
        "lookup_allowed",
        "progress_view",
        "save_formset",
        "save_related",
        "template_view",
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
            if not context["adminform"].form.fields and not any(map(_may_edit_rows, context["inline_admin_formsets"])):
                context |= {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
                if context["title"] == f"Change {self.opts.verbose_name}":
                    context["title"] = f"View {self.opts.verbose_name}"
        context["adminform"].form.label_suffix = ""  # labels are above their fields
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Choose the organisation and the network of the list one comes from, or where there is only one to choose."""
        initial = super().get_changeform_initial_data(request)
        listed = QueryDict(request.GET.get("_changelist_filters", ""))
        for name in ("organisation", "network"):
            if (key := f"{name}__id__exact") in listed and name in self.opts._forward_fields_map:
                initial.setdefault(name, listed[key])
        for name, proposed in [*initial.items()]:
            field = self.opts._forward_fields_map.get(name)
            try:  # a URL proposes text, which would break the form if it is not a value of the field
                initial[name] = _clean_initial(field, proposed) if field else proposed
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

    def _is_closed_to(self, user: User) -> bool:
        return self.only_operators and not user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self._is_closed_to(request.user):
            return False
        if obj is None:
            return self.visible_when_empty or may_see(request, self.model) or self.has_add_permission(request)
        return may_see(request, self.model, obj.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        if self.read_only or self._is_closed_to(request.user):
            return False
        return ask_once(request, ("add", self.model), lambda: may_add(request.user, self.model))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self.read_only or self._is_closed_to(request.user):
            return False
        return may_change(request, self.model, obj.pk if obj else None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.deletable and self.has_change_permission(request, obj)

    def get_list_display(self, request: HttpRequest) -> list:
        """Return names and, for relations, columns that name only what the user may see, as the row's page does."""
        return [self._scoped_column(name, request) for name in super().get_list_display(request)]

    def _scoped_column(self, name: str, request: HttpRequest) -> Any:
        field = None if hasattr(self, name) else self.opts._forward_fields_map.get(name)
        if isinstance(field, models.BooleanField):
            return FlagColumn(field, *self.flags.get(name, (True, capfirst(field.verbose_name))))
        return RelationColumn(field, request.user) if field is not None and field.is_relation else name

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

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [_alias_of(path) if self._may_hide(request, path) else path for path in self.search_fields]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        hiding = [path for path in self.search_fields if search_term and self._may_hide(request, path)]
        aliases = {_alias_of(path): visible_value(request.user, self.model, path) for path in hiding}
        return super().get_search_results(request, queryset.alias(**aliases), search_term)

    def order_by_visible(self, request: HttpRequest, key: str | OrderBy) -> list[str | OrderBy]:
        may_hide = isinstance(key, str) and self._may_hide(request, key.removeprefix("-"))
        return visible_order(request.user, self.model, key) if may_hide else [key]

    def _may_hide(self, request: HttpRequest, path: str) -> bool:
        """Whether a user who sees a row of the list may not see its value at `path`."""
        return not (request.user.is_superuser or path in self.always_visible) and crosses_relation(self.model, path)

    def get_deleted_objects(self, objs: QuerySet, request: HttpRequest) -> tuple:
        """Name only the chosen rows: related ones may be somebody else's, so the page says only that there are some."""
        _, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        in_use = ["Referrals, services, answers or messages that still use it."] if protected else []
        named = {model._meta.verbose_name_plural for model in self.admin_site._registry}
        counts = {rows: number for rows, number in counts.items() if rows in named}
        return [str(obj) for obj in objs], counts, set() if protected else perms_needed, in_use

    def order_list(self, queryset: QuerySet) -> QuerySet:
        """Hook: order the list in a way that `ordering` cannot."""
        return queryset

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return WorkplaceChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        plural = self.opts.verbose_name_plural
        title = f"Your {plural}" if OrganisationFilter in self.list_filter and shows_own(request) else capfirst(plural)
        context = {"title": title, "tools": self.tools(request, None)}
        return super().changelist_view(request, context | self.tables_context(request) | (extra_context or {}))

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
            reason, status = str(refusal), 403
        except IntegrityError as error:
            # The form has checked this, so somebody else has changed it in the meantime.
            reason, status = constraint_message(error, self.model, *(inline.model for inline in self.inlines)), 409
            if not reason:
                raise
            reason = f"{reason} Somebody has changed it just now: please look again."
        request.refusal = f"This was not saved. {reason}"
        response = super().changeform_view(request, object_id, form_url, extra_context)  # with what was typed
        if response.status_code == 200:  # else the row itself is gone
            response.status_code = status
        return response

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        reason = getattr(request, "refusal", "")
        return _refusing_form(form, reason) if reason else form

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: list[BaseFormSet], change: bool) -> None:
        """Keep links that the user could not see, and refuse a row that would no longer be the user's to change."""
        unseen = self.unseen_links(request, form) if change else {}
        super().save_related(request, form, formsets, change)
        for name, rows in unseen.items():
            getattr(form.instance, name).add(*rows)
        self._refuse_unless_changeable(request, self.model, [form.instance])

    def unseen_links(self, request: HttpRequest, form: ModelForm) -> dict[str, list[Model]]:
        """Return, by field of the form, the rows that this one is linked with and that the user could not choose."""
        unseen = {}
        for field in self.opts.many_to_many:
            if field.name in form.cleaned_data:
                offered = choices_for(field, request.user).order_by().values("pk")
                unseen[field.name] = list(getattr(form.instance, field.name).exclude(pk__in=offered))
        return unseen

    def construct_change_message(
        self, request: HttpRequest, form: ModelForm, formsets: list[BaseFormSet] | None, add: bool = False
    ) -> list[dict]:
        """Name the fields as tables do: in a form, a field's label may be a question."""
        changes = super().construct_change_message(request, form, formsets, add)
        fields = {field.name: field for field in self.opts.get_fields() if not field.auto_created}
        with translation.override(None):  # as Django stores them
            names = {
                str(form_field.label or name): str(capfirst(fields[name].verbose_name))
                for name, form_field in form.fields.items()
                if name in fields
            }
            for change in changes:
                if "name" not in change.get("changed", {"name": ""}):  # else it is of a formset's row
                    labels = map(str, change["changed"]["fields"])
                    change["changed"]["fields"] = [names.get(label, label) for label in labels]
        return changes

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        changed = [row for row, _ in formset.changed_objects]
        self._refuse_unless_changeable(request, formset.model, [*formset.new_objects, *changed])

    def _refuse_unless_changeable(self, request: HttpRequest, model: type[Model], rows: list[Model]) -> None:
        keys = {row.pk for row in rows}
        if len(keys) != changeable_by(request.user, model).filter(pk__in=keys).count():
            name = model._meta.verbose_name
            raise OutOfReach(f"This {name} would then belong to somebody you do not act for.")
