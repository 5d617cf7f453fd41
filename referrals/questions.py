"""A network's flow chart: from the answers so far to the questions to show, the needs and the urgency.

Pure but for `load_flow_chart`. The server evaluates the whole chart on every step, so that the form works without
JavaScript and nothing that a browser sends can call up a question, a need or an urgency that the chart does not give.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from referrals.models import Question, QuestionOption


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """An answer to choose: an arrow of the chart. `reveals` are keys of questions in the order of asking."""

    id: int
    text: str = ""
    reveals: tuple[int, ...] = ()
    needs: frozenset[int] = frozenset()
    is_urgent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A question of the chart, with its choices in order. A question in words has none."""

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
    """The boxes of one network or several, in the order in which they are asked when nothing calls for them sooner."""

    boxes: tuple[Box, ...] = ()

    def box(self, box_id: int) -> Box | None:
        return next((box for box in self.boxes if box.id == box_id), None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the answers lead to. `shown` holds keys of questions in the order of asking, `needs` keys of categories."""

    shown: tuple[int, ...]
    needs: frozenset[int]
    is_urgent: bool


def evaluate(chart: FlowChart, chosen: Mapping[int, Collection[int]]) -> Evaluation:
    """Walk the chart from its first questions along the chosen options.

    chosen: question key -> keys of the options chosen. Answers to questions that are not called for, and options that
    are not the question's own, count for nothing.

    A question that some option reveals is never a first question, also when the option's own question is switched off:
    switching off one box must not put those behind it to everybody. So boxes that only reveal one another in a circle
    are never asked. A follow-up comes straight after the question that calls for it; a question called for twice is
    asked once, at the earlier place. Time is linear in boxes and arrows, and no recursion limits the chart's depth.
    """
    boxes = {box.id: box for box in chart.boxes}
    revealed = {target for box in chart.boxes for choice in box.choices for target in choice.reveals}
    waiting = [box.id for box in reversed(chart.boxes) if box.id not in revealed]
    shown: dict[int, None] = {}
    needs: set[int] = set()
    is_urgent = False
    while waiting:
        box = boxes.get(waiting.pop())
        if box is None or not box.is_active or box.id in shown:
            continue
        shown[box.id] = None
        picked = [choice for choice in box.choices if choice.id in chosen.get(box.id, ())]
        for choice in picked:
            needs |= choice.needs
            is_urgent = is_urgent or choice.is_urgent
        waiting.extend(reversed([target for choice in picked for target in choice.reveals]))
    return Evaluation(tuple(shown), frozenset(needs), is_urgent)


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
