"""Rows of a model as a table, as much of it as its user may see."""

from collections.abc import Iterator, Sequence

from django.db.models import Field, Model, Prefetch, QuerySet
from django.utils.text import capfirst
from import_export import fields, resources
from tablib import Dataset

from referrals.access import visible_to
from referrals.import_export.cells import widget_for
from referrals.import_export.formulas import shown_not_run
from referrals.models import DemographicOption, Service, User

CHUNK = 1000


class OutwardResource(resources.Resource):
    """columns: model fields of `model`, each under its name in words."""

    def __init__(self, user: User, model: type[Model], columns: Sequence[str]) -> None:
        super().__init__()
        self.user, self.model = user, model
        known = {one.name: one for one in (*model._meta.fields, *model._meta.many_to_many)}
        self.model_fields: dict[str, Field] = {name: known[name] for name in columns if name in known}
        self.fields = {name: self.column(name) for name in columns}

    def column(self, name: str) -> fields.Field:
        return fields.Field(name, self.head_of(name), widget_for(self.model_fields[name]))

    def head_of(self, name: str) -> str:
        return capfirst(self.model._meta.get_field(name).verbose_name)

    @property
    def heads(self) -> list[str]:
        return [column.column_name for column in self.fields.values()]

    def export(self, queryset: QuerySet, **kwargs: object) -> Dataset:
        """Return the rows of `queryset` that the user may see."""
        return super().export(self.with_relations(visible_to(self.user, queryset)), **kwargs)

    def iter_queryset(self, queryset: QuerySet) -> Iterator[Model]:
        return queryset.iterator(chunk_size=CHUNK)

    def export_resource(self, instance: Model, **kwargs: object) -> list[object]:
        return [shown_not_run(cell) for cell in super().export_resource(instance, **kwargs)]

    def export_field(self, field: fields.Field, instance: Model, **kwargs: object) -> str:
        """Say what the user may see: relations come from `with_relations`."""
        model_field = self.model_fields.get(field.attribute)
        is_relation = model_field is not None and model_field.is_relation
        return field.widget.render(getattr(instance, f"seen_{field.attribute}" if is_relation else field.attribute))

    def with_relations(self, rows: QuerySet) -> QuerySet:
        """Bring along what the rows point at, as far as the user may see it, as `seen_<name>`."""
        related = {name: one.related_model for name, one in self.model_fields.items() if one.is_relation}
        return rows.prefetch_related(
            *(Prefetch(name, self._seen(model), to_attr=f"seen_{name}") for name, model in related.items())
        )

    def _seen(self, model: type[Model]) -> QuerySet:
        return visible_to(self.user, model).select_related(*CALLED_AFTER.get(model, ()))


# What rows without a name of their own are called after.
CALLED_AFTER = {Service: ("activity", "organisation"), DemographicOption: ("demographic",)}
