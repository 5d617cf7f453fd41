"""Rows that people keep by hand as a table, out and in again, within what their user may see, choose and change.

A resource names its columns; everything that keeps tenants apart is here and is not for a resource to change.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import Field, ManyToManyField, Model, Prefetch, QuerySet
from import_export import fields
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import Result, RowResult
from tablib import Dataset

from referrals.access import changeable_by, may_add, visible_to
from referrals.access.choices import choices_for
from referrals.import_export.cells import Text, as_one_line_end, is_key, says, whole
from referrals.import_export.changes import KINDS, Change
from referrals.import_export.export_resource import CALLED_AFTER
from referrals.import_export.formulas import without_controls
from referrals.import_export.reading import Row
from referrals.import_export.related_rows import Gathered, RowsInCells
from referrals.import_export.relations import ChoosingResource, words_of
from referrals.models import User

ID = "id"
NUMBER = "ID"  # the head of the column that says which row is meant
FIXED = "This cannot be changed. Leave it as it was."


class _TracedResult(RowResult):
    """With the cells that a row changes."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[list[str]] = []
        self.notes: list[list[str]] = []


class ScopedResource(ChoosingResource):
    """The one resource for rows that people keep by hand.

    columns: model fields, in the order in which they are read: what another is found within comes first.
    fixed: those that are chosen when a row is made and never again, such as whose it is.
    beside: columns that stand for rows of other tables, which belong to the row.
    creates: whether a table can make new rows, for those who may add them.
    called_after: the column that a row is called after while there is no row yet.
    hint: what else to know before a file is sent.
    written_as: columns that are not written as one would guess, each with an example.
    """

    columns: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    beside: tuple[type[RowsInCells], ...] = ()
    creates = True
    called_after = "name"
    hint = ""
    written_as: tuple[tuple[str, str], ...] = ()

    SEALED = (
        "added",
        "after_import",
        "apply",
        "bulk_create",
        "changeable",
        "export",
        "export_field",
        "export_resource",
        "iter_queryset",
        "for_delete",
        "get_instance",
        "import_instance",
        "import_row",
        "init_instance",
        "offered",
        "save_m2m",
        "skip_row",
        "validate_instance",
    )

    class Meta:
        clean_model_instances = True
        instance_loader_class = BaseInstanceLoader
        skip_diff = True
        store_instance = True
        use_transactions = True

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        broken = [name for name in cls.SEALED if getattr(cls, name) is not getattr(ScopedResource, name)]
        if broken:
            raise TypeError(f"{cls.__name__} must not override {', '.join(broken)}: that keeps tenants apart.")

    @classmethod
    def get_row_result_class(cls) -> type[RowResult]:
        return _TracedResult

    def __init__(self, user: User) -> None:
        self._beside = {name: kind for kind in (each(self) for each in self.beside) for name in kind.heads}
        super().__init__(user, self._meta.model, (ID, *self.columns))
        self._numbers: list[int] = []
        self._rows: dict[str, Model] = {}
        self._met: set[str] = set()
        self._gathered = Gathered()
        self.forget_choices()
        self._may_create = False
        self._saved: list[_TracedResult] = []

    # What a resource says beside its columns

    def read_cell(self, name: str, instance: Model, cell: str) -> Any:
        """Hook: the value of a cell, which may take its row to be read. Raise ValueError, in words."""
        return self.fields[name].widget.clean(cell)

    def settle(self, instance: Model, changed: set[str]) -> dict[str, str]:
        """Hook: do what follows from the columns that changed. Return what does not go together, by column."""
        return {}

    def head_of(self, name: str) -> str:
        """Name a column, or what a message is about; what is about the row as a whole is under no head."""
        if name in (ID, NON_FIELD_ERRORS):
            return NUMBER if name == ID else ""
        return self._beside[name].heads[name] if name in self._beside else super().head_of(name)

    def column(self, name: str) -> fields.Field:
        return fields.Field(name, self.head_of(name), Text()) if name in self._beside else super().column(name)

    def with_relations(self, rows: QuerySet) -> QuerySet:
        kinds = {kind.relation: kind for kind in self._beside.values()}
        seen = {name: kind.with_names(visible_to(self.user, kind.model)) for name, kind in kinds.items()}
        prefetched = [Prefetch(name, those, to_attr=f"seen_{name}") for name, those in seen.items()]
        return super().with_relations(rows).prefetch_related(*prefetched)

    def export_field(self, field: fields.Field, instance: Model, **kwargs: object) -> str:
        """Say what is found again: an ID where a name would not do."""
        name = field.attribute
        if kind := self._beside.get(name):
            return kind.write(name, getattr(instance, f"seen_{kind.relation}"))
        seen = getattr(instance, f"seen_{name}", None)
        if isinstance(seen, Model):
            return self.offered(self.model_fields[name]).label(seen)
        return super().export_field(field, instance, **kwargs)

    def changeable(self) -> QuerySet:
        return changeable_by(self.user, self.model)

    def apply(self, rows: list[Row], *, dry_run: bool, tick: Callable[[int], None] | None = None) -> list[Change]:
        """Change and add what the rows say, all of it or nothing; return what that is, one for each row.

        A dry run does it all and takes it back: what the database itself refuses is found out as well. `tick` is told
        how many rows are done before each row; what it raises ends it all.
        """
        self._tick = tick
        self._numbers = [number for number, _ in rows]
        self._met, self._gathered = set(), Gathered()
        self.forget_choices()
        self._may_create = self.creates and may_add(self.user, self.model)
        self._rows = self._named_rows({cells[0].strip() for _, cells in rows}, locked=not dry_run)
        table = Dataset(*(cells for _, cells in rows), headers=self.heads)
        result = self.import_data(table, dry_run=dry_run, rollback_on_validation_errors=True)
        _raise_unforeseen(result)
        self._saved = [row for row in result.rows if row.is_new() or row.is_update()]
        return [self._change(*row) for row in zip(self._numbers, result.rows, rows, strict=True)]

    @property
    def added(self) -> list[Model]:
        """The rows that the last `apply` made."""
        return [row.instance for row in self._saved if row.is_new()]

    @property
    def changed(self) -> list[Model]:
        """The rows that were there, and that the last `apply` changed."""
        return [row.instance for row in self._saved if row.is_update()]

    def _named_rows(self, keys: set[str], *, locked: bool) -> dict[str, Model]:
        rows = self.changeable().filter(pk__in=[int(key) for key in keys if is_key(key)])
        rows = rows.select_related(*CALLED_AFTER.get(self.model, ()))
        if locked:
            rows = rows.select_for_update(of=("self",), no_key=True)
        return {str(row.pk): row for row in self.with_relations(rows.order_by("pk"))}

    def import_row(self, row: dict[str, str], instance_loader: BaseInstanceLoader, **kwargs: Any) -> RowResult:
        if self._tick:
            self._tick(kwargs["row_number"] - 1)
        return super().import_row(row, instance_loader, **kwargs)

    def get_instance(self, instance_loader: BaseInstanceLoader, row: dict[str, str]) -> Model | None:
        """Find the row among those the user may change: there are no others."""
        key = row[NUMBER].strip()
        if not key:
            return None
        key = str(int(key)) if is_key(key) else key
        if key not in self._rows:
            raise ValidationError({ID: self._no_such_row()})
        if key in self._met:
            raise ValidationError({ID: f"This {self._kind} is in the table twice."})
        self._met.add(key)
        return self._rows[key]

    @property
    def _kind(self) -> str:
        return str(self.model._meta.verbose_name)

    def _no_such_row(self) -> str:
        told = f"There is no such {self._kind} here"
        return f"{told}; leave the column empty to add a new one." if self._may_create else f"{told}."

    def init_instance(self, row: dict[str, str] | None = None) -> Model:
        if not self._may_create:
            raise ValidationError({ID: f"A new {self._kind} cannot be added with a table."})
        return self.model()

    def import_instance(self, instance: Model, row: dict[str, str], **kwargs: object) -> None:
        problems, self._cells, self._links, self._notes = {}, {}, {}, []
        self._rows_beside: dict[RowsInCells, Sequence[Model]] = {}
        for name in self.columns:
            try:
                if name not in self._beside:
                    self._take(name, instance, row[self.fields[name].column_name])
            except ValueError as error:
                problems[name] = ValidationError(str(error))
        for kind in dict.fromkeys(self._beside.values()):
            taken = kind.take(instance, row)
            problems |= {name: ValidationError(told) for name, told in taken.problems.items()}
            if taken.rows is not None:
                self._rows_beside[kind] = taken.rows
                self._cells |= taken.cells
        if not problems and self._cells:
            problems = self.settle(instance, set(self._cells))
        if problems:
            raise ValidationError(problems)

    def _take(self, name: str, instance: Model, cell: str) -> None:
        """Put one cell's value where it belongs. A cell that says what the export says of the row touches nothing: not
        what the user cannot see, nor what a spreadsheet could not hold."""
        column, is_new = self.fields[name], instance.pk is None
        before = "" if is_new else self.export_field(column, instance)
        if not is_new and (says(cell, before) or self._is_its_name(name, instance, cell)):
            return
        if not is_new and (name in self.fixed or _is_hidden(self.model_fields[name], instance)):
            raise ValueError(FIXED)
        value = self._value(name, instance, whole(cell))
        if is_new or not self._is_there(name, instance, value):
            self._put(name, instance, value)
            after = self._rendered(name, value)
            if before or after:
                self._cells[name] = [column.column_name, before, after]

    def _is_there(self, name: str, instance: Model, value: Any) -> bool:
        if self.model_fields[name].many_to_many:
            return {row.pk for row in value} == {row.pk for row in getattr(instance, f"seen_{name}")}
        return value == getattr(instance, name)

    def _put(self, name: str, instance: Model, value: Any) -> None:
        if self.model_fields[name].many_to_many:
            self._links[name] = value
        else:
            setattr(instance, name, value)

    def _value(self, name: str, instance: Model, cell: str) -> Any:
        model_field = self.model_fields[name]
        if not model_field.is_relation:
            return self.read_cell(name, instance, cell)
        texts = cell.split(";") if model_field.many_to_many else [cell]
        chosen = [self._chosen(name, instance, as_one_line_end(text).strip()) for text in texts if text.strip()]
        if model_field.many_to_many:
            return chosen
        return chosen[0] if chosen else None

    def validate_instance(self, instance: Model, import_validation_errors: dict | None = None, **kwargs: Any) -> None:
        """Look at what the table can have changed. What was chosen is there, and constraints speak when it is saved:
        neither is asked for again, row by row."""
        errors = dict(import_validation_errors or {})
        untold = [field.name for field in self.model._meta.fields if field.name not in self.columns]
        chosen = [one.name for one in self.model_fields.values() if one.many_to_one and getattr(instance, one.attname)]
        try:
            instance.full_clean(exclude={*errors, *untold, *chosen}, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance: Model, original: Model | None, row: dict, import_validation_errors=None) -> bool:
        return instance.pk is not None and not import_validation_errors and not self._cells

    def save_m2m(self, instance: Model, row: dict, **kwargs: object) -> None:
        """Gather what is to be written beside the row; set what was chosen, and keep the links that the user could not
        see."""
        for kind, rows in self._rows_beside.items():
            self._gathered.replace(kind, instance, rows, getattr(instance, f"seen_{kind.relation}", ()))
        for name, chosen in self._links.items():
            if hasattr(instance, f"seen_{name}"):
                self._set(name, instance, chosen)
            else:
                self._gathered.link(*_links_of(self.model_fields[name], instance, chosen))

    def _set(self, name: str, instance: Model, chosen: list[Model]) -> None:
        offered = choices_for(self.model_fields[name], self.user).order_by().values("pk")
        unseen = list(getattr(instance, name).order_by().exclude(pk__in=offered))
        getattr(instance, name).set([*chosen, *unseen])

    def save_instance(self, instance: Model, is_create: bool, row: dict, **kwargs: object) -> None:
        try:
            super().save_instance(instance, is_create, row, **kwargs)
        except IntegrityError as error:
            raise ValidationError(words_of(error, self.model)) from error
        for field, offered in self._offered.items():
            if field.related_model is self.model:
                offered.add(instance)

    def after_import_row(self, row: dict, row_result: _TracedResult, **kwargs: object) -> None:
        row_result.cells = [self._cells[name] for name in self.columns if name in self._cells]
        row_result.notes = self._notes

    def after_import(self, dataset: Dataset, result: Result, **kwargs: object) -> None:
        """Write what stands beside the rows and look, once all is saved, whether each is one the user may change."""
        self._gathered.write()
        saved = {number: row for number, row in enumerate(result.rows, start=1) if row.is_new() or row.is_update()}
        keys = [row.instance.pk for row in saved.values()]
        kept = set(self.changeable().filter(pk__in=keys).values_list("pk", flat=True))
        made = self._keeps_made()
        for number, row in saved.items():
            if row.instance.pk not in kept or not made:
                row.import_type = RowResult.IMPORT_TYPE_INVALID
                told = f"As it stands, this {self._kind} would belong to somebody you do not act for."
                row.validation_error = ValidationError(told)
                result.append_invalid_row(number, {}, row.validation_error)

    def _change(self, number: int, result: _TracedResult, row: Row) -> Change:
        kind = KINDS[result.import_type]
        if kind == "refused":
            return Change(number, kind, self._name_in(row[1]), problems=self._problems(result.validation_error))
        cells = [] if kind == "unchanged" else result.cells
        return Change(number, kind, without_controls(str(result.instance)), cells, notes=result.notes if cells else [])

    def _name_in(self, cells: list[str]) -> str:
        """What the table itself calls a row: of a row that is refused nothing else may be said."""
        return cells[self.columns.index(self.called_after) + 1][:200]

    def _problems(self, error: ValidationError) -> list[list[str]]:
        by_name = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        return [[self.head_of(name), _told(one)] for name, errors in by_name.items() for one in errors]


def _told(error: ValidationError) -> str:
    return "This cannot be empty." if error.code in ("blank", "null") else error.messages[0]


def _links_of(field: ManyToManyField, instance: Model, chosen: list[Model]) -> tuple[type[Model], list[dict[str, int]]]:
    here, there = field.m2m_column_name(), field.m2m_reverse_name()
    keys = dict.fromkeys(row.pk for row in chosen)
    return field.remote_field.through, [{here: instance.pk, there: key} for key in keys]


def _is_hidden(model_field: Field, instance: Model) -> bool:
    """Whether the row points at what the user cannot see: choosing again would lose what is there."""
    if not model_field.many_to_one:
        return False
    return getattr(instance, model_field.attname) is not None and getattr(instance, f"seen_{model_field.name}") is None


def _raise_unforeseen(result: Result) -> None:
    """A refusal has words; whatever else went wrong is a fault of ours and is told as one."""
    unforeseen = [*result.base_errors, *(error for row in result.rows for error in row.errors)]
    if unforeseen:
        raise unforeseen[0].error
