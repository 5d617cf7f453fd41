"""A network's flow chart: from the answers so far to the next questions, the needs and the urgency.

No database. The server evaluates the whole chart on every step, so the form works without
JavaScript, and a browser cannot send a question, a need or an urgency that the chart does not lead to.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from referrals.translations import Translations


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """An answer to choose. `reveals` are keys of follow-up questions, in order."""

    id: int
    text: str = ""
    translations: Translations = field(default_factory=dict, hash=False)
    reveals: tuple[int, ...] = ()
    needs: frozenset[int] = frozenset()
    is_urgent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A question of the chart with its choices in order; a text question has none."""

    id: int
    network_id: int = 0
    text: str = ""
    text_to_self: str = ""
    help_text: str = ""
    translations: Translations = field(default_factory=dict, hash=False)
    kind: str = "one"
    is_required: bool = False
    offers_not_sure: bool = True
    is_active: bool = True
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowChart:
    """The boxes of one or more networks, in the order in which first questions are asked.

    ancestors: category -> the categories above it.
    """

    boxes: tuple[Box, ...] = ()
    ancestors: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def narrow(self, needs: AbstractSet[int], *, also: AbstractSet[int] = frozenset()) -> frozenset[int]:
        """Leave out of `needs` what stands above another of them or of `also`: "Food", once it is food parcels."""
        wider = {above for need in needs | also for above in self.ancestors.get(need, ())}
        return frozenset(needs - wider)

    def find_beneath(self, needs: AbstractSet[int], tops: AbstractSet[int]) -> frozenset[int]:
        """Return those of `needs` that are among `tops` or below one of them."""
        return frozenset(need for need in needs if tops & {need, *self.ancestors.get(need, ())})

    def box(self, box_id: int) -> Box | None:
        return next((box for box in self.boxes if box.id == box_id), None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the answers lead to. `shown` are keys of questions in order, `needs` keys of categories.

    urgent_needs: those of the needs that cannot wait.
    """

    shown: tuple[int, ...]
    needs: frozenset[int]
    is_urgent: bool
    urgent_needs: frozenset[int]


def evaluate(chart: FlowChart, chosen: Mapping[int, Collection[int]]) -> Evaluation:
    """Walk the chart from its first questions along the chosen options.

    chosen: question key -> keys of the options chosen. Answers to questions that were not asked, and options of other
    questions, are ignored.

    A category with others beneath it counts only where nothing more exact is called for: whoever says "Food" and leaves
    the follow-up open needs food.

    A question that any option reveals is never a first question, even if the option's own question is switched off:
    otherwise everyone would get the follow-ups of a switched-off box. So boxes that only reveal one another in a loop
    are never asked. A follow-up comes right after its question; one revealed twice is asked once, at the earlier place.
    No recursion limits the chart's depth.
    """
    boxes = {box.id: box for box in chart.boxes}
    revealed = {target for box in chart.boxes for choice in box.choices for target in choice.reveals}
    waiting = [box.id for box in reversed(chart.boxes) if box.id not in revealed]
    picked: dict[int, list[Choice]] = {}
    while waiting:
        box = boxes.get(waiting.pop())
        if box is None or not box.is_active or box.id in picked:
            continue
        picked[box.id] = [choice for choice in box.choices if choice.id in chosen.get(box.id, ())]
        waiting.extend(reversed([target for choice in picked[box.id] for target in choice.reveals]))
    wide = frozenset().union(*chart.ancestors.values())
    answers = [choice for choices in picked.values() for choice in choices]
    needs: set[int] = set()
    for choice in answers:
        needs |= choice.needs - wide if choice.needs & wide and _leads_to_needs(choice, picked) else choice.needs
    if not needs:  # answers that lead back to each other would each wait for the other's needs
        needs = set().union(*(choice.needs for choice in answers))
    narrow = chart.narrow(needs)
    is_urgent = any(choice.is_urgent for choice in answers)
    return Evaluation(tuple(picked), narrow, is_urgent, _find_urgent(chart, picked, narrow))


def _find_urgent(chart: FlowChart, picked: Mapping[int, Collection[Choice]], needs: AbstractSet[int]) -> frozenset[int]:
    """Return which of `needs`, or of the wider ones that they stand for, urgent answers add.

    An urgent answer that adds none makes those urgent whose answer led to its question.
    """
    answers = [choice for choices in picked.values() for choice in choices]
    urgent: set[int] = set()
    for key, choices in picked.items():
        before = frozenset().union(*(choice.needs for choice in answers if key in choice.reveals))
        urgent.update(*(choice.needs or before for choice in choices if choice.is_urgent))
    return chart.find_beneath(needs, urgent)


def _leads_to_needs(choice: Choice, picked: Mapping[int, Collection[Choice]]) -> bool:
    """Return whether an answer to one of its follow-ups, or to their follow-ups, adds a need."""
    waiting, seen = list(choice.reveals), set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        for follow_up in picked.get(key, ()):
            if follow_up.needs:
                return True
            waiting += follow_up.reveals
    return False


def find_reached(chart: FlowChart, start: Iterable[int]) -> set[int]:
    """Return the keys of the questions `start` and of all that their answers lead to, in however many steps."""
    targets = {box.id: [target for choice in box.choices for target in choice.reveals] for box in chart.boxes}
    reached: set[int] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += targets.get(key, ())
    return reached
