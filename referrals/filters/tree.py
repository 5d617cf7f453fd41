import django_filters
from django_filters.fields import ModelChoiceField

from referrals.models import Category


class TreeField(ModelChoiceField):
    """Offers categories, which come in tree order, indented."""

    def label_from_instance(self, category: Category) -> str:
        return "\u2003" * category.tree_depth + category.name


class TreeFilter(django_filters.ModelChoiceFilter):
    field_class = TreeField
