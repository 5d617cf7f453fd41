from datetime import UTC, date, datetime, timedelta

import pytest

from referrals import freshness, notifications, tasks
from referrals.enums import Cost
from referrals.models import Notification, Service
from referrals.notification_kinds import NotificationKind
from referrals.tests import factories as f
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = date(2026, 5, 24)  # six months to the day


@pytest.fixture
def world(db) -> World:
    world = World(name="Northside", confirm_after_months=6)
    Service.objects.update(last_confirmed_on=TODAY - timedelta(days=10))
    return world


def age(service: Service, day: date) -> Service:
    Service.objects.filter(pk=service.pk).update(last_confirmed_on=day)
    service.refresh_from_db()
    return service


def membership(service: Service) -> int:
    return service.organisation.memberships.get().pk


def asked() -> list[Notification]:
    return list(Notification.objects.filter(kind=NotificationKind.CONFIRMATION_ASKED).order_by("pk"))


@pytest.mark.parametrize(
    ("confirmed_on", "months", "is_stale"),
    [
        (date(2026, 5, 24), 6, True),
        (date(2026, 5, 25), 6, False),
        (date(2026, 8, 31), 3, False),  # the last day of November is the 30th
        (date(2026, 11, 24), 0, True),
        (date(2020, 1, 1), None, False),
    ],
)
def test_a_service_is_stale_after_the_months_of_its_network(confirmed_on, months, is_stale, world):
    world.network.confirm_after_months = months
    world.network.save()
    service = age(world.services[0], confirmed_on)
    assert service.is_stale(TODAY) is is_stale
    assert freshness.stale(Service.objects.all(), today=TODAY).filter(pk=service.pk).exists() is is_stale


def test_months_of_different_length_agree_with_the_database(world):
    day = date(2026, 2, 28)
    for confirmed_on in (date(2025, 8, 28), date(2025, 8, 29), date(2025, 8, 31), date(2025, 9, 1)):
        service = age(world.services[0], confirmed_on)
        in_database = freshness.stale(Service.objects.all(), today=day).filter(pk=service.pk).exists()
        assert service.is_stale(day) is in_database, confirmed_on


def test_an_organisation_is_asked_once_about_all_its_services_of_a_network(world):
    first = age(world.services[0], LONG_AGO)
    second = age(f.ServiceFactory(network=world.network, organisation=first.organisation), LONG_AGO)
    assert freshness.due_confirmations(today=TODAY) == [membership(first)]
    assert freshness.ask_to_confirm(membership(first), at=NOW)
    assert not freshness.ask_to_confirm(membership(first), at=NOW)
    (notification,) = asked()
    assert notification.recipient == first.organisation.email
    message = notifications.render(notification)
    assert str(first.activity) in message.text
    assert str(second.activity) in message.html
    assert f"/backoffice/services/of/{membership(first)}/confirm/" in message.text


def test_the_message_shows_cost_and_access_as_the_public_sees_them(world):
    complete = age(world.services[0], LONG_AGO)
    complete.cost, complete.cost_note = Cost.CHARGED, "£3 a bag"
    complete.venue = f.VenueFactory(
        organisation=complete.organisation, access_features=["step_free", "lift"], access="Ring at the door"
    )
    complete.save()
    incomplete = age(f.ServiceFactory(network=world.network, organisation=complete.organisation), LONG_AGO)
    incomplete.venue = f.VenueFactory(organisation=complete.organisation)
    incomplete.save()
    freshness.ask_to_confirm(membership(complete), at=NOW)
    message = notifications.render(asked()[0])
    assert "  Access: Step-free access, Lift. Ring at the door\n  Cost: There is a charge: £3 a bag\n" in message.text
    assert "  Access: not known\n  Cost: not known\n" in message.text
    assert "<dd>Step-free access, Lift<br>Ring at the door</dd>" in message.html
    assert "<dt>Cost</dt><dd>There is a charge: £3 a bag</dd>" in message.html


def test_it_is_reminded_twice_and_then_left_to_the_coordinator(world):
    service = age(world.services[0], LONG_AGO)
    days = [NOW + timedelta(days=days) for days in (0, 13, 14, 27, 28, 60)]
    done = [freshness.ask_to_confirm(membership(service), at=day) for day in days]
    assert done == [True, False, True, False, True, False]
    subjects = [notifications.render(one).subject for one in asked()]
    assert [subject.startswith("Reminder") for subject in subjects] == [False, True, True]


def test_confirming_resets_the_reminders(world):
    service = age(world.services[0], LONG_AGO)
    freshness.ask_to_confirm(membership(service), at=NOW)
    assert freshness.confirm([service.pk], actor=world.owners[0], today=TODAY) == [service]
    service.refresh_from_db()
    assert (service.last_confirmed_on, service.confirmation_asked_on, service.confirmations_asked) == (TODAY, None, 0)
    assert freshness.due_confirmations(today=TODAY + timedelta(days=30)) == []


def test_a_service_confirmed_meanwhile_is_not_in_the_message(world):
    first = age(world.services[0], LONG_AGO)
    second = age(f.ServiceFactory(network=world.network, organisation=first.organisation), LONG_AGO)
    freshness.ask_to_confirm(membership(first), at=NOW)
    freshness.confirm([second.pk], actor=world.owners[0], today=TODAY)
    assert str(second.activity) not in notifications.render(asked()[0]).text


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_an_inactive_member_is_not_asked(status, world):
    service = age(world.services[0], LONG_AGO)
    service.organisation.memberships.update(status=status)
    assert freshness.due_confirmations(today=TODAY) == []
    assert not freshness.ask_to_confirm(membership(service), at=NOW)


def test_archived_services_are_not_asked_about(world):
    service = age(world.services[0], LONG_AGO)
    Service.objects.filter(pk=service.pk).update(archived_at="2026-01-01T00:00Z")
    assert freshness.due_confirmations(today=TODAY) == []


def test_the_message_has_no_confidential_address(world):
    service = age(world.services[0], LONG_AGO)
    service.venue = f.VenueFactory(
        organisation=service.organisation, name="SECRET house", address="SECRET road", is_confidential=True
    )
    service.save()
    freshness.ask_to_confirm(membership(service), at=NOW)
    message = notifications.render(asked()[0])
    assert "SECRET" not in message.text + message.html + message.subject


def test_the_task_asks_every_organisation_that_is_due(world):
    age(world.services[0], date(2020, 1, 1))
    age(world.services[1], date(2020, 1, 1))
    assert tasks.ask_to_confirm_due() == 2
    assert tasks.ask_to_confirm_due() == 0
    assert len(asked()) == 2
