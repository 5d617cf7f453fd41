from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import F, Q
from tree_queries.query import TreeQuerySet

from referrals.models.networks import Network
from referrals.models.translated import TranslatedModel


def _finds_nothing(networks: Any) -> bool:
    """Return whether that is known without a query, as of the networks of somebody who has none."""
    if not isinstance(networks, models.QuerySet):
        return not networks
    try:
        networks.query.sql_with_params()
    except EmptyResultSet:
        return True
    return False


class CategoryQuerySet(TreeQuerySet):
    def offered(self, *, also: Any = ()) -> Self:
        """Leave out retired categories, except those that are chosen already (`also`: their keys, or a queryset)."""
        return self.filter(Q(retired_at=None) | Q(pk__in=also))

    def in_tree_order(self, networks: Any = None) -> Self:
        """Return the rows network by network, parents before their children, with `tree_path` and `tree_depth`.

        `tree_path` has the keys from the top category down to the row's own. Rows in or below a loop of parents are in
        no tree and left out. `networks` (rows, keys or a sub-query) saves walking the trees of all the others.
        """
        ordered = self.all().order_siblings_by("position", "name", "pk")
        ordered = ordered.order_by("network__name", "network", "tree_ordering")
        if networks is None:
            return ordered
        if _finds_nothing(networks):
            return ordered.none()  # the tree's own query may not be empty
        return ordered.filter(network__in=networks).tree_filter(network__in=networks)

    def keys_of_need(self, category: "Category") -> list[int]:
        """Return the keys of the category and of all below it: a need at one of these is a need of the category."""
        return [one.pk for one in self.in_tree_order([category.network_id]) if category.pk in one.tree_path]

    def keys_of_help(self, category: "Category") -> list[int]:
        """Return the keys of the category, of all above it and of all below it.

        A service listed at one of these can help with the category: so the ranking has it (`COVERING`).
        """
        paths = {one.pk: one.tree_path for one in self.in_tree_order([category.network_id])}
        above = paths.get(category.pk, [category.pk])
        return [key for key, path in paths.items() if key in above or category.pk in path]

    def sensitive_keys(self, networks: Any) -> frozenset[int]:
        """Return the keys of the networks' categories that are marked as sensitive, or are below one that is."""
        rows = list(self.in_tree_order(networks))
        marked = {row.pk for row in rows if row.is_sensitive}
        return frozenset(row.pk for row in rows if not marked.isdisjoint(row.tree_path))

    def possible_parents(self, category: "Category") -> Self:
        """Return valid parents of `category`: not itself, nothing below it, nothing in a loop."""
        in_tree = self.all().with_tree_fields().filter(network=category.network_id)
        in_tree = in_tree.tree_filter(network=category.network_id)
        return in_tree.exclude(tree_path__contains=category.pk) if category.pk else in_tree

    def find_in_loops(self) -> set[int]:
        """Return the keys of the rows in a loop of parents, which the database refuses by the end of a transaction.

        Rows without children are removed, again and again, until only loops are left.
        """
        left = dict(self.order_by().values_list("pk", "parent"))
        sorter: TopologicalSorter[int] = TopologicalSorter()
        for key, parent in left.items():
            sorter.add(key)
            if parent is not None:
                sorter.add(parent, key)
        with suppress(CycleError):
            sorter.prepare()
        while ready := sorter.get_ready():
            for key in ready:
                left.pop(key, None)
            sorter.done(*ready)
        return set(left)


class Category(TranslatedModel):
    """What support is about: a tree, or a plain list, that belongs to a network."""

    translated_fields = ("name",)

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="categories")
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="A service listed under the parent covers this one too.",
    )
    name = models.CharField(max_length=120)
    slug = models.SlugField(
        "short name in addresses", max_length=120, help_text="Lower-case letters and hyphens, as in food-parcels."
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")
    is_sensitive = models.BooleanField(
        "sensitive",
        default=False,
        help_text="Looking at it could put somebody in danger, as with abuse. Public pages about it, and about what is "
        "below it, have a button to leave quickly.",
    )
    retired_at = models.DateTimeField("retired", null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        help_text="What the old short name now stands for in addresses, pages and tables.",
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["network", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "slug"],
                name="category_slug_once",
                violation_error_message="The network has a category with this short name already.",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")),
                name="category_not_own_parent",
                violation_error_message="A category cannot be its own parent.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(retired_at__isnull=False),
                name="category_merged_is_retired",
                violation_error_message="A category that is merged into another is retired.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
