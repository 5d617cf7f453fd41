"""Searching and sorting a list by values of related rows, but only of those that the user may see.

Otherwise a search for "smi" would reveal that a hidden colleague's name contains these letters, and sorting would
reveal between which other names it comes.
"""

from collections.abc import Iterator

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Case, F, Field, Model, OrderBy, Q, When
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import NullIf

from referrals.access import visible_to
from referrals.models import User


def crosses_relation(model: type[Model], path: str) -> bool:
    return any(_relations_on(model, path))


def visible_value(user: User, model: type[Model], path: str) -> Case:
    """Return the value at `path`, or nothing where a row on the way there is hidden from `user`."""
    on_the_way = {
        f"{name}__in": visible_to(user, field.related_model).values("pk") for name, field in _relations_on(model, path)
    }
    nothing = NullIf(F(path), F(path))  # Django drops a Case without cases, and cannot order by a bare NULL
    return Case(When(Q(**on_the_way), then=F(path)), default=nothing)


def visible_order(user: User, model: type[Model], key: str) -> list[OrderBy]:
    """Return what to order by in place of `key`, a name as in `order_by` that crosses a relation."""
    return [OrderBy(visible_value(user, model, path), descending=descends) for path, descends in _expand(model, key)]


def _relations_on(model: type[Model], path: str) -> Iterator[tuple[str, Field]]:
    """Yield the relations that the path goes through or ends in, each with the path that leads to it."""
    names = []
    for name in path.split(LOOKUP_SEP):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # "pk", an annotation, or a way to compare
            return
        if not field.is_relation:
            return
        names.append(field.name)
        yield LOOKUP_SEP.join(names), field
        model = field.related_model


def _expand(model: type[Model], key: str) -> Iterator[tuple[str, bool]]:
    """Yield paths to order by, and whether each descends: a relation stands for the ordering of the related model."""
    path, descends = key.removeprefix("-"), key.startswith("-")
    *_, (last, field) = _relations_on(model, path)
    if path != last or not field.related_model._meta.ordering:
        yield path, descends
        return
    for inner in field.related_model._meta.ordering:
        sign = "-" if inner.startswith("-") != descends else ""
        yield from _expand(model, f"{sign}{last}{LOOKUP_SEP}{inner.removeprefix('-')}")
