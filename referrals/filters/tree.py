import django_filters
from django_filters.fields import ModelChoiceField

from referrals.models import Category


class TreeField(ModelChoiceField):
    """Offers categories, which come in tree order, indented."""

    def label_from_instance(self, category: Category) -> str:
        return "\u2003" * category.tree_depth + category.name


class TreeFilter(django_filters.ModelChoiceFilter):
    field_class = TreeField


def covered_categories(category: Category) -> list[int]:
    """Return the keys of the category and of those below it."""
    tree = Category.objects.in_tree_order([category.network_id])
    return [one.pk for one in tree if category.pk in one.tree_path]
