"""Columns for related rows, as far as the user may see them; prefetched as `seen_<relation>`."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Prefetch
from import_export.fields import Field
from import_export.widgets import Widget

from referrals.access import visible_to
from referrals.models import DemographicOption, Restriction, Service, User

# Relations that `__str__` reads, fetched with the rows.
NAMED_AFTER = {
    DemographicOption: ("demographic",),
    Restriction: ("option__demographic",),
    Service: ("activity", "organisation"),
}


class RelationField(Field):
    """A column that points at one row of another table."""

    def __init__(self, relation: str, column_name: str, widget: Widget, model: type[Model], name: str = "") -> None:
        super().__init__(name or relation, column_name, widget)
        self.relation, self.model = relation, model

    def get_value(self, instance: Model) -> Any:
        return getattr(instance, f"seen_{self.relation}", None)

    def prefetch(self, user: User) -> Prefetch:
        rows = visible_to(user, self.model).select_related(*NAMED_AFTER.get(self.model, ()))
        return Prefetch(self.relation, rows, to_attr=f"seen_{self.relation}")

    def hides_row(self, instance: Model) -> bool:
        """Whether `instance` points at a row that the user may not see, which an import would overwrite."""
        key = getattr(instance, instance._meta.get_field(self.relation).attname)
        return key is not None and self.get_value(instance) is None


class PendingRows:
    """Related rows to delete and to add, in bulk, once the table's own rows are saved."""

    def __init__(self) -> None:
        self.old: dict[type[Model], list[int]] = defaultdict(list)
        self.new: dict[type[Model], list[Model]] = defaultdict(list)

    def write(self) -> None:
        for model, keys in self.old.items():
            model._base_manager.filter(pk__in=keys).delete()
        for model, rows in self.new.items():
            model._base_manager.bulk_create(rows, batch_size=1000)


class RelatedRowsField(RelationField):
    """A column for several rows that belong to the table's row. Its value is a set with one member for each.

    to_value: the widget's value for a row; None if the row is in another column.
    to_row: the row for such a value.
    """

    def __init__(
        self,
        name: str,
        column_name: str,
        widget: Widget,
        *,
        relation: str,
        model: type[Model],
        to_value: Callable[[Any], Hashable | None],
        to_row: Callable[[Any], Model],
    ) -> None:
        super().__init__(relation, column_name, widget, model, name)
        self.to_value, self.to_row = to_value, to_row

    def hides_row(self, instance: Model) -> bool:
        # Hidden rows are neither read nor written here, so nothing is lost.
        return False

    def get_value(self, instance: Model) -> set:
        return set(self._rows_by_value(instance))

    def _rows_by_value(self, instance: Model) -> dict[Hashable, Model]:
        rows = getattr(instance, f"seen_{self.relation}", ())
        return {value: row for row in rows if (value := self.to_value(row)) is not None}

    def replace(self, instance: Model, values: set, pending: PendingRows, user: User) -> None:
        """Give `instance` the rows of `values`, keeping those already there. Raises ValueError with the reason."""
        before = self._rows_by_value(instance)
        new = [self.to_row(value) for value in values - set(before)]
        for row in new:
            try:  # these rows are written in bulk, which validates nothing
                row.clean_fields(exclude={field.name for field in self.model._meta.fields if field.is_relation})
            except ValidationError as error:
                raise ValueError(error.messages[0]) from error
            setattr(row, instance._meta.get_field(self.relation).field.name, instance)
        old = [row for value, row in before.items() if value not in values]
        pending.new[self.model] += new
        pending.old[self.model] += [row.pk for row in old]
        rows = getattr(instance, f"seen_{self.relation}", [])
        setattr(instance, f"seen_{self.relation}", [*(row for row in rows if row not in old), *new])


class LinksField(RelatedRowsField):
    """A many-to-many column. Links to rows that the user could not choose are kept."""

    def __init__(self, relation: str, column_name: str, widget: Widget, model: type[Model]) -> None:
        same = lambda row: row  # noqa: E731
        super().__init__(relation, column_name, widget, relation=relation, model=model, to_value=same, to_row=same)

    def replace(self, instance: Model, values: set, pending: PendingRows, user: User) -> None:
        before, field = self.get_value(instance), instance._meta.get_field(self.relation)
        gone = [row for row in before - values if row in self.widget.choices(user)]
        if gone:
            getattr(instance, self.relation).remove(*gone)
        links = field.remote_field.through
        names = field.m2m_field_name(), field.m2m_reverse_field_name()
        pending.new[links] += [links(**dict(zip(names, (instance, row), strict=True))) for row in values - before]
