"""Relations limited to what the user may see: read-only, in columns and filters of a list, and in autocomplete."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.filters import ListFilter, RelatedFieldListFilter
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import EmptyResultSet, PermissionDenied
from django.db import connection
from django.db.models import Exists, Field, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, JsonResponse

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
        if self.field.many_to_many:  # not even how many others there are
            return ", ".join(map(str, visible_to(self.user, visible_links(self.user, obj, self.field))))
        key = getattr(obj, self.field.attname)
        seen = visible_to(self.user, self.field.related_model).filter(pk=key).first() if key is not None else ""
        return "Not shown to you" if seen is None else str(seen)


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
    """Accepts only rows that the user may see. Offers those that rows of the list refer to, and those in the URL."""

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
        """Show a refused filter too: Django applies only those that are shown, and it must hide every row."""
        return self.is_refused or super().has_output()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.none() if self.is_refused else super().queryset(request, queryset)


class CategoryFilter(RelatedFilter):
    """Offers the tree of categories, as far as the list's rows have them, each with the number of rows that have it or
    one below it."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        in_use = Q(pk__in=model_admin.get_queryset(request).order_by().values(self.field_path))
        tree = visible_to(request.user, field.related_model).in_tree_order()
        rows = list(tree.annotate(in_use=in_use))
        self.paths = {row.pk: row.tree_path for row in rows if row.in_use or str(row.pk) in self._asked()}
        shown = {key for path in self.paths.values() for key in path}
        return [(row.pk, "\u2003" * row.tree_depth + row.name) for row in rows if row.pk in shown]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.is_refused or not self.lookup_val:
            return super().queryset(request, queryset)
        below = [key for key, path in self.paths.items() if self._asked() & set(map(str, path))]
        having = queryset.model._base_manager.filter(**{f"{self.field_path}__in": below})
        return queryset.filter(pk__in=having.order_by().values("pk"))

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        counts = self._count(rows_without_filter(self, changelist))
        every, *others = super().choices(changelist)
        keys = [pk for pk, _ in self.lookup_choices] + [None] * self.include_empty_choice
        yield every
        for key, choice in zip(keys, others, strict=True):
            yield choice | {"count": counts.get(key, 0)}

    def _count(self, rows: QuerySet) -> dict[int | None, int]:
        """Count the rows of each category and those below it, a row with two of these once. None: rows without any."""
        pairs = [(key, above) for key, path in self.paths.items() for above in path]
        try:
            found, parameters = rows.values_list("pk", self.field_path).query.sql_with_params()
        except EmptyResultSet:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT above, COUNT(DISTINCT row_key)
                FROM ({found}) AS found (row_key, category)
                LEFT JOIN unnest(%s::bigint[], %s::bigint[]) AS tree (category, above) USING (category)
                WHERE above IS NOT NULL OR category IS NULL
                GROUP BY above
                """,
                [*parameters, [key for key, _ in pairs], [above for _, above in pairs]],
            )
            return dict(cursor.fetchall())


def rows_without_filter(spec: ListFilter, changelist: ChangeList) -> QuerySet:
    """Return the rows that the list would have without one filter. Django's own way would build every filter again."""
    rows = changelist.root_queryset
    for other in changelist.filter_specs:
        if other is not spec:
            rows = other.queryset(spec.request, rows)
    found, _ = changelist.model_admin.get_search_results(spec.request, rows, changelist.query)
    return found.order_by()


class ScopedSelect(AutocompleteSelect):
    def build_attrs(self, base_attrs: dict, extra_attrs: dict | None = None) -> dict:
        """Ask by POST: what is typed may be a person's name, which belongs in no address."""
        return super().build_attrs(base_attrs, extra_attrs) | {"data-ajax--type": "POST"}

    def optgroups(self, name: str, value: list[str], attr: dict | None = None) -> list:
        """Show a refused form again: Django would look up whatever was sent, and fail on what cannot be a key."""
        return super().optgroups(name, [key for key in value if not key or is_key(str(key))], attr)


class ScopedAutocomplete(AutocompleteJsonView):
    """Answers only for fields in some `autocomplete_fields`, for users of that form, and with its choices."""

    def post(self, request: HttpRequest) -> JsonResponse:
        request.GET = request.POST  # Django reads it there
        return self.get(request)

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
