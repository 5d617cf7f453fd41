"""Changes of the draft. Each locks the network first, as the trigger against loops does (0032)."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.db.models import Max

from referrals.access import can_coordinate
from referrals.models import Network, Question, QuestionOption, User
from referrals.questions.chart import Box, FlowChart, find_reached
from referrals.questions.draft import FIELDS, load_draft, store_options
from referrals.refusals import AlreadyDone, NotAllowed, Refusal

LONGEST = 300  # of the text of a question
MOST_QUESTIONS, MOST_OPTIONS = 200, 60  # of a network, and of a question: more take seconds to check and to draw


def lock_draft(network_id: int, actor: User) -> Network:
    """Call inside a transaction. Raises NotAllowed."""
    network = Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    if network is None or not can_coordinate(actor, network_id):
        raise NotAllowed("Only coordinators of the network change its questions.")
    return network


@transaction.atomic
def save_question(
    box: Box,
    *,
    actor: User,
    follow_ups: Iterable[tuple[int, str]] = (),
    seen: Box | None = None,
    newest_seen: int | None = None,
) -> int:
    """Store a question with all its options, a new one (key 0) at the end, and return its key. Raises Refusal.

    An option with the key 0 is new. follow_ups: place of an option and the text of a new question that it leads to.
    seen: the question as the actor has seen it. newest_seen: the highest key in the draft to which a new one is added.
    """
    network = lock_draft(box.network_id, actor)
    boxes = load_draft(network.pk)
    old = next((one for one in boxes if one.id == box.id), None)
    if box.id and old is None:
        raise Refusal("Somebody has deleted this question meanwhile.")
    if seen is not None and seen != old:
        raise Refusal("Somebody else has just saved this question. If you save again, yours replaces theirs.")
    if newest_seen is not None and any(one.id > newest_seen and one.text == box.text for one in boxes):
        raise AlreadyDone(f"“{box.text}” has just been added. It is there once, however often you pressed.")
    follow_ups = list(follow_ups)
    if len(boxes) + len(follow_ups) + (old is None) > MOST_QUESTIONS:
        raise Refusal(f"A network can have at most {MOST_QUESTIONS} questions.")
    values = {name: getattr(box, name) for name in (*FIELDS, "translations")}
    if old:
        Question.objects.filter(pk=box.id).update(**values)
        question = Question(pk=box.id)
    else:
        question = _add_question(network, **values)
    choices = list(box.choices)
    for place, text in follow_ups:
        new = _add_question(network, text=text[:LONGEST])
        choices[place] = replace(choices[place], reveals=(*choices[place].reveals, new.pk))
    _refuse_loop(boxes, question.pk, {target for choice in choices for target in choice.reveals})
    QuestionOption.objects.filter(question=question).delete()
    own = {choice.id for choice in old.choices} if old else set()
    kept = tuple(choice if choice.id in own else replace(choice, id=0) for choice in choices)
    store_options(network, [replace(box, id=question.pk, choices=kept)])
    return question.pk


def _add_question(network: Network, **values: object) -> Question:
    last = Question.objects.filter(network=network).aggregate(last=Max("position"))["last"] or 0
    return Question.objects.create(network=network, position=last + 1, **values)


def _refuse_loop(boxes: tuple[Box, ...], question_id: int, targets: set[int]) -> None:
    others = FlowChart(tuple(box for box in boxes if box.id != question_id))
    if question_id in find_reached(others, targets):
        raise Refusal("A question cannot lead back to itself.")


@transaction.atomic
def move_question(question_id: int, *, network_id: int, before_id: int | None, actor: User) -> None:
    """Put a question before another, or at the end. Raises Refusal."""
    lock_draft(network_id, actor)
    keys = list(Question.objects.filter(network=network_id).order_by("position", "pk").values_list("pk", flat=True))
    if question_id not in keys or before_id not in {None, *keys}:
        raise Refusal("Somebody has deleted a question meanwhile.")
    if before_id != question_id:
        keys.remove(question_id)
        keys.insert(keys.index(before_id) if before_id else len(keys), question_id)
    Question.objects.bulk_update([Question(pk=key, position=place) for place, key in enumerate(keys, 1)], ["position"])


@transaction.atomic
def delete_question(question_id: int, *, network_id: int, actor: User) -> None:
    """Take a question out of the draft. Answers that were given to it, and versions that have it, stay."""
    lock_draft(network_id, actor)
    Question.objects.filter(pk=question_id, network=network_id).delete()
