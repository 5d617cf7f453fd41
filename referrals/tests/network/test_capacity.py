"""The treemap: areas and fills are as the figures, within a pixel, and everything is in it once."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.network.capacity import Box, Load, lay_out
from referrals.tests.depth import gate_or_all

SIZES = st.tuples(
    st.integers(0, 8),  # group
    st.integers(1, 5_000) | st.integers(1, 12),
    st.integers(0, 6_000),
    st.integers(0, 30),
    st.booleans(),
)
PIXEL = 1


def loads_of(drawn: list[tuple]) -> list[Load]:
    return [Load(key, *rest) for key, rest in enumerate(drawn)]


def overlap(one: Box, other: Box) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)


@settings(max_examples=gate_or_all(40, 1500))
@given(st.lists(SIZES, min_size=1, max_size=60), st.sampled_from([(1160, 640), (460, 1000)]))
def test_areas_and_fills_are_proportional_and_each_is_there_once(drawn, size):
    width, height = size
    loads = loads_of(drawn)
    groups = lay_out(loads, width=width, height=height)
    boxes = [one for group in groups for one in group.loads]
    assert Counter(one.load for one in boxes) == Counter(loads)
    assert [group.group for group in groups] == list(dict.fromkeys(one.load.group for one in boxes))
    unit = width * height / sum(load.capacity for load in loads)
    for one in boxes:
        assert abs(one.box.area - one.load.capacity * unit) < PIXEL
        taken = min(one.load.open_cases, one.load.capacity) if one.load.is_known else 0
        asked = min(one.load.offers, one.load.capacity - taken) if one.load.is_known else 0
        assert abs(one.taken.area - taken * unit) < PIXEL
        assert abs(one.asked.area - asked * unit) < PIXEL
        assert one.is_over == (one.load.is_known and one.load.open_cases > one.load.capacity)
        assert -PIXEL < one.box.x < one.box.x + one.box.width < width + PIXEL
        assert -PIXEL < one.box.y < one.box.y + one.box.height < height + PIXEL


@settings(max_examples=gate_or_all(15, 300))
@given(st.lists(SIZES, min_size=2, max_size=15))
def test_no_two_boxes_overlap_and_none_leaves_its_group(drawn):
    groups = lay_out(loads_of(drawn), width=1160, height=640)
    boxes = [one.box for group in groups for one in group.loads]
    assert sum(overlap(one, other) for n, one in enumerate(boxes) for other in boxes[:n]) < PIXEL
    for group in groups:
        assert {one.load.group for one in group.loads} == {group.group}
        assert abs(sum(one.box.area for one in group.loads) - group.box.area) < PIXEL
        assert all(abs(overlap(one.box, group.box) - one.box.area) < PIXEL for one in group.loads)


def test_the_largest_come_first_and_have_the_corner_of_their_group():
    groups = lay_out(
        [Load("a", 1, 2, 0, 0, True), Load("b", 2, 9, 0, 0, True), Load("c", 1, 3, 0, 0, True)], width=100, height=50
    )
    assert [[one.load.key for one in group.loads] for group in groups] == [["b"], ["c", "a"]]
    for group in groups:
        assert (group.loads[0].box.x, group.loads[0].box.y) == (group.box.x, group.box.y)


def test_six_hundred_are_laid_out():
    loads = [Load(number, number % 100, 1 + number % 40, 3, 1, True) for number in range(600)]
    assert sum(len(group.loads) for group in lay_out(loads, width=1160, height=1220)) == 600


def test_nothing_is_no_box():
    assert lay_out([], width=100, height=50) == []
