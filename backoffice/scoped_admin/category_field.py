"""Categories in the order of their tree."""

from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.functions import Cast, LPad
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField

from referrals.models import Category

LEVELS = 4  # above a category; deeper ones are listed too, but not in the tree's order


def _sort_key(ancestor: str) -> Func:
    """Return an expression such as "00003Food" for an ancestor of a category, NULL if there is none."""
    position = LPad(Cast(f"{ancestor}position", CharField()), 5, Value("0"))
    name = F(f"{ancestor}name")
    return Func(position, name, template="(%(expressions)s)", arg_joiner=" || ", output_field=CharField())


_ANCESTORS = ["parent__" * levels for levels in range(LEVELS, -1, -1)]
TREE_PATH = Func(Value("/"), *map(_sort_key, _ANCESTORS), function="CONCAT_WS", output_field=CharField())
WITH_ANCESTORS = "__".join(["parent"] * LEVELS)


def in_tree(categories: QuerySet) -> QuerySet:
    return categories.select_related(WITH_ANCESTORS).order_by("network__name", TREE_PATH.asc(), "pk")


def depth_of(category: Category) -> int:
    """Return how many categories are above: no query if the row was loaded with its ancestors."""
    depth, above = 0, category.parent
    while above and depth < LEVELS:
        depth, above = depth + 1, above.parent
    return depth


class TreeWidget(CheckboxSelectMultiple):
    """Checkboxes in the order of the tree, each with its depth. A script adds a search and says what is covered."""

    template_name = "backoffice/services/tree.html"

    def create_option(self, name: str, value: object, label: str, *args: object, **kwargs: object) -> dict:
        option = super().create_option(name, value, label, *args, **kwargs)
        return option | {"depth": depth_of(value.instance), "label": value.instance.name}


class TreeChoiceField(ModelMultipleChoiceField):
    def __init__(self, queryset: QuerySet, **kwargs: object) -> None:
        super().__init__(in_tree(queryset), **kwargs)

    def label_from_instance(self, category: Category) -> str:
        return "\u2003" * depth_of(category) + category.name
