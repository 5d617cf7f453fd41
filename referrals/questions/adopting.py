"""A draft from elsewhere: a file, or another network. It replaces the draft as a whole."""

import json
from collections.abc import Iterable
from dataclasses import replace

from django.db import connection, transaction

from referrals.models import Category, User
from referrals.questions.chart import Box
from referrals.questions.content import read_content, write_content
from referrals.questions.draft import load_draft, store_draft
from referrals.questions.editing import MOST_QUESTIONS, lock_draft
from referrals.questions.publishing import digest_draft
from referrals.refusals import Refusal


def pack_boxes(boxes: tuple[Box, ...]) -> str:
    return json.dumps(write_content(boxes))


def unpack_boxes(text: str, network_id: int) -> tuple[Box, ...]:
    return read_content(json.loads(text), network_id)


@transaction.atomic
def adopt_draft(network_id: int, boxes: tuple[Box, ...], *, actor: User, seen_draft: str) -> None:
    """Make the draft these boxes; those with keys below 0 get new ones. Raises Refusal if it was changed meanwhile."""
    network = lock_draft(network_id, actor)
    if digest_draft(load_draft(network_id)) != seen_draft:
        raise Refusal("The draft has been changed since you looked at it. Please look at it again.")
    if len(boxes) > MOST_QUESTIONS:
        raise Refusal(f"A network can have at most {MOST_QUESTIONS} questions.")
    questions = _new_keys("referrals_question", [box.id for box in boxes if box.id < 0])
    options = _new_keys("referrals_questionoption", [one.id for box in boxes for one in box.choices if one.id < 0])
    store_draft(
        network,
        tuple(
            replace(
                box,
                id=questions.get(box.id, box.id),
                choices=tuple(
                    replace(
                        choice,
                        id=options.get(choice.id, choice.id),
                        reveals=tuple(questions.get(key, key) for key in choice.reveals),
                    )
                    for choice in box.choices
                ),
            )
            for box in boxes
        ),
    )


def _new_keys(table: str, keys: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(keys)]
        )
        return dict(zip(keys, (key for (key,) in cursor.fetchall()), strict=True))


def copy_boxes(
    boxes: tuple[Box, ...], theirs: Iterable[Category], ours: Iterable[Category]
) -> tuple[tuple[Box, ...], list[str]]:
    """Return another network's boxes with new keys and our needs of the same short name, else the same name.

    And the names of the needs that we do not have.
    """
    by_slug = {one.slug: one.pk for one in ours if not one.retired_at}
    by_name = {one.name.casefold(): one.pk for one in ours if not one.retired_at}
    found = {one.pk: by_slug.get(one.slug) or by_name.get(one.name.casefold()) for one in theirs}
    used = {need for box in boxes for choice in box.choices for need in choice.needs}
    missing = sorted(one.name for one in theirs if one.pk in used and not found[one.pk])
    copied = tuple(
        replace(
            box,
            id=-box.id,
            choices=tuple(
                replace(
                    choice,
                    id=-choice.id,
                    reveals=tuple(-key for key in choice.reveals),
                    needs=frozenset(key for need in choice.needs if (key := found.get(need))),
                )
                for choice in box.choices
            ),
        )
        for box in boxes
    )
    return copied, missing
