"""What can be walked of a chart: how many paths, the longest, what is never reached, and what must not be published.

A path goes from a first question by one of its answers to a question that it leads to, and so on, until an answer leads
no further, or a question has none to choose. There can be more than could be listed, so they are counted, never walked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from referrals.enums import CHOICE_KINDS
from referrals.questions.chart import Box, FlowChart, find_reached


@dataclass(frozen=True, slots=True)
class Paths:
    """longest: keys of the questions on a path that asks most; empty where there are loops, as the number is 0.

    unreached: questions that are switched on and that no path asks. needs: those that some path adds.
    loops: questions that lead back to themselves. dead_ends: questions that wait for a choice and offer none.
    """

    number: int
    longest: tuple[int, ...]
    unreached: tuple[int, ...]
    needs: frozenset[int]
    loops: tuple[int, ...]
    dead_ends: tuple[int, ...]

    @property
    def is_sound(self) -> bool:
        return not self.loops and not self.dead_ends


def find_paths(boxes: Sequence[Box]) -> Paths:
    asked = {box.id: box for box in boxes if box.is_active}
    chart = FlowChart(tuple(asked.values()))
    leads = {
        key: [target for choice in box.choices for target in choice.reveals if target in asked]
        for key, box in asked.items()
    }
    first = list_first(boxes)
    reached = find_reached(chart, first) & asked.keys()
    loops = tuple(key for key in asked if key in find_reached(chart, leads[key]))
    number, longest = (0, ()) if loops else _count(asked, leads, first)
    return Paths(
        number=number,
        longest=longest,
        unreached=tuple(key for key in asked if key not in reached),
        needs=frozenset().union(*(choice.needs for key in reached for choice in asked[key].choices)),
        loops=loops,
        dead_ends=tuple(key for key, box in asked.items() if box.kind in CHOICE_KINDS and not box.choices),
    )


def list_first(boxes: Sequence[Box]) -> list[int]:
    """Return the keys of the questions that are asked whatever is answered."""
    revealed = {target for box in boxes for choice in box.choices for target in choice.reveals}
    return [box.id for box in boxes if box.is_active and box.id not in revealed]


def _count(
    asked: Mapping[int, Box], leads: Mapping[int, Sequence[int]], first: Sequence[int]
) -> tuple[int, tuple[int, ...]]:
    numbers: dict[int, int] = {}
    longest: dict[int, tuple[int, ...]] = {}
    for key in order_by_targets(leads):
        ends = sum(not any(target in asked for target in choice.reveals) for choice in asked[key].choices)
        numbers[key] = sum(numbers[target] for target in leads[key]) + (ends if asked[key].choices else 1)
        longest[key] = (key, *max((longest[target] for target in leads[key]), key=len, default=()))
    return sum(numbers[key] for key in first), max((longest[key] for key in first), key=len, default=())


def order_by_targets(leads: Mapping[int, Sequence[int]]) -> Iterator[int]:
    """Yield each question after all that it leads to; expects no loops. No recursion limits the depth."""
    done: set[int] = set()
    for start in leads:
        waiting = [(start, False)]
        while waiting:
            key, is_ready = waiting.pop()
            if key in done:
                continue
            if is_ready:
                done.add(key)
                yield key
            else:
                waiting.append((key, True))
                waiting += [(target, False) for target in leads[key] if target not in done]
