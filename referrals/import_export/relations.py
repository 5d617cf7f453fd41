"""What the columns of a table point at: found among what the user may choose, or made there, and nowhere else."""

from collections.abc import Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field, Model

from referrals.access import changeable_by, may_add
from referrals.access.choices import choices_for
from referrals.import_export.cells import name_field, name_of, says
from referrals.import_export.choice_index import Offered
from referrals.import_export.export_resource import CALLED_AFTER, OutwardResource


class ChoosingResource(OutwardResource):
    """inside: of a column that points at rows, the column of the same name there and here that both must agree in.
    makes: such columns whose rows are made by their names when they are not there yet.
    """

    inside: Mapping[str, str] = MappingProxyType({})
    makes: tuple[str, ...] = ()

    def forget_choices(self) -> None:
        """Begin anew: what may be chosen is read once for a table."""
        self._offered: dict[Field, Offered] = {}
        self._made: dict[type[Model], set[int]] = {}
        self._may_make = {name for name in self.makes if may_add(self.user, self.model_fields[name].related_model)}
        self._notes: list[list[str]] = []

    def note(self, name: str, text: str) -> None:
        """Say in the preview what was made of a cell."""
        self._notes.append([self.head_of(name), text])

    def offered(self, field: Field, **named: Any) -> Offered:
        """Return what the user may put into a relation, of this table or one beside it: it is read once."""
        if field not in self._offered:
            rows = choices_for(field, self.user).select_related(*CALLED_AFTER.get(field.related_model, ()))
            if field.model is self.model and field.name in self.inside:
                named["group"] = attrgetter(f"{self.inside[field.name]}_id")
            self._offered[field] = Offered(rows, **named)
        return self._offered[field]

    def _is_its_name(self, name: str, instance: Model, cell: str) -> bool:
        """Whether a cell calls what is there by its name, where an ID would be written by now."""
        seen = getattr(instance, f"seen_{name}", None)
        return isinstance(seen, Model) and says(cell, name_of(seen))

    def _rendered(self, name: str, value: Any) -> str:
        if isinstance(value, Model):
            return self.offered(self.model_fields[name]).label(value)
        return self.fields[name].widget.render(value)

    def _chosen(self, name: str, instance: Model, text: str) -> Model:
        """Find a row to point at among those the user may choose, or make it: there are no others."""
        field = self.model_fields[name]
        kind = field.related_model._meta.verbose_name
        group = getattr(instance, f"{self.inside[name]}_id") if name in self.inside else None
        found = self.offered(field).called(text, group)
        if len(found) > 1:
            raise ValueError(f"There is more than one {kind} “{text[:60]}”. Write its ID instead.")
        if not found and name in self._may_make and group is not None:
            found = self._make(name, group, text)
        if not found:
            raise ValueError(f"There is no {kind} “{text[:60]}” to choose here.")
        return found[0]

    def _make(self, name: str, group: int, text: str) -> list[Model]:
        """Make the row of this name, where the user may have such rows."""
        field, belongs = self.model_fields[name], self.inside[name]
        model = field.related_model
        if not self.offered(model._meta.get_field(belongs)).has(group):
            return []
        made = model(**{f"{belongs}_id": group, name_field(model): text})
        try:
            made.clean_fields(exclude=[belongs])
            with transaction.atomic():
                made.save(force_insert=True)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from error
        except IntegrityError as error:
            raise ValueError(words_of(error, model)) from error
        self.offered(field).add(made)
        self._made.setdefault(model, set()).add(made.pk)
        self.note(name, f"There is no “{text}” yet: it is added.")
        return [made]

    def _keeps_made(self) -> bool:
        """Whether the user may change all that was made to be pointed at."""
        return all(
            changeable_by(self.user, model).filter(pk__in=keys).count() == len(keys)
            for model, keys in self._made.items()
        )


def words_of(error: IntegrityError, model: type[Model]) -> str:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    broken = next((one for one in model._meta.constraints if one.name == name), None)
    return str(broken.get_violation_error_message()) if broken else "This cannot be saved as it stands."
