"""The report on the paths of a chart, against walking every one of them."""

from hypothesis import given
from hypothesis import strategies as st

from referrals.questions import Box, Choice
from referrals.questions.paths import find_paths


@st.composite
def charts(draw, *, loops: bool) -> list[Box]:
    """Any chart: switched off questions, arrows to what is not there, options that lead to the same question."""
    size, option, boxes = draw(st.integers(0, 7)), 100, []
    for key in range(size):
        targets = st.integers(0 if loops else key + 1, size + 1)
        choices = []
        for _ in range(draw(st.integers(0, 3))):
            option += 1
            reveals = tuple(draw(st.lists(targets, max_size=2, unique=True)))
            choices.append(Choice(id=option, reveals=reveals, needs=draw(st.frozensets(st.integers(0, 4), max_size=2))))
        kind = (
            draw(st.sampled_from(["one", "several", "yes_no"])) if choices else draw(st.sampled_from(["one", "text"]))
        )
        boxes.append(Box(id=key, kind=kind, is_active=draw(st.integers(0, 4)) > 0, choices=tuple(choices)))
    return draw(st.permutations(boxes))


def walk(boxes: list[Box]) -> list[tuple[tuple[int, ...], frozenset[int], bool]]:
    """Return every path: its questions, the needs on it, and whether it was broken off at a loop."""
    asked = {box.id: box for box in boxes if box.is_active}
    revealed = {target for box in boxes for choice in box.choices for target in choice.reveals}
    found = []

    def go_on(key: int, path: tuple[int, ...], needs: frozenset[int]) -> None:
        if key in path:
            found.append((path, needs, True))
            return
        for choice in asked[key].choices:
            on = [target for target in choice.reveals if target in asked]
            for target in on:
                go_on(target, (*path, key), needs | choice.needs)
            if not on:
                found.append(((*path, key), needs | choice.needs, False))
        if not asked[key].choices:
            found.append(((*path, key), needs, False))

    for key in asked:
        if key not in revealed:
            go_on(key, (), frozenset())
    return found


@given(charts(loops=False))
def test_paths_are_counted_as_if_each_were_walked(boxes):
    paths, walked = find_paths(boxes), walk(boxes)
    assert paths.number == len(walked)
    assert len(paths.longest) == max((len(path) for path, *_ in walked), default=0)
    assert not paths.longest or paths.longest in [path for path, *_ in walked]
    asked = {key for path, *_ in walked for key in path}
    assert set(paths.unreached) == {box.id for box in boxes if box.is_active} - asked
    assert paths.needs == frozenset().union(*(needs for _, needs, _ in walked))
    assert paths.loops == ()


@given(charts(loops=True))
def test_loops_and_dead_ends_are_always_found(boxes):
    paths = find_paths(boxes)
    asked = {box.id: box for box in boxes if box.is_active}

    def leads_back(key: int) -> bool:
        seen, waiting = set(), [key]
        while waiting:
            for choice in asked[waiting.pop()].choices:
                new = {target for target in choice.reveals if target in asked} - seen
                seen |= new
                waiting += new
        return key in seen

    assert set(paths.loops) == {key for key in asked if leads_back(key)}
    assert set(paths.dead_ends) == {key for key, box in asked.items() if box.kind != "text" and not box.choices}
    assert paths.is_sound == (not paths.loops and not paths.dead_ends)
    if any(is_broken for *_, is_broken in walk(boxes)):
        assert paths.loops


def test_more_paths_than_could_be_walked_are_counted():
    """Forty questions, each with two answers that lead to the next: 2^40 paths."""
    boxes = [
        Box(id=key, choices=tuple(Choice(id=100 * key + n, reveals=(key + 1,) if key < 40 else ()) for n in (1, 2)))
        for key in range(1, 41)
    ]
    assert (find_paths(boxes).number, len(find_paths(boxes).longest)) == (2**40, 40)


def test_a_chart_of_two_thousand_questions_in_a_row_ends():
    boxes = [Box(id=key, choices=(Choice(id=key, reveals=(key + 1,)),)) for key in range(2_000)]
    assert len(find_paths(boxes).longest) == 2_000
