"""Messages to the person: none where writing is not safe, and none that tells other readers of a refuge."""

from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import notifications, tasks, workflow
from referrals.enums import ContactSafety, Outcome
from referrals.models import Event, Notification, Person
from referrals.models.safe_contact import SafeContact
from referrals.notification_kinds import TO_THE_PERSON
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db

UNSAFE = SafeContact(write=ContactSafety.UNSAFE)
SECRETS = ("Juniper", "Refuge", "Safe Lives")


def person(**fields) -> workflow.PersonDetails:
    return workflow.PersonDetails(name="Maya Ferreira", email="maya@example.org", **fields)


def addressed_to_maya() -> list[str]:
    return [each.kind for each in Notification.objects.filter(recipient="maya@example.org", status="sent")]


def go_through_everything(world: World, details: workflow.PersonDetails) -> None:
    """Held, let through, late, asked by hand, accepted, referred on, put on a waiting list, closed, asked again."""
    held = workflow.submit(world.submission(person=details), is_held=True)
    workflow.let_through(only_strand(held).pk, actor=world.coordinator)
    referral = world.submit(person=details, services=world.services[:1])
    strand = only_strand(referral)
    workflow.remind(live_on(strand).pk, at=timezone.now() + timedelta(days=3))
    workflow.lapse(live_on(strand).pk, at=timezone.now() + timedelta(days=6))
    workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[1].pk)
    workflow.accept(live_on(strand).pk, actor=world.coordinator)
    workflow.refer_on(live_on(strand).pk, actor=world.coordinator, service_id=world.services[2].pk)
    day = timezone.localdate() + timedelta(days=9)
    workflow.waitlist(live_on(strand).pk, actor=world.coordinator, place_from=day)
    workflow.accept(live_on(strand).pk, actor=world.coordinator)
    workflow.close(strand.pk, actor=world.coordinator, outcome=Outcome.SUPPORTED)
    workflow.reopen(strand.pk, actor=world.coordinator)
    workflow.assign(strand.pk, actor=world.coordinator, service_id=world.add_organisation().pk)
    tasks.sweep_outbox()


def test_somebody_whom_it_is_not_safe_to_write_to_gets_nothing_whatever_happens(world, mailoutbox):
    go_through_everything(world, person(safe_contact=UNSAFE))
    assert not [message for message in mailoutbox if "maya@example.org" in message.to]
    unsent = Notification.objects.filter(recipient="maya@example.org")
    assert {each.kind for each in unsent} == set(TO_THE_PERSON)
    assert {each.get_status_display() for each in unsent} == {"No message: writing to them is not safe"}


def test_somebody_else_gets_each_of_these_messages(world, mailoutbox):
    go_through_everything(world, person(safe_contact=SafeContact(ring=ContactSafety.UNSAFE)))
    assert set(addressed_to_maya()) == set(TO_THE_PERSON)


def test_what_is_waiting_is_withheld_once_writing_is_no_longer_safe(world, mailoutbox):
    world.submit(person=person())
    Person.objects.update(safe_to_write=ContactSafety.UNSAFE)
    [told] = Notification.objects.filter(kind="person_told")
    tasks.send_notification(told.pk)
    told.refresh_from_db()
    assert (told.status, mailoutbox) == ("unsafe", [])
    tasks.sweep_outbox()
    assert [message.to for message in mailoutbox] == [[world.organisations[0].email]]


def test_a_message_that_was_given_up_is_not_tried_again_where_it_is_no_longer_safe(world, mailoutbox):
    world.submit(person=person())
    told = Notification.objects.get(kind="person_told")
    Notification.objects.filter(pk=told.pk).update(status="failed", claimed_at=timezone.now())
    Person.objects.update(safe_to_write=ContactSafety.UNSAFE)
    assert notifications.retry(told)
    tasks.send_notification(told.pk)
    told.refresh_from_db()
    assert (told.status, mailoutbox) == ("unsafe", [])


