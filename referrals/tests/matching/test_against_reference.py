"""The statement and the slow reference agree on who is suggested, in which order and with what score."""

from collections import Counter
from contextlib import contextmanager
from random import Random

import pytest
from django.db import transaction

from referrals import models
from referrals.matching import suggest
from referrals.tests.depth import draw_cases
from referrals.tests.matching import reference
from referrals.tests.matching.worlds import make_question, make_world

WORLDS = range(24)
QUESTIONS_EACH = 20


@pytest.mark.django_db
@pytest.mark.parametrize("seed", draw_cases("worlds of matching", WORLDS, share=1 / 8))
def test_statement_agrees_with_reference(seed, django_assert_num_queries):
    random = Random(seed)
    world = make_world(random)
    for number in range(QUESTIONS_EACH):
        question = make_question(random, world)
        with django_assert_num_queries(1):
            suggested = suggest(world.network, **question)
        found = [(one.service_id, one.organisation_id, one.needs_met, one.score, one.has_room) for one in suggested]
        assert found == reference.suggestions(world.network, **question), f"question {number} of world {seed}"


@pytest.mark.sampled
@pytest.mark.slow(reason="one world does not meet every rule often, and the reference is slow")
@pytest.mark.django_db
def test_generated_worlds_cover_every_rule():
    """A comparison of empty lists proves nothing: several worlds together meet every rule often."""
    seen = Counter()
    for seed in range(4):
        random = Random(seed)
        world = make_world(random)
        for _ in range(QUESTIONS_EACH):
            question = make_question(random, world)
            suggested = reference.suggestions(world.network, **question)
            scores = [(score, has_room) for _, _, _, score, has_room in suggested]
            seen["nobody"] += not suggested
            seen["several"] += len(suggested) > 2
            seen["ties"] += len(scores) != len(set(scores))
            seen["full"] += any(not has_room for _, has_room in scores)
            seen["some needs"] += len({met for _, _, met, _, _ in suggested}) > 1
            with undone_afterwards():
                models.Service.objects.update(closed_on_bank_holidays=False)
                seen["bank holidays"] += suggested != reference.suggestions(world.network, **question)
            with undone_afterwards():
                models.OpeningException.objects.all().delete()
                seen["exceptions"] += suggested != reference.suggestions(world.network, **question)
    often = {what for what, times in seen.items() if times >= 4}
    assert often == {"nobody", "several", "ties", "full", "some needs", "bank holidays", "exceptions"}


@contextmanager
def undone_afterwards():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
