"""The draft: the rows of questions and answers that coordinators edit. The form asks what is published of them."""

from collections.abc import Iterable, Mapping, Sequence

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Q

from referrals.enums import CHOICE_KINDS
from referrals.models import Category, Network, Question, QuestionOption
from referrals.questions.chart import Box, Choice, FlowChart

FIELDS = ("text", "text_to_self", "help_text", "kind", "is_required", "offers_not_sure", "is_active")


def load_flow_chart(network_ids: Iterable[int]) -> FlowChart:
    """Return the draft of these networks, network after network as given. Three queries."""
    order = {network_id: place for place, network_id in enumerate(network_ids)}
    parents = dict(Category.objects.filter(network__in=order).values_list("pk", "parent"))
    return FlowChart(_load_boxes(order), {key: _list_ancestors(key, parents) for key in parents})


def load_draft(network_id: int) -> tuple[Box, ...]:
    return _load_boxes({network_id: 0})


def _load_boxes(order: Mapping[int, int]) -> tuple[Box, ...]:
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
                translations=option.translations,
                reveals=tuple(sorted((key for key in option.revealed if key in places), key=places.__getitem__)),
                needs=frozenset(option.added),
                is_urgent=option.is_urgent,
            )
        )
    return tuple(_box(question, choices.get(question.pk, [])) for question in ranked)


def _list_ancestors(key: int, parents: Mapping[int, int | None]) -> frozenset[int]:
    above: set[int] = set()
    parent = parents.get(key)
    while parent is not None and parent not in above and parent != key:  # a loop must not hang the form
        above.add(parent)
        parent = parents.get(parent)
    return frozenset(above)


def _box(question: Question, choices: list[Choice]) -> Box:
    return Box(
        id=question.pk,
        network_id=question.network_id,
        **{name: getattr(question, name) for name in FIELDS},
        translations=question.translations,
        choices=tuple(choices) if question.kind in CHOICE_KINDS else (),
    )


@transaction.atomic
def store_draft(network: Network, boxes: tuple[Box, ...]) -> None:
    """Make the network's draft exactly these boxes, under the keys that they have. Expects the network to be locked.

    Questions that are not among them are deleted; one that was deleted comes back under its old key, so that a version
    equals the older one that it returns to.
    """
    keys = [box.id for box in boxes]
    if Question.objects.filter(pk__in=keys).exclude(network=network).exists():
        raise ValueError("A question of another network cannot be written over.")
    QuestionOption.objects.filter(question__network=network).delete()
    Question.objects.filter(network=network).exclude(pk__in=keys).delete()
    Question.objects.bulk_create(
        [
            Question(
                pk=box.id,
                network=network,
                position=place,
                translations=box.translations,
                **{name: getattr(box, name) for name in FIELDS},
            )
            for place, box in enumerate(boxes, start=1)
        ],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*FIELDS, "translations", "position"],
    )
    store_options(network, boxes)


def store_options(network: Network, boxes: Sequence[Box]) -> None:
    """Store the options of these boxes, which have none in the database; one with the key 0 gets a new key.

    Needs that are not the network's are left out.
    """
    own = set(Category.objects.filter(network=network).values_list("pk", flat=True))
    choices = [(box.id, place, choice) for box in boxes for place, choice in enumerate(box.choices, start=1)]
    rows = QuestionOption.objects.bulk_create(
        QuestionOption(
            pk=choice.id or None,
            question_id=key,
            text=choice.text,
            translations=choice.translations,
            is_urgent=choice.is_urgent,
            position=place,
        )
        for key, place, choice in choices
    )
    stored = [(row.pk, choice) for row, (*_, choice) in zip(rows, choices, strict=True)]
    QuestionOption.reveals.through.objects.bulk_create(
        QuestionOption.reveals.through(questionoption_id=key, question_id=target)
        for key, choice in stored
        for target in choice.reveals
    )
    QuestionOption.needs.through.objects.bulk_create(
        QuestionOption.needs.through(questionoption_id=key, category_id=need)
        for key, choice in stored
        for need in sorted(choice.needs & own)
    )
