"""Categories in the order of their tree."""

from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField

from referrals.models import Category
from referrals.models.categories import CategoryQuerySet


class TreeWidget(CheckboxSelectMultiple):
    """Checkboxes in the order of the tree, each with its depth. A script adds a search and says what is covered."""

    template_name = "backoffice/services/tree.html"

    def create_option(self, name: str, value: object, label: str, *args: object, **kwargs: object) -> dict:
        option = super().create_option(name, value, label, *args, **kwargs)
        return option | {"depth": value.instance.tree_depth, "label": _name_of(value.instance)}


class TreeChoiceField(ModelMultipleChoiceField):
    def __init__(self, queryset: CategoryQuerySet, **kwargs: object) -> None:
        super().__init__(queryset.in_tree_order(), **kwargs)

    def label_from_instance(self, category: Category) -> str:
        return "\u2003" * category.tree_depth + _name_of(category)


def _name_of(category: Category) -> str:
    return f"{category.name} (retired)" if category.retired_at else category.name
