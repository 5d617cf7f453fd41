"""An organisation stands on a list once, and is not asked again after its own rejection unless somebody wants that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import workflow
from referrals.enums import AssignmentStatus, RejectReason
from referrals.models import Assignment, Event
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(organisations=4)


def places(strand) -> list[tuple[str, str]]:
    """Return the list as (organisation, status)."""
    rows = strand.assignments.order_by("position").select_related("organisation")
    return [(each.organisation.name, each.status) for each in rows]


def reject(world, strand, reason=RejectReason.NO_ROOM) -> Assignment:
    offer = live_on(strand)
    return workflow.reject(offer.pk, actor=world.owner_of(offer), reason=reason)


def test_whoever_is_asked_out_of_turn_is_not_asked_again_in_turn(world):
    strand = only_strand(world.submit())
    workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[2].pk)
    first, second, third, fourth = (organisation.name for organisation in world.organisations)
    assert places(strand) == [(first, "withdrawn"), (second, "queued"), (third, "offered"), (fourth, "queued")]
    asked = [live_on(strand).organisation.name]
    for _ in range(2):
        reject(world, strand)
        asked.append(live_on(strand).organisation.name)
    reject(world, strand)
    assert asked == [third, second, fourth]
    strand.refresh_from_db()
    assert strand.status == "with_coordinator"


def test_so_it_is_when_a_case_is_referred_on(world):
    strand = only_strand(world.submit())
    case = workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.refer_on(case.pk, actor=world.owners[0], service_id=world.services[3].pk)
    reject(world, strand)
    reject(world, strand)
    assert [status for _, status in places(strand)] == ["referred_on", "rejected", "offered", "rejected"]


def test_asked_through_another_service_its_place_on_the_list_is_given_up(world):
    strand = only_strand(world.submit())
    other = f.ServiceFactory(network=world.network, organisation=world.organisations[2], categories=world.needs)
    workflow.assign(strand.pk, actor=world.coordinator, service_id=other.pk)
    queued = Assignment.objects.get(strand=strand, service=world.services[2])
    assert queued.status == AssignmentStatus.SKIPPED
    assert Event.objects.get(assignment=queued).data == {"why": "asked_otherwise"}
    assert live_on(strand).service == other


def test_the_list_of_a_split_leaves_out_whoever_has_rejected_or_is_asked(world):
    strand = only_strand(world.submit())
    reject(world, strand)
    offer = live_on(strand)
    new = workflow.split(offer.pk, actor=world.owners[1], keep=[world.needs[0].pk], service_id=world.services[3].pk)
    _, _, third, fourth = (organisation.name for organisation in world.organisations)
    assert places(new) == [(fourth, "offered"), (third, "queued")]


@pytest.mark.parametrize("verb", ["assign", "refer_on", "split"])
def test_whoever_has_rejected_is_asked_again_only_knowing_that(world, verb):
    strand = only_strand(world.submit())
    reject(world, strand)
    offer = live_on(strand)
    call = {
        "assign": lambda **known: workflow.assign(strand.pk, actor=world.coordinator, **known),
        "refer_on": lambda **known: workflow.refer_on(offer.pk, actor=world.owners[1], **known),
        "split": lambda **known: workflow.split(offer.pk, actor=world.owners[1], keep=[world.needs[0].pk], **known),
    }[verb]
    if verb == "refer_on":
        workflow.accept(offer.pk, actor=world.owners[1])
    before = places(strand)
    with pytest.raises(workflow.Refusal) as refusal:
        call(service_id=world.services[0].pk)
    today = f"{timezone.localdate():%-d %B}"
    assert str(refusal.value).startswith(f"{world.organisations[0]} rejected this on {today}: no room. ")
    assert places(strand) == before
    call(service_id=world.services[0].pk, knowing_rejection=True)
    asked = Assignment.objects.get(organisation=world.organisations[0], status="offered")
    assert asked.service == world.services[0]


def test_only_its_last_answer_counts(world):
    strand = only_strand(world.submit())
    reject(world, strand)
    again = {"actor": world.coordinator, "service_id": world.services[0].pk}
    workflow.assign(strand.pk, knowing_rejection=True, **again)
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.withdraw(live_on(strand).pk, actor=world.coordinator)
    assert workflow.assign(strand.pk, **again).status == AssignmentStatus.OFFERED


def test_a_rejection_counts_for_needs_split_off_later_and_not_for_those_that_went_before(world):
    old = only_strand(world.submit())
    reject(world, old)
    offer = live_on(old)
    keep = [world.needs[0].pk]
    new = workflow.split(offer.pk, actor=world.owners[1], keep=keep, service_id=world.services[2].pk)
    with pytest.raises(workflow.Refusal, match="rejected this"):
        workflow.assign(new.pk, actor=world.coordinator, service_id=world.services[0].pk)
    workflow.refer_on(offer.pk, actor=world.owners[1], service_id=world.services[3].pk)
    reject(world, old)
    workflow.assign(new.pk, actor=world.coordinator, service_id=world.services[3].pk)
    assert live_on(new).organisation == world.organisations[3]


def test_a_list_that_already_holds_somebody_twice_passes_over_who_has_rejected(world):
    """As lists did before asking by hand took the place on the list."""
    strand = only_strand(world.submit(at=timezone.now() - timedelta(days=1)))
    Assignment.objects.filter(strand=strand, service=world.services[1]).update(
        service=world.services[0], organisation=world.organisations[0]
    )
    reject(world, strand)
    assert [status for _, status in places(strand)] == ["rejected", "skipped", "offered", "queued"]
    assert Event.objects.get(referral=strand.referral, kind="skipped").data == {"why": "rejected"}
