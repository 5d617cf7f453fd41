"""Who looks after a case and what is next: set by its organisation, and gone when they have to be."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from referrals import accounts, workflow
from referrals.enums import Outcome
from referrals.models import Assignment, Network, OrganisationMember
from referrals.tests import factories as f
from referrals.tests.threads import at_once
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def case(world) -> Assignment:
    return accepted(world)


def accepted(world: World) -> Assignment:
    strand = only_strand(world.submit())
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    return live_on(strand)


def member_of(world: World, number: int = 0) -> OrganisationMember:
    return OrganisationMember.objects.get(user=world.owners[number])


def colleague_in(world: World) -> OrganisationMember:
    return f.OrganisationMemberFactory(organisation=world.organisations[0])


def _update_at_once(case: Assignment, **fields: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Assignment.objects.filter(pk=case.pk).update(**fields)


def ring_again(case: Assignment, actor, *, text: str = "Ring again", before: str = "") -> Assignment:
    return workflow.plan_next_action(case.pk, actor=actor, text=text, day=TODAY, before=before)


def test_only_the_organisation_that_has_accepted_says_who_and_what_is_next(world, case):
    mine, foreign = member_of(world), World()
    for actor in (world.owners[1], world.coordinator, world.commissioner, foreign.owners[0]):
        with pytest.raises(workflow.NotAllowed):
            workflow.set_case_owner(case.pk, actor=actor, owner_id=mine.pk, before=None)
        with pytest.raises(workflow.NotAllowed):
            ring_again(case, actor)
        with pytest.raises(workflow.NotAllowed):
            workflow.finish_next_action(case.pk, actor=actor, before="")
    offer = live_on(only_strand(world.submit()))
    with pytest.raises(workflow.Refusal, match="has not answered yet"):
        workflow.set_case_owner(offer.pk, actor=world.owners[0], owner_id=mine.pk, before=None)


def test_nobody_of_another_organisation_looks_after_a_case(world, case):
    other = member_of(world, 1)
    with pytest.raises(workflow.Refusal, match="no longer work for"):
        workflow.set_case_owner(case.pk, actor=world.owners[0], owner_id=other.pk, before=None)
    with pytest.raises(IntegrityError, match="assignment_owner_is_of_its_organisation"), transaction.atomic():
        _update_at_once(case, owner=other)
    offer = live_on(only_strand(world.submit()))
    with pytest.raises(IntegrityError, match="assignment_owned_is_accepted"), transaction.atomic():
        Assignment.objects.filter(pk=offer.pk).update(owner=member_of(world))
    with pytest.raises(IntegrityError, match="assignment_next_action_has_its_day"), transaction.atomic():
        Assignment.objects.filter(pk=case.pk).update(next_action="Ring again")


def test_of_two_who_change_the_same_the_second_is_told(world, case):
    mine, colleague = member_of(world), colleague_in(world)
    workflow.set_case_owner(case.pk, actor=colleague.user, owner_id=colleague.pk, before=None)
    with pytest.raises(workflow.Refusal, match=f"^{colleague.user.get_full_name()} looks after this case"):
        workflow.set_case_owner(case.pk, actor=mine.user, owner_id=mine.pk, before=None)
    with pytest.raises(workflow.AlreadyDone, match=r"^You look after"):
        workflow.set_case_owner(case.pk, actor=colleague.user, owner_id=colleague.pk, before=None)
    planned = ring_again(case, colleague.user)
    with pytest.raises(workflow.AlreadyDone):
        ring_again(case, mine.user)
    with pytest.raises(workflow.Refusal, match="“Ring again”"):
        ring_again(case, mine.user, text="Write a letter")
    with pytest.raises(workflow.Refusal, match="“Ring again”"):
        workflow.finish_next_action(case.pk, actor=mine.user, before="2026-01-01 Something else")
    workflow.finish_next_action(case.pk, actor=mine.user, before=planned.plan)
    with pytest.raises(workflow.AlreadyDone):
        workflow.finish_next_action(case.pk, actor=mine.user, before=planned.plan)


def test_whoever_leaves_the_organisation_leaves_their_cases(world, case):
    colleague = colleague_in(world)
    workflow.set_case_owner(case.pk, actor=world.owners[0], owner_id=colleague.pk, before=None)
    accounts.remove_member(colleague.pk, actor=world.owners[0])
    case.refresh_from_db()
    assert case.owner is None
    f.OrganisationMemberFactory(organisation=world.organisations[0], user=colleague.user)
    case.refresh_from_db()
    assert case.owner is None


def end_by_closing(world, case):
    workflow.close(case.strand_id, actor=world.owners[0], outcome=Outcome.SUPPORTED)


def end_by_referring_on(world, case):
    workflow.refer_on(case.pk, actor=world.owners[0], service_id=None)


def end_by_taking_away(world, case):
    workflow.withdraw(case.pk, actor=world.coordinator)


@pytest.mark.parametrize("end", [end_by_closing, end_by_referring_on, end_by_taking_away])
def test_nothing_is_left_to_be_done_once_a_case_ends(world, case, end):
    ring_again(case, world.owners[0])
    end(world, case)
    case.refresh_from_db()
    assert (case.next_action, case.next_action_on) == ("", None)
    with pytest.raises(workflow.Refusal):
        ring_again(case, world.owners[0])


def test_undoing_brings_back_what_was_planned_and_takes_back_what_was_taken(world):
    Network.objects.update(undo_seconds=60)
    case, mine = accepted(world), member_of(world)
    ring_again(case, mine.user)
    workflow.set_case_owner(case.pk, actor=mine.user, owner_id=mine.pk, before=None)
    end_by_closing(world, case)
    closing, accepting = workflow.find_undoable(mine.user, case.strand.referral_id)
    workflow.undo(closing.event_id, actor=mine.user)
    case.refresh_from_db()
    assert (case.next_action, case.next_action_on, case.owner) == ("Ring again", TODAY, mine)
    case = accepted(world)
    workflow.set_case_owner(case.pk, actor=mine.user, owner_id=mine.pk, before=None)
    ring_again(case, mine.user)
    [accepting] = workflow.find_undoable(mine.user, case.strand.referral_id)
    workflow.undo(accepting.event_id, actor=mine.user)
    case.refresh_from_db()
    assert (case.next_action, case.next_action_on, case.owner) == ("", None, None)


@pytest.mark.django_db(transaction=True)
def test_a_member_who_is_removed_while_they_take_a_case_does_not_keep_it():
    world = World()
    cases, colleague = [accepted(world) for _ in range(3)], colleague_in(world)
    for case in cases[:2]:
        workflow.set_case_owner(case.pk, actor=world.owners[0], owner_id=colleague.pk, before=None)
    set_owner = partial(workflow.set_case_owner, actor=world.owners[0])
    takes = partial(set_owner, cases[2].pk, owner_id=colleague.pk, before=None)
    gives_back = partial(set_owner, cases[0].pk, owner_id=None, before=colleague.pk)
    at_once(takes, gives_back, lambda: accounts.remove_member(colleague.pk, actor=world.owners[0]))
    assert not Assignment.objects.filter(owner__isnull=False).exists()
    assert not OrganisationMember.objects.filter(pk=colleague.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_colleagues_who_take_a_case_at_once_one_has_it():
    world = World()
    case, members = accepted(world), [colleague_in(world) for _ in range(3)]
    results = at_once(
        *[
            lambda one=one: workflow.set_case_owner(case.pk, actor=one.user, owner_id=one.pk, before=None)
            for one in members
        ]
    )
    case.refresh_from_db()
    assert case.owner in members
    assert sum(isinstance(result, Assignment) for result in results) == 1


def test_what_is_planned_keeps_its_day(world, case):
    day = TODAY + timedelta(days=4)
    workflow.plan_next_action(case.pk, actor=world.owners[0], text="  Ring \n again ", day=day, before="")
    case.refresh_from_db()
    assert (case.next_action, case.next_action_on) == ("Ring again", day)
