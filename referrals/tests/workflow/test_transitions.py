"""What no verb may do, whatever it has checked: a status changes only as its table of transitions allows."""

from itertools import product

import pytest

from referrals.enums import ASSIGNMENT_TRANSITIONS, STRAND_TRANSITIONS, AssignmentStatus, StrandStatus
from referrals.refusals import Refusal
from referrals.tests.worlds import World, live_on, only_strand
from referrals.workflow import core

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(world: World) -> core.LockedReferral:
    return core.lock(world.submit().pk, actor=world.coordinator, at=None)


def test_an_assignment_changes_only_as_its_table_allows(locked):
    assignment = live_on(only_strand(locked.referral))
    for before, after in product(AssignmentStatus, repeat=2):
        if after not in ASSIGNMENT_TRANSITIONS.get(before, ()):
            assignment.status = before
            with pytest.raises(Refusal):
                core.move_assignment(locked, assignment, after)
            assert assignment.status == before


def test_a_strand_changes_only_as_its_table_allows(locked):
    strand = only_strand(locked.referral)
    for before, after in product(StrandStatus, repeat=2):
        if after != before and after not in STRAND_TRANSITIONS[before]:
            strand.status = before
            with pytest.raises(Refusal):
                core.move_strand(locked, strand, after)
            assert strand.status == before
