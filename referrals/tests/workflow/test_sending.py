"""Sending a referral: what is stored, who is asked, and what is refused."""

from dataclasses import replace

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction

from referrals import workflow
from referrals.enums import RejectReason
from referrals.models import Event, Postcode, Referral
from referrals.tests import factories as f
from referrals.tests.workflow.outcome import owed, statuses
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


def test_sending_asks_the_first_and_tells_the_person(world):
    referral = world.submit()
    strand = only_strand(referral)
    assert statuses(strand) == ["offered", "queued", "queued"]
    assert live_on(strand).organisation == world.organisations[0]
    assert referral.status == "seeking"
    assert owed(referral) == [
        ("person_told", "maya@example.org"),
        ("organisation_asked", world.organisations[0].email),
    ]


def test_sending_without_a_choice_goes_to_the_coordinator(world):
    referral = world.submit(services=[])
    strand = only_strand(referral)
    assert (strand.status, strand.why_coordinator) == ("with_coordinator", "no_match")
    assert ("coordinator_told", world.network.email) in owed(referral)


def test_a_service_that_is_full_up_by_the_time_of_sending_is_left_off(world):
    submission = world.submission()
    world.services[0].capacity = 0
    world.services[0].save()
    strand = only_strand(workflow.submit(submission))
    assert live_on(strand).organisation == world.organisations[1]
    assert statuses(strand) == ["offered", "queued"]


def test_sending_keeps_the_order_that_was_shown(world):
    strand = only_strand(world.submit(services=[world.services[2], world.services[0]]))
    listed = [a.organisation for a in strand.assignments.select_related("organisation")]
    assert listed == [world.organisations[2], world.organisations[0]]


def test_the_same_key_twice_makes_one_referral(world):
    submission = world.submission()
    assert workflow.submit(submission) == workflow.submit(submission)
    assert Referral.objects.count() == 1


def test_a_need_of_another_network_is_refused_and_nothing_is_stored(world):
    stranger = f.CategoryFactory()
    with pytest.raises(workflow.Refusal, match="at least one need"):
        world.submit(need_ids=frozenset({world.needs[0].pk, stranger.pk}))
    assert Referral.objects.count() == 0


def test_the_wording_of_every_network_that_is_asked_is_kept(world):
    other = World()
    newer = f.ConsentWordingFactory(network=other.network)
    both = {world.network.pk: [world.services[0].pk], other.network.pk: [other.services[0].pk]}
    needs = frozenset({world.needs[0].pk, other.needs[0].pk})
    agreed = frozenset({world.wording.pk, other.wording.pk})
    for wrong in (agreed - {other.wording.pk}, agreed | {newer.pk}, agreed | {f.ConsentWordingFactory().pk}, set()):
        with pytest.raises(workflow.Refusal, match="what every network asks"):
            world.submit(choices=both, need_ids=needs, consent_wording_ids=frozenset(wrong))
    assert Referral.objects.count() == 0
    referral = world.submit(choices=both, need_ids=needs, consent_wording_ids=agreed)
    assert set(referral.consents.values_list("network", "wording")) == {
        (world.network.pk, world.wording.pk),
        (other.network.pk, other.wording.pk),
    }
    with pytest.raises(IntegrityError, match="consent_wording_of_network"), transaction.atomic():
        referral.consents.filter(network=world.network).update(wording=other.wording)


def parts_of(world, *parts: tuple[list, list]) -> list[workflow.Part]:
    return [
        workflow.Part(
            network_id=world.network.pk,
            need_ids=frozenset(need.pk for need in needs),
            service_ids=[service.pk for service in services],
        )
        for needs, services in parts
    ]


def test_every_part_is_asked_at_once_urgent_ones_first(world):
    (first, second), (a, b, c) = world.needs, world.services
    referral = world.submit(
        parts=parts_of(world, ([first], [a, b]), ([second], [c, a])), urgent_need_ids=frozenset({second.pk})
    )
    asked = Event.objects.filter(referral=referral, kind="offered").order_by("pk")
    assert [event.assignment.service for event in asked] == [c, a]
    strands = {need.category: need.strand for need in referral.needs.select_related("strand", "category")}
    assert {need: live_on(strand).service for need, strand in strands.items()} == {first: a, second: c}
    workflow.reject(live_on(strands[second]).pk, actor=world.owners[2], reason=RejectReason.NO_ROOM)
    assert live_on(strands[second]).service == a  # also has the other part
    assert live_on(strands[first]).service == a
    assert owed(referral)[0] == ("person_told", "maya@example.org")
    assert [kind for kind, _ in owed(referral)].count("person_told") == 1


def test_a_part_that_nobody_is_asked_about_goes_to_the_coordinators_at_once(world):
    first, second = world.needs
    referral = world.submit(parts=parts_of(world, ([first], world.services), ([second], [])))
    placed, waiting = referral.strands.order_by("pk")
    assert (placed.status, waiting.status, waiting.why_coordinator) == ("seeking", "with_coordinator", "no_match")


@pytest.mark.parametrize("wrong", ["twice", "none", "empty", "elsewhere"])
def test_each_need_is_on_one_part_of_its_own_network(world, wrong):
    first, second = world.needs
    parts = parts_of(world, ([first], world.services), ([second], world.services))
    match wrong:
        case "twice":
            parts += parts_of(world, ([second], world.services[:1]))
        case "none":
            parts = []
        case "empty":
            parts += parts_of(world, ([], world.services))
        case "elsewhere":
            parts += parts_of(World(), ([f.CategoryFactory()], []))
    with pytest.raises(workflow.Refusal, match="twice" if wrong == "twice" else "at least one need"):
        world.submit(parts=parts)
    assert Referral.objects.count() == 0


def test_those_asked_for_by_name_are_asked_although_the_person_lives_elsewhere(world):
    first, _ = world.needs
    far, listed, unlisted = world.services
    for service in world.services:
        service.is_public, service.catchment = service is not unlisted, f.square(-0.15, 51.54)
        service.save()
    Postcode.objects.create(code="NW101AA", point=Point(-0.30, 51.54))
    person = workflow.PersonDetails(name="Maya", postcode="NW10 1AA")
    [part] = parts_of(world, ([first], [far, listed, unlisted]))
    chosen = frozenset({listed.pk, unlisted.pk})
    strand = only_strand(world.submit(parts=[replace(part, asked_for_ids=chosen)], person=person))
    [offer] = strand.assignments.all()
    assert (offer.service, offer.status) == (listed, "offered")
    assert offer.reasons[0].startswith("Asked for by the referrer: outside its own area by ")


def test_one_form_into_two_networks_makes_a_strand_for_each(world):
    other = World()
    referral = world.submit(
        choices={world.network.pk: [world.services[0].pk], other.network.pk: [other.services[0].pk]},
        need_ids=frozenset({world.needs[0].pk, other.needs[0].pk}),
    )
    strands = list(referral.strands.all())
    assert [strand.network for strand in strands] == [world.network, other.network]
    assert [live_on(strand).organisation for strand in strands] == [world.organisations[0], other.organisations[0]]
