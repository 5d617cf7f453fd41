"""A treemap of capacity: a box's area is a service's capacity, its filled part the open cases. Only boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import squarify


class Box(NamedTuple):
    """In units of the picture, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height


class Load(NamedTuple):
    """What there is of something that takes people: a service or, with many, an organisation.

    `key` tells it from others, `group` says what it stands with: both are the caller's. Without `is_known`, the open
    cases and the offers do not count.
    """

    key: object
    group: object
    capacity: int
    open_cases: int
    offers: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class LoadBox:
    """`taken` and `asked` are parts of `box`, from its bottom up; more than there is room for is cut off."""

    load: Load
    box: Box

    @property
    def taken(self) -> Box:
        return self._part(0, self._share(self.load.open_cases))

    @property
    def asked(self) -> Box:
        open_cases = self.load.open_cases
        return self._part(self._share(open_cases), self._share(open_cases + self.load.offers))

    @property
    def is_over(self) -> bool:
        return self.load.is_known and self.load.open_cases > self.load.capacity

    def _share(self, people: int) -> float:
        return min(people / self.load.capacity, 1) if self.load.is_known else 0

    def _part(self, low: float, high: float) -> Box:
        x, y, width, height = self.box
        return Box(x, y + height * (1 - high), width, height * (high - low))


@dataclass(frozen=True, slots=True)
class GroupBox:
    group: object
    box: Box
    loads: list[LoadBox]  # the largest first, which has the group's top left corner


def lay_out(loads: Sequence[Load], *, width: float, height: float) -> list[GroupBox]:
    """Fill the picture with boxes in proportion to capacity, grouped, the largest first.

    Every load has to have a capacity above 0: squarify cannot place a box without area.
    """
    in_groups = sorted(loads, key=lambda load: str(load.group))
    groups = [list(of_group) for _, of_group in groupby(in_groups, key=lambda load: load.group)]
    groups = sorted((sorted(group, key=_size, reverse=True) for group in groups), key=_size_of_all, reverse=True)
    boxes = _squarify([_size_of_all(group) for group in groups], Box(0, 0, width, height))
    return [
        GroupBox(
            group[0].group,
            box,
            [LoadBox(*pair) for pair in zip(group, _squarify([_size(load) for load in group], box), strict=True)],
        )
        for group, box in zip(groups, boxes, strict=True)
    ]


def _size(load: Load) -> int:
    return load.capacity


def _size_of_all(group: Sequence[Load]) -> int:
    return sum(load.capacity for load in group)


def _squarify(sizes: Sequence[int], inside: Box) -> list[Box]:
    """Return a box for each of the sizes, which run from the largest to the smallest, in the same order."""
    normal = squarify.normalize_sizes(sizes, inside.width, inside.height)
    return [Box(one["x"], one["y"], one["dx"], one["dy"]) for one in squarify.squarify(normal, *inside)]