def in_sensitive_category(world: World) -> None:
    """The need is below a sensitive category; the network's own name says as much."""
    world.network.name = "Safe Lives Northside"
    world.network.save()
    parent = f.CategoryFactory(network=world.network, name="Refuge", is_sensitive=True)
    world.needs[0].name, world.needs[0].parent = "Refuge places", parent
    world.needs[0].save()


def at_confidential_venue(world: World) -> None:
    for service in world.services:
        venue = f.VenueFactory(organisation=service.organisation, is_confidential=True)
        f.ServiceFactory(network=world.network, organisation=service.organisation, venue=venue)


def with_other_sensitive_service(world: World) -> None:
    sensitive = f.CategoryFactory(network=world.network, is_sensitive=True)
    for service in world.services:
        f.ServiceFactory(network=world.network, organisation=service.organisation, categories=[sensitive])


@pytest.mark.parametrize("arrange", [in_sensitive_category, at_confidential_venue, with_other_sensitive_service])
def test_no_message_to_the_person_names_a_refuge(world, arrange):
    arrange(world)
    for number, organisation in enumerate(world.organisations):
        organisation.name = f"Juniper House {number}"
        organisation.save()
    go_through_everything(world, person())
    events = Event.objects.filter(referral__person__email="maya@example.org")
    assert events.count() > 10
    for event in events:
        for kind in TO_THE_PERSON:
            message = notifications.render(Notification(kind=kind, recipient="maya@example.org", event=event))
            for part in (message.subject, message.text, message.html):
                said = [secret for secret in SECRETS if secret.lower() in part.lower()]
                assert not said, (event.kind, kind)
            assert event.referral.reference in message.subject
            assert world.network.email in message.text


def test_what_is_not_sensitive_is_named_with_network_and_needs(world):
    referral = world.submit(person=person(), services=world.services[:2])
    message = notifications.render(Notification.objects.get(kind="person_told", event__referral=referral))
    assert message.subject == f"Your request {referral.reference}"
    for words in (world.network.name, *(need.name for need in world.needs), *(o.name for o in world.organisations[:2])):
        assert words in message.text
        assert words in message.html


def test_an_organisation_that_is_not_named_stands_beside_others_that_are(world):
    venue = f.VenueFactory(organisation=world.organisations[1], is_confidential=True)
    world.services[1].venue = venue
    world.services[1].save()
    referral = world.submit(person=person())
    text = notifications.render(Notification.objects.get(kind="person_told", event__referral=referral)).text
    assert [organisation.name in text for organisation in world.organisations] == [True, False, True]
    assert "2. An organisation that we do not name in an e-mail" in text


def told_of_parts(world, *parts: workflow.Part) -> str:
    referral = world.submit(person=person(), parts=parts)
    return notifications.render(Notification.objects.get(kind="person_told", event__referral=referral)).text


def test_of_several_parts_each_has_its_needs_and_network_and_a_sensitive_one_has_neither(world):
    linked = World(organisations=1, needs=1, name="Southside Advice")
    food, refuge = world.needs
    parts = [
        workflow.Part(network_id=world.network.pk, need_ids=frozenset({food.pk}), service_ids=[world.services[0].pk]),
        workflow.Part(network_id=world.network.pk, need_ids=frozenset({refuge.pk})),
        workflow.Part(
            network_id=linked.network.pk,
            need_ids=frozenset({linked.needs[0].pk}),
            service_ids=[linked.services[0].pk],
        ),
    ]
    text = told_of_parts(world, *parts)
    assert f"{food} ({world.network})" in text
    assert f"{refuge} ({world.network})" in text
    assert f"{linked.needs[0]} (Southside Advice)" in text
    refuge.is_sensitive = True
    refuge.save()
    text = told_of_parts(world, *parts)
    assert f"\n{food}\n" in text
    assert f"{linked.needs[0]} (Southside Advice)" in text
    assert linked.organisations[0].name in text
    for unsaid in (refuge.name, world.network.name):
        assert unsaid not in text
