"""Relations limited to what the user may see: read-only, in columns and filters of a list, and in autocomplete."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.filters import ListFilter, RelatedFieldListFilter
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Field, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from backoffice.scoped_admin.field_display import FieldDisplay
from referrals.access import visible_links, visible_to
from referrals.access.choices import choices_for
from referrals.import_export.widgets import is_key


class ReadOnlyRelation(FieldDisplay):
    """Shows the related rows that `user` may see."""

    def __init__(self, field: Field, user: Any) -> None:
        super().__init__(field)
        self.user = user

    def __call__(self, obj: Model) -> str:
        if self.field.many_to_many:
            linked = visible_links(self.user, obj, self.field)
        else:
            linked = self.field.related_model._default_manager.filter(pk=getattr(obj, self.field.attname))
        return ", ".join(map(str, visible_to(self.user, linked)))


class RelationColumn(FieldDisplay):
    """Shows the related row in each line of a list, where `user` may see it: `annotate` asks for all lines at once."""

    def __init__(self, field: Field, user: Any) -> None:
        super().__init__(field)
        self.user = user
        self.admin_order_field = field.name
        self.is_seen = f"sees_{field.name}"

    def annotate(self, rows: QuerySet) -> QuerySet:
        seen = visible_to(self.user, self.field.related_model).filter(pk=OuterRef(self.field.attname))
        return rows.annotate(**{self.is_seen: Exists(seen)})

    def __call__(self, obj: Model) -> str:
        return str(getattr(obj, self.field.name)) if getattr(obj, self.is_seen) else ""


class ReadOnlyChoices(FieldDisplay):
    def __call__(self, obj: Model) -> str:
        words = dict(self.field.base_field.flatchoices)
        return ", ".join(str(words.get(code, code)) for code in getattr(obj, self.field.name))


class RelatedFilter(RelatedFieldListFilter):
    """Accepts only rows that the user may see. Offers those that rows of the list refer to, and what was asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = f"No {self.lookup_title}"
        self.is_refused = not self._asked() <= {str(pk) for pk, _ in self.lookup_choices}

    def _asked(self) -> set[str]:
        return set(self.lookup_val or ())

    def field_choices(self, field: Field, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        used = model_admin.get_queryset(request).order_by().values(self.field_path)
        offered = Q(pk__in=used) | Q(pk__in=[key for key in self._asked() if is_key(key)])
        return [(row.pk, str(row)) for row in visible_to(request.user, field.related_model).filter(offered)]

    def has_output(self) -> bool:
        """Django applies a filter only where it is shown: a single choice filters nothing away, a refused one all."""
        return self.is_refused or super().has_output()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.none() if self.is_refused else super().queryset(request, queryset)


class CategoryFilter(RelatedFilter):
    """Offers categories in the order of their tree, each with the number of rows that it would leave."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        used = model_admin.get_queryset(request).order_by().values(self.field_path)
        rows = visible_to(request.user, field.related_model).in_tree_order().filter(pk__in=used)
        return [(row.pk, "\u2003" * row.tree_depth + row.name) for row in rows]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        counts = count_by(self, changelist, self.field_path)
        every, *others = super().choices(changelist)
        keys = [pk for pk, _ in self.lookup_choices] + [None] * self.include_empty_choice
        yield every
        for key, choice in zip(keys, others, strict=True):
            yield choice | {"count": counts.get(key, 0)}


def rows_without(spec: ListFilter, changelist: ChangeList) -> QuerySet:
    """Return the rows as the list would be without one filter. Django's own way would make every filter anew."""
    rows = changelist.root_queryset
    for other in changelist.filter_specs:
        if other is not spec:
            rows = other.queryset(spec.request, rows)
    found, _ = changelist.model_admin.get_search_results(spec.request, rows, changelist.query)
    return found.order_by()


def count_by(spec: ListFilter, changelist: ChangeList, path: str) -> dict[Any, int]:
    rows = rows_without(spec, changelist)
    return dict(rows.values_list(path).annotate(number=Count("pk", distinct=True)))


class ScopedAutocomplete(AutocompleteJsonView):
    """Answers only for fields in some `autocomplete_fields`, for users of that form, and with its choices."""

    def process_request(self, request: HttpRequest) -> tuple:
        found = super().process_request(request)
        source_field = found[2]
        admins = self.admin_site._registry.values()
        screens = [*admins, *(inline for admin in admins for inline in admin.inlines)]
        if not any(
            source_field.name in screen.autocomplete_fields for screen in screens if screen.model is source_field.model
        ):
            raise PermissionDenied
        return found

    def has_perm(self, request: HttpRequest, obj: Model | None = None) -> bool:
        model_admin = self.admin_site.get_model_admin(self.source_field.model)
        may_edit = model_admin.has_add_permission(request) or model_admin.has_change_permission(request)
        return may_edit and super().has_perm(request, obj)

    def get_queryset(self) -> QuerySet:
        allowed = choices_for(self.source_field, self.request.user)
        return super().get_queryset().filter(pk__in=allowed.order_by().values("pk"))
