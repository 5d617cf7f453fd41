"""Organisations that are suspended, leave, and come back; what becomes of what they were asked."""

import pytest
from django.utils import timezone

from referrals import tasks, workflow
from referrals.enums import MembershipStatus
from referrals.models import AccountEvent, Assignment, Event, NetworkMembership, Notification, Service, Strand
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


def place_of(world, number: int = 0) -> NetworkMembership:
    return NetworkMembership.objects.get(organisation=world.organisations[number])


def recipients_of(event_kind: str) -> list[str]:
    rows = Notification.objects.filter(account_event__kind=event_kind, kind="membership_changed")
    return sorted(rows.values_list("recipient", flat=True))


def test_suspending_passes_every_offer_on_and_leaves_cases_to_the_coordinator(world):
    offered, accepted = world.submit(), world.submit()
    workflow.accept(live_on(only_strand(accepted)).pk, actor=world.owners[0])
    workflow.suspend(place_of(world).pk, actor=world.coordinator)
    assert live_on(only_strand(offered)).organisation == world.organisations[1]
    assert live_on(only_strand(accepted)).organisation == world.organisations[0]
    assert [a.strand.referral for a in workflow.live_without_membership()] == [accepted]
    kinds = [list(Event.objects.filter(referral=r).values_list("kind", flat=True)) for r in (offered, accepted)]
    assert kinds == [["submitted", "offered", "member_gone", "offered"],
                     ["submitted", "offered", "accepted", "member_gone"]]  # fmt: skip
    assert recipients_of("suspended") == [world.organisations[0].email]


def test_a_suspended_organisation_is_passed_over_and_can_be_taken_back(world):
    workflow.suspend(place_of(world).pk, actor=world.coordinator)
    assert live_on(only_strand(world.submit())).organisation == world.organisations[1]
    workflow.reinstate(place_of(world).pk, actor=world.coordinator)
    assert live_on(only_strand(world.submit())).organisation == world.organisations[0]


def test_the_coordinator_has_it_when_the_list_runs_out(world):
    strand = only_strand(world.submit(services=world.services[:1]))
    workflow.leave(place_of(world).pk, actor=world.owners[0])
    strand.refresh_from_db()
    assert (strand.status, strand.why_coordinator) == ("with_coordinator", "exhausted")
    assert recipients_of("left") == sorted([world.organisations[0].email, world.network.email])


def test_only_what_was_asked_in_that_network_moves(world):
    other = type(world)()
    NetworkMembership.objects.create(network=other.network, organisation=world.organisations[0])
    strand = only_strand(world.submit())
    elsewhere = NetworkMembership.objects.get(network=other.network, organisation=world.organisations[0])
    workflow.suspend(elsewhere.pk, actor=other.coordinator)
    assert live_on(strand).organisation == world.organisations[0]


@pytest.mark.parametrize("verb", [workflow.suspend, workflow.leave, workflow.reinstate])
def test_others_are_refused_and_nothing_changes(verb, world):
    strand = only_strand(world.submit())
    workflow.suspend(place_of(world, 2).pk, actor=world.coordinator)
    membership = place_of(world, 2 if verb is workflow.reinstate else 0)
    before = membership.status
    for actor in (world.owners[1], world.commissioner, type(world)().coordinator):
        with pytest.raises(workflow.NotAllowed):
            verb(membership.pk, actor=actor)
    membership.refresh_from_db()
    assert membership.status == before
    assert live_on(strand).organisation == world.organisations[0]
    assert AccountEvent.objects.count() == 1


def test_a_second_click_is_told_that_it_is_done(world):
    workflow.suspend(place_of(world).pk, actor=world.coordinator)
    with pytest.raises(workflow.AlreadyDone):
        workflow.suspend(place_of(world).pk, actor=world.coordinator)
    workflow.leave(place_of(world).pk, actor=world.coordinator)
    with pytest.raises(workflow.Refusal):
        workflow.suspend(place_of(world).pk, actor=world.coordinator)
    assert AccountEvent.objects.count() == 2


def test_an_offer_made_while_its_organisation_was_leaving_is_passed_on_by_the_schedule(world):
    strand = only_strand(world.submit())
    NetworkMembership.objects.filter(pk=place_of(world).pk).update(
        status=MembershipStatus.LEFT
    )  # as the race leaves it
    assert tasks.pass_on_offers_of_leavers() == 1
    assert tasks.pass_on_offers_of_leavers() == 0
    assert live_on(strand).organisation == world.organisations[1]
    assert Assignment.objects.filter(strand=strand, status="withdrawn").count() == 1


def test_fifty_offers_move_in_one_transaction(world):
    Service.objects.update(capacity=50)
    strands = [only_strand(world.submit()) for _ in range(50)]
    workflow.suspend(place_of(world).pk, actor=world.coordinator)
    assert {live_on(strand).organisation for strand in strands} == {world.organisations[1]}
    assert set(Strand.objects.values_list("status", flat=True)) == {"seeking"}
    assert workflow.stranded_offers() == []
    assert timezone.now() > AccountEvent.objects.get().at
