"""Rows as a table, out and in again, within what the user may see, choose and change.

A resource names its columns. Tenant isolation is here, and a resource cannot override it.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property
from django.utils.text import capfirst
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader, CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset

from referrals.access import changeable_by, may_add, visible_to
from referrals.import_export.fields import NAMED_AFTER, LinksField, PendingRows, RelatedRowsField, RelationField
from referrals.import_export.formulas import escape_formula, without_controls
from referrals.import_export.reading import Row
from referrals.import_export.relation_widgets import ScopedForeignKeyWidget, ScopedNamesWidget, message_of
from referrals.import_export.widgets import KeyWidget, cell_equals, is_key, refuse_cut_off, widget_for
from referrals.models import User
from referrals.user_input.text import refuse_broken

KEY_COLUMN = "ID"
FIXED = "This cannot be changed. Leave it as it was."
KINDS = {
    RowResult.IMPORT_TYPE_NEW: "new",
    RowResult.IMPORT_TYPE_UPDATE: "changed",
    RowResult.IMPORT_TYPE_SKIP: "unchanged",
    RowResult.IMPORT_TYPE_INVALID: "refused",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a table does to one row, or why the row is refused."""

    number: int
    kind: str
    name: str
    cells: list[list[str]] = field(default_factory=list)  # column, before, after
    problems: list[list[str]] = field(default_factory=list)  # column (or empty), problem
    notes: list[list[str]] = field(default_factory=list)  # column, remark


class ChangedRowResult(RowResult):
    """Adds the changed cells and the notes on them for `Change`."""

    cells: list[list[str]]
    notes: list[list[str]]


class VisibleResource(ModelResource):
    """Exports only rows, and related rows, that the user may see."""

    class Meta:
        chunk_size = 1000

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user

    def export(self, queryset: QuerySet | None = None, **kwargs: object) -> Dataset:
        return super().export(queryset, user=self.user, **kwargs)

    def filter_export(self, queryset: QuerySet, **kwargs: object) -> QuerySet:
        return self.with_relations(visible_to(self.user, queryset))

    def export_resource(self, instance: Model, **kwargs: Any) -> list[object]:
        return [escape_formula(cell) for cell in super().export_resource(instance, **kwargs)]

    def with_relations(self, rows: QuerySet) -> QuerySet:
        columns = [column for column in self.fields.values() if isinstance(column, RelationField)]
        by_relation = {column.relation: column.prefetch(self.user) for column in columns}
        return rows.prefetch_related(*by_relation.values())


