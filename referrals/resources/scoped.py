"""Rows that people keep by hand as a table, out and in again, within what their user may see, choose and change.

A resource names its columns; everything that keeps tenants apart is here and is not for a resource to change.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import Field, Model, QuerySet
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import Result, RowResult
from tablib import Dataset

from referrals.choices import choices_for
from referrals.models import User
from referrals.resources.cells import called, is_key
from referrals.resources.changes import KINDS, Change
from referrals.resources.formulas import without_controls
from referrals.resources.outward import OutwardResource
from referrals.resources.reading import Row
from referrals.visibility import changeable_by, may_add

ID = "id"
NUMBER = "ID"  # the head of the column that says which row is meant
FIXED = "This cannot be changed. Leave it as it was."
_LONGEST_CELL = 32_766  # a workbook cuts text off behind 32,767 characters, of which one may be our apostrophe


class _TracedResult(RowResult):
    """With the cells that a row changes."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[list[str]] = []


class ScopedResource(OutwardResource):
    """The one resource for rows that people keep by hand.

    columns: model fields, in the order in which they are read: what another is found within comes first.
    fixed: those that are chosen when a row is made and never again, such as whose it is.
    creates: whether a table can make new rows, for those who may add them.
    """

    columns: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    creates = True

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
        "init_instance",
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
        super().__init__(user, self._meta.model, (ID, *self.columns))
        self._numbers: list[int] = []
        self._rows: dict[str, Model] = {}
        self._met: set[str] = set()
        self._found: dict[tuple, list[Model]] = {}
        self._may_create = False
        self._saved: list[_TracedResult] = []

    # What a resource says beside its columns

    def within(self, name: str, offered: QuerySet, instance: Model) -> QuerySet:
        """Hook: narrow what may be chosen for a column by what its row says already."""
        return offered

    def settle(self, instance: Model, changed: set[str]) -> dict[str, str]:
        """Hook: do what follows from the columns that changed. Return what does not go together, by column."""
        return {}

    def head_of(self, name: str) -> str:
        """Name a column, or what a message is about; what is about the row as a whole is under no head."""
        if name in (ID, NON_FIELD_ERRORS):
            return NUMBER if name == ID else ""
        return super().head_of(name)

    def changeable(self) -> QuerySet:
        return changeable_by(self.user, self.model)

    def apply(self, rows: list[Row], *, dry_run: bool, tick: Callable[[int], None] | None = None) -> list[Change]:
        """Change and add what the rows say, all of it or nothing; return what that is, one for each row.

        A dry run does it all and takes it back: what the database itself refuses is found out as well. `tick` is told
        how many rows are done before each row; what it raises ends it all.
        """
        self._tick = tick
        self._numbers = [number for number, _ in rows]
        self._met, self._found = set(), {}
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
        problems, self._cells, self._links = {}, {}, {}
        for name in self.columns:
            try:
                self._take(name, instance, row[self.fields[name].column_name])
            except ValueError as error:
                problems[name] = ValidationError(str(error))
        if not problems and self._cells:
            problems = self.settle(instance, set(self._cells))
        if problems:
            raise ValidationError(problems)

    def _take(self, name: str, instance: Model, cell: str) -> None:
        """Put one cell's value where it belongs. A cell that says what the export says of the row touches nothing: not
        what the user cannot see, nor what a spreadsheet could not hold."""
        column, is_new = self.fields[name], instance.pk is None
        before = "" if is_new else self.export_field(column, instance)
        if not is_new and _says(cell, before):
            return
        if not is_new and (name in self.fixed or _is_hidden(self.model_fields[name], instance)):
            raise ValueError(FIXED)
        value = self._value(name, instance, cell)
        if is_new or not self._is_there(name, instance, value):
            self._put(name, instance, value)
            after = column.widget.render(value)
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
            return self.fields[name].widget.clean(cell)
        texts = cell.split(";") if model_field.many_to_many else [cell]
        chosen = [self._chosen(name, instance, text.strip()) for text in texts if text.strip()]
        if model_field.many_to_many:
            return chosen
        return chosen[0] if chosen else None

    def _chosen(self, name: str, instance: Model, text: str) -> Model:
        """Find a row to point at among those the user may choose: there are no others."""
        model_field = self.model_fields[name]
        kind = model_field.related_model._meta.verbose_name
        decided = [getattr(instance, self.model_fields[one].attname) for one in self.fixed if self._is_key_of(one)]
        asked = (name, text, *decided)
        found = self._found.get(asked)
        if not found:  # none is asked for again: a row above may have made it
            offered = choices_for(model_field, self.user)
            found = self._found[asked] = called(self.within(name, offered, instance), text)
        if not found:
            raise ValueError(f"There is no {kind} “{text[:60]}” to choose here.")
        if len(found) > 1:
            raise ValueError(f"There is more than one {kind} “{text[:60]}”. Write its ID instead.")
        return found[0]

    def _is_key_of(self, name: str) -> bool:
        return name in self.model_fields and self.model_fields[name].many_to_one

    def skip_row(self, instance: Model, original: Model | None, row: dict, import_validation_errors=None) -> bool:
        return instance.pk is not None and not import_validation_errors and not self._cells

    def save_m2m(self, instance: Model, row: dict, **kwargs: object) -> None:
        """Set what was chosen, and keep the links that the user could not see."""
        for name, chosen in self._links.items():
            offered = choices_for(self.model_fields[name], self.user).order_by().values("pk")
            unseen = list(getattr(instance, name).order_by().exclude(pk__in=offered))
            getattr(instance, name).set([*chosen, *unseen])

    def save_instance(self, instance: Model, is_create: bool, row: dict, **kwargs: object) -> None:
        try:
            super().save_instance(instance, is_create, row, **kwargs)
        except IntegrityError as error:
            raise ValidationError(_words_of(error, self.model)) from error

    def after_import_row(self, row: dict, row_result: _TracedResult, **kwargs: object) -> None:
        row_result.cells = [self._cells[name] for name in self.columns if name in self._cells]

    def after_import(self, dataset: Dataset, result: Result, **kwargs: object) -> None:
        """Look, once all is saved, whether each row is one that the user may change."""
        saved = {number: row for number, row in enumerate(result.rows, start=1) if row.is_new() or row.is_update()}
        keys = [row.instance.pk for row in saved.values()]
        kept = set(self.changeable().filter(pk__in=keys).values_list("pk", flat=True))
        for number, row in saved.items():
            if row.instance.pk not in kept:
                row.import_type = RowResult.IMPORT_TYPE_INVALID
                told = f"As it stands, this {self._kind} would belong to somebody you do not act for."
                row.validation_error = ValidationError(told)
                result.append_invalid_row(number, {}, row.validation_error)

    def _change(self, number: int, result: _TracedResult, row: Row) -> Change:
        kind = KINDS[result.import_type]
        if kind == "refused":
            return Change(number, kind, self._name_in(row[1]), problems=self._problems(result.validation_error))
        cells = [] if kind == "unchanged" else result.cells
        return Change(number, kind, without_controls(str(result.instance)), cells)

    def _name_in(self, cells: list[str]) -> str:
        """What the table itself calls a row: of a row that is refused nothing else may be said."""
        named = self.head_of("name")
        return cells[self.heads.index(named)][:200] if named in self.heads[1:] else ""

    def _problems(self, error: ValidationError) -> list[list[str]]:
        by_name = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        return [[self.head_of(name), _told(one)] for name, errors in by_name.items() for one in errors]


def _told(error: ValidationError) -> str:
    return "This cannot be empty." if error.code in ("blank", "null") else error.messages[0]


def _says(cell: str, what: str) -> bool:
    cell, what = _line_ends(cell).strip(), _line_ends(what).strip()
    return cell == what or (len(cell) >= _LONGEST_CELL and what.startswith(cell))


def _line_ends(text: str) -> str:
    return without_controls(text.replace("\r\n", "\n")).replace("\r", "\n")


def _is_hidden(model_field: Field, instance: Model) -> bool:
    """Whether the row points at what the user cannot see: choosing again would lose what is there."""
    if not model_field.many_to_one:
        return False
    return getattr(instance, model_field.attname) is not None and getattr(instance, f"seen_{model_field.name}") is None


def _words_of(error: IntegrityError, model: type[Model]) -> str:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    broken = next((one for one in model._meta.constraints if one.name == name), None)
    return str(broken.get_violation_error_message()) if broken else "This cannot be saved as it stands."


def _raise_unforeseen(result: Result) -> None:
    """A refusal has words; whatever else went wrong is a fault of ours and is told as one."""
    unforeseen = [*result.base_errors, *(error for row in result.rows for error in row.errors)]
    if unforeseen:
        raise unforeseen[0].error
