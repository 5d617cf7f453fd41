"""What people read about services that are on the list but are not asked."""

import uuid

import pytest
from django.test import RequestFactory
from django.utils import timezone

from backoffice.user_context import get_user_context
from backoffice.workspace.history import referral_history
from referrals import notifications, workflow
from referrals.enums import RejectReason
from referrals.models import Notification, Referral, Service
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db
SENDER = workflow.Sender("192.0.2.7")


@pytest.fixture(autouse=True)
def limits(settings) -> dict[str, int]:
    settings.REFERRAL_LIMITS = dict.fromkeys(settings.REFERRAL_LIMITS, 0)
    return settings.REFERRAL_LIMITS


def send(world: World, **fields: object) -> Referral:
    return workflow.submit(world.submission(key=uuid.uuid4(), **fields), sender=SENDER)


def told(referral: Referral) -> str:
    """Return the person's message, both bodies."""
    message = notifications.render(Notification.objects.get(event__referral=referral, kind="person_told"))
    return message.text + message.html


def history(world: World, referral: Referral) -> str:
    request = RequestFactory().get("/")
    request.user = world.coordinator
    return "\n".join(entry.words for entry in referral_history(referral, get_user_context(request)))


def test_a_service_buried_in_offers_is_not_said_to_be_full(world, limits):
    limits["service"] = 1
    first, second = send(world), send(world)
    names = [organisation.name for organisation in world.organisations]
    assert [name in told(first) for name in names] == [True, True, True]
    assert [name in told(second) for name in names] == [False, True, True]
    assert f"{names[0]} was passed over: many referrals had been sent there" in history(world, second)
    buried = only_strand(second).assignments.get(service=world.services[0])
    with pytest.raises(workflow.Refusal) as refusal:
        workflow.accept(buried.pk, actor=world.owners[0])
    assert "taking people" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"capacity": 0}, "it had no places"),
        ({"capacity": 0, "paused_at": timezone.now()}, "it was not taking people"),
        ({"paused_at": timezone.now()}, "it was not taking people"),
        ({"archived_at": timezone.now(), "is_public": False}, "it was not taking people"),
    ],
)
def test_only_a_service_without_places_is_said_to_be_full(world, change, why):
    referral = send(world)
    Service.objects.filter(pk=world.services[1].pk).update(**change)
    offer = live_on(only_strand(referral))
    workflow.reject(offer.pk, actor=world.owners[0], reason=RejectReason.NOT_ELIGIBLE)
    assert f"{world.organisations[1].name} was passed over: {why}" in history(world, referral)


def test_the_person_reads_which_list_a_coordinator_looks_at_first(world, limits):
    other = World()
    limits["network"] = 1
    choices = {each.network.pk: [service.pk for service in each.services] for each in (world, other)}
    needs = frozenset([world.needs[0].pk, other.needs[0].pk])
    send(other)
    referral = send(world, choices=choices, need_ids=needs)
    held = {strand.network: strand.pk for strand in referral.strands.all()}
    workflow.let_through(held[world.network], actor=world.coordinator)
    assert told(referral).count("A coordinator looks at this first") == 2  # in both bodies
    workflow.let_through(held[other.network], actor=other.coordinator)
    assert "A coordinator looks at this first" not in told(referral)


def test_a_part_closed_as_spam_is_not_in_the_persons_message(world, limits):
    other = World()
    limits["network"] = 1
    choices = {each.network.pk: [service.pk for service in each.services] for each in (world, other)}
    send(other)
    referral = send(world, choices=choices, need_ids=frozenset([world.needs[0].pk, other.needs[0].pk]))
    workflow.let_through(referral.strands.get(network=world.network).pk, actor=world.coordinator)
    workflow.close_as_spam(referral.pk, actor=other.coordinator)
    message = told(referral)
    assert world.organisations[0].name in message
    assert other.organisations[0].name not in message
    assert "We have not found a suitable organisation" not in message


def test_who_has_no_room_by_now_waits_until_no_other_has(world):
    referral, elsewhere = send(world), send(world)
    strand = only_strand(referral)
    Service.objects.filter(pk=world.services[1].pk).update(capacity=1)
    workflow.reject(live_on(only_strand(elsewhere)).pk, actor=world.owners[0], reason="no_room")
    workflow.accept(live_on(only_strand(elsewhere)).pk, actor=world.owners[1])  # its only place
    asked = []
    for number in (0, 2, 1):
        asked.append(live_on(strand).organisation)
        workflow.reject(live_on(strand).pk, actor=world.owners[number], reason="no_room")
    assert asked == [world.organisations[number] for number in (0, 2, 1)]


def test_the_first_is_asked_as_the_referrer_was_told_even_if_it_is_full(world):
    Service.objects.filter(pk=world.services[0].pk).update(capacity=1)
    send(world)
    assert live_on(only_strand(send(world))).organisation == world.organisations[0]