class ScopedResource(VisibleResource):
    """Base of all importable tables. Make a new instance for each import.

    Meta.fields: the columns in reading order; a column that others are found within comes first.
    fixed: columns set when a row is created and never changed, such as its owner.
    within: see `ScopedForeignKeyWidget`. creates_related: columns that create the related row if its name is new.
    older_columns: columns of older files, with those that replaced them.
    creates: whether new rows can be added, by users who may.
    name_column: the column that names a row which does not exist yet.
    likeness: columns that rarely agree in two rows. A new row that does may have been sent before: the preview says so.
    examples: examples for the upload page, by column.
    """

    fixed: tuple[str, ...] = ()
    within: Mapping[str, str] = MappingProxyType({})
    creates_related: tuple[str, ...] = ()
    older_columns: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    creates = True
    name_column = "name"
    likeness: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    SEALED = (
        "after_import",
        "apply",
        "changeable",
        "export",
        "export_field",
        "export_resource",
        "filter_export",
        "for_delete",
        "get_instance",
        "get_queryset",
        "import_field",
        "import_instance",
        "import_row",
        "init_instance",
        "save_instance",
        "save_m2m",
        "skip_row",
        "validate_instance",
        "with_relations",
    )

    id = Field("id", KEY_COLUMN, KeyWidget(), readonly=True)

    class Meta:
        instance_loader_class = CachedInstanceLoader
        skip_diff = True  # `import_field` finds the changes without copying every row
        store_instance = True
        use_transactions = True

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        broken = [name for name in cls.SEALED if getattr(cls, name) is not getattr(ScopedResource, name)]
        if broken:
            raise TypeError(f"{cls.__name__} must not override {', '.join(broken)}: that keeps tenants apart.")

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        column_name = capfirst(str(django_field.verbose_name))
        if not django_field.is_relation:
            return Field(field_name, column_name, widget_for(django_field), django_field.default)
        options = {"within": cls.within.get(field_name, "")}
        if django_field.many_to_many:
            widget = ScopedNamesWidget(django_field, **options)
            return LinksField(field_name, column_name, widget, django_field.related_model)
        widget = ScopedForeignKeyWidget(django_field, **options, creates=field_name in cls.creates_related)
        return RelationField(field_name, column_name, widget, django_field.related_model)

    @classmethod
    def get_row_result_class(cls) -> type[RowResult]:
        return ChangedRowResult

    def __init__(self, user: User) -> None:
        super().__init__(user)
        self.model = self._meta.model
        self._is_locking = False
        self.saved: list[RowResult] = []

    @property
    def column_names(self) -> list[str]:
        return self.get_export_headers()

    def get_export_order(self) -> tuple[str, ...]:
        older = self.older_columns
        return tuple(name for name in super().get_export_order() if self.fields[name].column_name not in older)

    def changeable(self) -> QuerySet:
        return changeable_by(self.user, self.model)

    def get_queryset(self) -> QuerySet:
        """Return the rows that a table can change; locked, unless it is a dry run."""
        rows = self.with_relations(self.changeable().order_by("pk"))
        rows = rows.select_related(*NAMED_AFTER.get(self.model, ()))
        return rows.select_for_update(of=("self",), no_key=True) if self._is_locking else rows

    def apply(self, rows: list[Row], *, dry_run: bool) -> list[Change]:
        """Change and add the rows, all or nothing, and describe each.

        A dry run does the same and rolls back, so it also meets what the database refuses.
        """
        self.fields = deepcopy(type(self).fields)  # the widgets cache what may be chosen
        self._is_locking = not dry_run
        self._seen_keys: set[int] = set()
        self._pending = PendingRows()
        self._may_create = self.creates and may_add(self.user, self.model)
        self._likenesses = set(map(_fold, self.changeable().values_list(*self.likeness))) if self.likeness else set()
        columns = [*self.column_names, *self.older_columns]
        padded = ([*cells, *[None] * (len(columns) - len(cells))] for _, cells in rows)
        table = Dataset(*padded, headers=columns)
        result = self.import_data(table, dry_run=dry_run, rollback_on_validation_errors=True, user=self.user)
        for unforeseen in (*result.base_errors, *(error for row in result.rows for error in row.errors)):
            raise unforeseen.error  # not a ValidationError, so a bug and not the user's mistake
        self.saved = [row for row in result.rows if row.is_new() or row.is_update()]
        return [self._describe(*row) for row in zip(rows, result.rows, strict=True)]

    def check_row(self, instance: Model, changed: set[str]) -> dict[str, str]:
        """Hook: act on the columns that changed. Return problems by column."""
        return {}

    def check_table(self, saved: Mapping[int, Model]) -> dict[int, dict[str, str]]:
        """Hook: check what the whole table has saved, by number of row. Return problems by number, then by column."""
        return {}

    def note(self, column: str, remark: str) -> None:
        """Add a remark on a cell for whoever looks through the changes."""
        self._notes.append([self.fields[column].column_name, remark])

    def get_instance(self, instance_loader: BaseInstanceLoader, row: dict[str, str]) -> Model | None:
        instance = super().get_instance(instance_loader, row)
        kind = self.model._meta.verbose_name
        if instance is None and (key := row[KEY_COLUMN].strip()):
            if is_key(key) and int(key) in self._seen_only:
                raise ValidationError({"id": f"You cannot change this {kind}. Take its row out of the file."})
            hint = "; leave the column empty to add a new one." if self._may_create else "."
            raise ValidationError({"id": f"There is no such {kind} here{hint}"})
        if instance is not None and instance.pk in self._seen_keys:
            raise ValidationError({"id": f"This {kind} is in the table twice."})
        if instance is not None:
            self._seen_keys.add(instance.pk)
        return instance

    @cached_property
    def _seen_only(self) -> set[int]:
        """Return the keys of rows that the user sees; those that they may change have been found before."""
        return set(visible_to(self.user, self.model).order_by().values_list("pk", flat=True))

    def init_instance(self, row: dict[str, str] | None = None) -> Model:
        if not self._may_create:
            raise ValidationError({"id": f"A new {self.model._meta.verbose_name} cannot be added with a table."})
        return self.model()

    def import_instance(self, instance: Model, row: dict[str, str], **kwargs: Any) -> None:
        self._cells: dict[str, list[str]] = {}
        self._notes: list[list[str]] = []
        super().import_instance(instance, row, **kwargs)
        if self._cells and (problems := self.check_row(instance, set(self._cells))):
            raise ValidationError(problems)
        if instance.pk is None and self.likeness:
            self._note_likeness(instance)

    def _note_likeness(self, instance: Model) -> None:
        kind = self.model._meta.verbose_name
        likeness_of_row = _fold(getattr(instance, self.model._meta.get_field(name).attname) for name in self.likeness)
        if likeness_of_row in self._likenesses:
            self.note("id", f"There is such a {kind} already, and this adds another. To change that one, give its ID.")
        self._likenesses.add(likeness_of_row)

    def import_field(self, field: Field, instance: Model, row: dict, is_m2m: bool = False, **kwargs: Any) -> None:
        """Import one cell. A cell equal to its export changes nothing, so hidden or truncated values are not lost."""
        cell, is_new = row[field.column_name], instance.pk is None
        if cell is None or field.readonly:  # None: the file has no such column
            return
        before = field.get_value(instance)
        before_text = "" if is_new else field.widget.render(before, **kwargs)
        if not is_new and cell_equals(cell, before_text):
            return
        if not is_new and type(field) is RelationField and before and cell_equals(cell, field.widget.name_of(before)):
            return  # exported when no other row had this name
        is_hidden = isinstance(field, RelationField) and field.hides_row(instance)
        if not is_new and (field.attribute in self.fixed or is_hidden):
            raise ValueError(FIXED)
        refuse_cut_off(cell)
        refuse_broken(cell)
        notes: list[str] = []
        value = field.clean(row, instance=instance, notes=notes, **kwargs)
        if not is_new and value == before:
            return
        if isinstance(field, RelatedRowsField):
            field.replace(instance, value, self._pending, self.user)
        else:
            setattr(instance, field.attribute, value)
        after_text = field.widget.render(value, **kwargs)
        if before_text or after_text:
            self._cells[field.attribute] = [field.column_name, before_text, after_text]
        self._notes += [[field.column_name, note] for note in notes]

    def validate_instance(self, instance: Model, import_validation_errors: dict | None = None, **kwargs: Any) -> None:
        """Validate the columns only.

        Relations were checked when chosen, and constraints apply on saving: doing both here would take several queries
        for every row.
        """
        errors = dict(import_validation_errors or {})
        chosen = {f.name for f in self.model._meta.fields if f.is_relation and getattr(instance, f.attname) is not None}
        others = {f.name for f in self.model._meta.fields} - set(self._meta.fields)
        try:
            instance.full_clean(
                exclude=chosen | others | set(errors), validate_unique=False, validate_constraints=False
            )
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance: Model, original: None, row: dict, import_validation_errors: Any = None) -> bool:
        return instance.pk is not None and not import_validation_errors and not self._cells

    def save_instance(self, instance: Model, is_create: bool, row: dict, **kwargs: Any) -> None:
        try:
            super().save_instance(instance, is_create, row, **kwargs)
        except IntegrityError as error:
            raise ValidationError(message_of(error, self.model)) from error
        for column in self.fields.values():  # a later row may refer to this one, as a category to its parent
            if isinstance(column, RelationField) and column.model is self.model:
                column.widget.remember(instance)

    def after_import_row(self, row: dict, row_result: ChangedRowResult, **kwargs: Any) -> None:
        row_result.cells, row_result.notes = list(self._cells.values()), self._notes

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        """Write the related rows, then check that the user may change all that was saved.

        Does not call super, which resets the sequence of keys and so breaks what others add meanwhile.
        """
        if result.has_errors() or result.has_validation_errors():
            return
        self._pending.write()
        widgets = [column.widget for column in self.fields.values() if getattr(column.widget, "created", None)]
        may_keep_created = all(
            len(self._changeable_keys(widget.model, widget.created)) == len(widget.created) for widget in widgets
        )
        saved = {number: row for number, row in enumerate(result.rows, start=1) if row.is_new() or row.is_update()}
        kept = self._changeable_keys(self.model, [row.instance for row in saved.values()])
        problems = self.check_table({number: row.instance for number, row in saved.items()})
        for number, row in saved.items():
            if row.instance.pk not in kept or not may_keep_created:
                refusal = f"This {self.model._meta.verbose_name} would belong to an organisation you do not act for."
                problems[number] = {NON_FIELD_ERRORS: refusal}
            if number in problems:
                row.import_type, row.validation_error = RowResult.IMPORT_TYPE_INVALID, ValidationError(problems[number])
                result.append_invalid_row(number, {}, row.validation_error)

    def _changeable_keys(self, model: type[Model], rows: list[Model]) -> set[int]:
        keys = [row.pk for row in rows]
        return set(changeable_by(self.user, model).filter(pk__in=keys).values_list("pk", flat=True))

    def _describe(self, row: Row, result: ChangedRowResult) -> Change:
        number, cells = row
        kind = KINDS[result.import_type]
        if kind == "refused":
            name = cells[self.column_names.index(self.fields[self.name_column].column_name)] or ""
            return Change(number, kind, name[:200], problems=self._problems(result.validation_error))
        change = Change(number, kind, without_controls(str(result.instance)))
        return change if kind == "unchanged" else replace(change, cells=result.cells, notes=result.notes)

    def _problems(self, error: ValidationError) -> list[list[str]]:
        by_name = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        return [
            [
                self.fields[name].column_name if name in self.fields else "",
                "This cannot be empty." if problem.code in ("blank", "null") else problem.messages[0],
            ]
            for name, errors in by_name.items()
            for problem in errors
        ]


def _fold(values: Iterable[object]) -> tuple[object, ...]:
    return tuple(value.casefold() if isinstance(value, str) else value for value in values)
