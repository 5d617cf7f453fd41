"""A network's flow chart: from the answers so far to the next questions, the needs and the urgency.

Pure except for `load_flow_chart`. The server evaluates the whole chart on every step, so the form works without
JavaScript, and a browser cannot send a question, a need or an urgency that the chart does not lead to.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from referrals.models import Question, QuestionOption


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """An answer to choose. `reveals` are keys of follow-up questions, in order."""

    id: int
    text: str = ""
    reveals: tuple[int, ...] = ()
    needs: frozenset[int] = frozenset()
    is_urgent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A question of the chart with its choices in order; a text question has none."""

    id: int
    network_id: int = 0
    text: str = ""
    help_text: str = ""
    kind: str = "one"
    is_required: bool = False
    is_active: bool = True
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowChart:
    """The boxes of one or more networks, in the order in which first questions are asked."""

    boxes: tuple[Box, ...] = ()

    def box(self, box_id: int) -> Box | None:
        return next((box for box in self.boxes if box.id == box_id), None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the answers lead to. `shown` are keys of questions in order, `needs` keys of categories.

    urgent_needs: those of the needs that an urgent answer adds.
    """

    shown: tuple[int, ...]
    needs: frozenset[int]
    is_urgent: bool
    urgent_needs: frozenset[int]


def evaluate(chart: FlowChart, chosen: Mapping[int, Collection[int]]) -> Evaluation:
    """Walk the chart from its first questions along the chosen options.

    chosen: question key -> keys of the options chosen. Answers to questions that were not asked, and options of other
    questions, are ignored.

    A question that any option reveals is never a first question, even if the option's own question is switched off:
    otherwise everyone would get the follow-ups of a switched-off box. So boxes that only reveal one another in a loop
    are never asked. A follow-up comes right after its question; one revealed twice is asked once, at the earlier place.
    Time is linear in boxes and arrows, and no recursion limits the chart's depth.
    """
    boxes = {box.id: box for box in chart.boxes}
    revealed = {target for box in chart.boxes for choice in box.choices for target in choice.reveals}
    waiting = [box.id for box in reversed(chart.boxes) if box.id not in revealed]
    shown: dict[int, None] = {}
    needs: set[int] = set()
    urgent_needs: set[int] = set()
    is_urgent = False
    while waiting:
        box = boxes.get(waiting.pop())
        if box is None or not box.is_active or box.id in shown:
            continue
        shown[box.id] = None
        picked = [choice for choice in box.choices if choice.id in chosen.get(box.id, ())]
        for choice in picked:
            needs |= choice.needs
            if choice.is_urgent:
                is_urgent = True
                urgent_needs |= choice.needs
        waiting.extend(reversed([target for choice in picked for target in choice.reveals]))
    return Evaluation(tuple(shown), frozenset(needs), is_urgent, frozenset(urgent_needs))


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


def load_flow_chart(network_ids: Iterable[int]) -> FlowChart:
    """Return the boxes of these networks, network after network as given. Two queries."""
    order = {network_id: place for place, network_id in enumerate(network_ids)}
    questions = Question.objects.filter(network__in=order)
    options = (
        QuestionOption.objects.filter(question__network__in=order)
        .annotate(
            revealed=ArrayAgg("reveals", filter=Q(reveals__isnull=False), distinct=True, default=[]),
            added=ArrayAgg("needs", filter=Q(needs__isnull=False), distinct=True, default=[]),
        )
        .order_by("question", "position", "pk")
    )
    ranked = sorted(questions, key=lambda question: (order[question.network_id], question.position, question.pk))
    places = {question.pk: place for place, question in enumerate(ranked)}
    choices: dict[int, list[Choice]] = {}
    for option in options:
        choices.setdefault(option.question_id, []).append(
            Choice(
                id=option.pk,
                text=option.text,
                reveals=tuple(sorted((key for key in option.revealed if key in places), key=places.__getitem__)),
                needs=frozenset(option.added),
                is_urgent=option.is_urgent,
            )
        )
    return FlowChart(tuple(_box(question, choices.get(question.pk, [])) for question in ranked))


def _box(question: Question, choices: list[Choice]) -> Box:
    return Box(
        id=question.pk,
        network_id=question.network_id,
        text=question.text,
        help_text=question.help_text,
        kind=question.kind,
        is_required=question.is_required,
        is_active=question.is_active,
        choices=tuple(choices),
    )
