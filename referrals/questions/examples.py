"""Saved examples: whether given answers still lead to the needs and the urgency that they must."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from referrals.models import Category, FlowExample, Network
from referrals.questions.chart import Box, evaluate
from referrals.questions.versions import with_categories
from referrals.words import join_in_words


@dataclass(frozen=True, slots=True)
class ExampleOutcome:
    """`answers`: question and answer in words. `problems`: what is not as it must be, in sentences."""

    example: FlowExample
    answers: list[str]
    needs: list[str]
    problems: list[str] = field(default_factory=list)


def run_examples(network: Network, boxes: tuple[Box, ...]) -> list[ExampleOutcome]:
    """Two queries."""
    categories = list(Category.objects.in_tree_order([network.pk]))
    names = {category.pk: category.name for category in categories}
    merged = {category.pk: category.merged_into_id for category in categories if category.merged_into_id}
    chart = with_categories(boxes, categories)
    texts = {choice.id: f"{box.text} {choice.text}" for box in boxes for choice in box.choices}
    outcomes = []
    for example in FlowExample.objects.filter(network=network):
        evaluation = evaluate(chart, dict.fromkeys((box.id for box in boxes), example.option_ids))
        wanted = {merged.get(need, need) for need in example.need_ids}
        shown = {choice.id for box in boxes if box.id in evaluation.shown for choice in box.choices}
        problems = list(_compare(wanted, set(evaluation.needs), names))
        if example.is_urgent != evaluation.is_urgent:
            problems.append("It must be urgent and is not." if example.is_urgent else "It must not be urgent and is.")
        if gone := [key for key in example.option_ids if key not in texts]:
            problems.append(
                f"{len(gone)} of its answers {'is' if len(gone) == 1 else 'are'} not in the draft any more."
            )
        if hidden := [texts[key] for key in example.option_ids if key in texts and key not in shown]:
            problems.append(f"It is not asked: {join_in_words(hidden)}.")
        outcomes.append(
            ExampleOutcome(
                example,
                [texts[key] for key in example.option_ids if key in texts],
                sorted(names[need] for need in wanted if need in names),
                problems,
            )
        )
    return outcomes


def _compare(wanted: set[int], found: set[int], names: dict[int, str]) -> Iterator[str]:
    for keys, words in ((wanted - found, "It must give {} and does not."), (found - wanted, "It gives {} as well.")):
        known = sorted(names[key] for key in keys if key in names)
        if known:
            yield words.format(join_in_words(known))
        elif keys:
            yield "A need that it must give is not there any more."
