"""Rows of another table that stand in cells of the row they belong to: the opening hours of a service, say."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from referrals.import_export.cells import says, whole

if TYPE_CHECKING:
    from referrals.import_export.resource import ScopedResource


class RowsInCells:
    """How they are written and read. Whose rows they may be written for is not decided here.

    relation: their name on the row that they belong to; parent: its name on them. heads: the columns, with their names
    in words. facts: the fields that say all there is of a row.
    """

    model: ClassVar[type[Model]]
    relation: ClassVar[str]
    parent: ClassVar[str]
    heads: ClassVar[dict[str, str]]
    facts: ClassVar[tuple[str, ...]]

    def __init__(self, resource: "ScopedResource") -> None:
        self.resource = resource

    def with_names(self, rows: QuerySet) -> QuerySet:
        """Hook: bring along what `write` needs."""
        return rows

    def write(self, name: str, rows: Sequence[Model]) -> str:
        """Return the cell of a column."""
        raise NotImplementedError

    def read(self, name: str, cell: str, instance: Model) -> Any:
        """Return what a cell says of the row `instance`; raise ValueError, in words, when it cannot be read."""
        raise NotImplementedError

    def rows(self, values: dict[str, Any]) -> list[Model]:
        """Return the rows that the columns say together, not saved and of nobody yet. Raise ValueError in words."""
        raise NotImplementedError

    def take(self, instance: Model, row: dict[str, str]) -> "Taken":
        """Read the cells of `row`. Those that say what is there are not read: nor what a workbook has cut off."""
        there = [] if instance.pk is None else getattr(instance, f"seen_{self.relation}")
        before = {name: self.write(name, there) for name in self.heads}
        texts = {
            name: before[name] if says(row[head], before[name]) else row[head] for name, head in self.heads.items()
        }
        changed = [name for name in self.heads if texts[name] != before[name]]
        if not changed:
            return Taken()
        values, problems = self._values(instance, texts, changed)
        if problems:
            return Taken(problems=problems)
        try:
            rows = self.checked(self.rows(values))
        except ValueError as error:
            return Taken(problems={changed[-1]: str(error)})
        if {self.fact_of(row) for row in rows} == {self.fact_of(row) for row in there}:
            return Taken()
        after = {name: self.write(name, rows) for name in self.heads}
        told = {name: [self.heads[name], before[name], after[name]] for name in after if after[name] != before[name]}
        return Taken(rows, told)

    def _values(self, instance: Model, texts: dict[str, str], changed: list[str]) -> tuple[dict, dict[str, str]]:
        values, problems = {}, {}
        for name, text in texts.items():
            try:
                values[name] = self.read(name, whole(text) if name in changed else text, instance)
            except ValueError as error:
                problems[name] = str(error)
        return values, problems

    def fact_of(self, row: Model) -> tuple:
        return tuple(getattr(row, self.model._meta.get_field(name).attname) for name in self.facts)

    def checked(self, rows: Sequence[Model]) -> Sequence[Model]:
        """Return `rows`, which go past their own validation otherwise: they are written many at once."""
        own = {field.name for field in self.model._meta.fields} - set(self.facts)
        for row in rows:
            try:
                row.clean_fields(exclude=own | {name for name in self.facts if row._meta.get_field(name).is_relation})
            except ValidationError as error:
                raise ValueError(error.messages[0]) from error
        return rows


@dataclass(frozen=True)
class Taken:
    """What cells say. rows: what is to be there instead, or None when nothing changes. cells: column, what was there,
    what comes. problems: what is wrong, by column."""

    rows: Sequence[Model] | None = None
    cells: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


class Gathered:
    """What is to be written beside the rows of a table, kept until all of these are saved."""

    def __init__(self) -> None:
        self._gone: dict[type[Model], list[int]] = defaultdict(list)
        self._new: dict[type[Model], list[Model]] = defaultdict(list)

    def replace(self, kind: RowsInCells, instance: Model, rows: Sequence[Model], before: Sequence[Model]) -> None:
        """Let `instance` have these rows instead of those before; what is the same stays."""
        kept = {kind.fact_of(row) for row in rows}
        there = {kind.fact_of(row) for row in before}
        self._gone[kind.model] += [row.pk for row in before if kind.fact_of(row) not in kept]
        for row in rows:
            if kind.fact_of(row) not in there:
                setattr(row, kind.parent, instance)
                self._new[kind.model].append(row)

    def link(self, links: type[Model], keys: list[dict[str, int]]) -> None:
        self._new[links] += [links(**one) for one in keys]

    def write(self) -> None:
        for model, keys in self._gone.items():
            model._base_manager.filter(pk__in=keys).delete()
        for model, rows in self._new.items():
            model._base_manager.bulk_create(rows, batch_size=1000)
