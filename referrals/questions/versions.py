"""The versions that are published. They never change, so each process keeps those that it has read."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache

from referrals.models import Category, FlowVersion
from referrals.questions.chart import Box, FlowChart
from referrals.questions.content import read_content

KEPT = 256  # versions in each process, of some kilobytes each


def find_in_force(network_ids: Iterable[int]) -> dict[int, int | None]:
    """Return by network the key of its newest version, None where it has published none. One query."""
    keys = list(network_ids)
    newest = FlowVersion.objects.filter(network__in=keys).order_by("network_id", "-number").distinct("network_id")
    return dict.fromkeys(keys) | dict(newest.values_list("network_id", "pk"))


@lru_cache(maxsize=KEPT)
def load_version(key: int) -> tuple[Box, ...]:
    """Raises FlowVersion.DoesNotExist, which is not kept."""
    network_id, content = FlowVersion.objects.values_list("network_id", "content").get(pk=key)
    return read_content(content, network_id)


def load_published_chart(version_ids: Iterable[int], categories: Collection[Category]) -> FlowChart:
    """Return the boxes of these versions, version after version as given."""
    return with_categories(tuple(box for key in version_ids for box in load_version(key)), categories)


def with_categories(boxes: tuple[Box, ...], categories: Collection[Category]) -> FlowChart:
    """Return the chart of the boxes with the tree of the categories, which `in_tree_order` has given.

    A category that was merged into another since a version was published stands for that one.
    """
    merged = {category.pk: category.merged_into_id for category in categories if category.merged_into_id}
    if merged:
        boxes = tuple(_with_needs_now(box, merged) for box in boxes)
    return FlowChart(boxes, {category.pk: frozenset(category.tree_path[:-1]) for category in categories})


def _with_needs_now(box: Box, merged: dict[int, int]) -> Box:
    if not any(choice.needs & merged.keys() for choice in box.choices):
        return box
    return replace(
        box,
        choices=tuple(
            replace(choice, needs=frozenset(merged.get(need, need) for need in choice.needs)) for choice in box.choices
        ),
    )
