"""Every verb, in every status, by everybody: allowed as the table says, or refused in its words."""

import pytest
from django.db import transaction

from referrals import workflow
from referrals.models import Event
from referrals.tests.workflow.verb_table import (
    ONCE,
    ROLES,
    STATUSES,
    TABLE,
    VERBS,
    is_allowed,
    make_world,
    words_of_refusal,
)
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def test_the_table_is_whole():
    assert set(TABLE) == {(status, verb) for status in STATUSES for verb in VERBS}


@pytest.mark.parametrize("status", STATUSES)
def test_the_table_is_kept(status):
    world, other = make_world(), World()
    assignment = STATUSES[status](world)
    assignment.refresh_from_db()
    for verb, call in VERBS.items():
        for role, who in ROLES.items():
            with transaction.atomic():
                refusal = refusal_of(lambda: call(world, assignment, who(world, other)))  # noqa: B023 - called at once
                transaction.set_rollback(True)
            if is_allowed(status, verb, role):
                assert refusal is None, (verb, role)
                continue
            assert refusal is not None, (verb, role)
            expected = words_of_refusal(status, verb, role)
            assert all(words in refusal for words in expected), (verb, role, refusal)
            assert (ONCE in refusal) == (ONCE in expected), (verb, role, refusal)


def refusal_of(call) -> str | None:
    before = Event.objects.count()
    try:
        call()
    except workflow.Refusal as refusal:
        assert Event.objects.count() == before
        return str(refusal)
    assert Event.objects.count() > before
    return None
