"""The week's summary: once a week, in the morning, never of nothing, and stopped by its link."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from referrals import accounts, digests, notifications, tasks, workflow
from referrals.models import Digest, Notification
from referrals.notifications.links import STOP_SIGNER
from referrals.tests.worlds import live_on, only_strand

pytestmark = [pytest.mark.django_db, pytest.mark.real_hours]

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


def written() -> list[str]:
    return sorted(Notification.objects.filter(digest__isnull=False).values_list("recipient", flat=True))


@pytest.fixture
def waiting(world):
    """One offer and one referral with the coordinator, since the Thursday before."""
    asked = world.submit(services=world.services[:1], at=MONDAY - timedelta(days=4))
    unplaced = world.submit(services=[], at=MONDAY - timedelta(days=4))
    return asked, unplaced


def test_on_monday_morning_those_for_whom_something_waits_get_one(world, waiting):
    for moment in (MONDAY, MONDAY + timedelta(minutes=15), MONDAY + timedelta(days=1)):
        with time_machine.travel(moment, tick=False):
            tasks.send_digests()
    assert written() == sorted([world.organisations[0].email, world.network.email])
    with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
        tasks.send_digests()
    assert len(written()) == 4


def test_it_tells_reference_needs_and_district_and_nothing_else(world, waiting):
    asked, unplaced = waiting
    with time_machine.travel(MONDAY, tick=False):
        tasks.send_digests()
    for kind, there, other in (
        ("organisation_digest", asked, unplaced),
        ("coordinator_digest", unplaced, asked),
    ):
        message = notifications.render(Notification.objects.get(kind=kind))
        assert message.subject.endswith("what waits this week")
        for body in (message.text, message.html):
            assert there.reference in body
            assert other.reference not in body
            assert world.needs[0].name in body
            assert "Maya" not in body


@pytest.mark.parametrize(
    ("moment", "is_due"),
    [
        (MONDAY.replace(hour=7, minute=59), False),
        (MONDAY.replace(hour=8), True),
        (MONDAY.replace(hour=18), False),
        (MONDAY + timedelta(days=2), True),  # the worker was away
        (MONDAY.replace(hour=9) - timedelta(days=1), False),  # a Sunday, in working days
        (datetime(2026, 12, 28, 9, tzinfo=UTC), False),  # a bank holiday
        (datetime(2026, 12, 29, 9, tzinfo=UTC), True),
    ],
)
def test_it_comes_inside_a_day_that_counts(world, waiting, moment, is_due):
    world.network.day_counting = "working"
    world.network.save()
    assert (digests.due_for_networks(at=moment) != []) == is_due
    assert (digests.due_for_organisations(at=moment) != []) == is_due


def test_nothing_is_written_of_nothing_to_do_nor_later_in_the_week(world):
    with time_machine.travel(MONDAY, tick=False):
        tasks.send_digests()
        assert Digest.objects.count() == len(world.organisations) + 1
        world.submit(services=world.services[:1])
        tasks.send_digests()
    assert written() == []


def test_a_case_that_has_been_open_for_four_weeks_is_named(world):
    referral = world.submit(services=world.services[:1], at=MONDAY - timedelta(days=30))
    offer = live_on(only_strand(referral))
    workflow.accept(offer.pk, actor=world.owners[0], at=MONDAY - timedelta(days=29))
    with time_machine.travel(MONDAY, tick=False):
        tasks.send_digests()
    message = notifications.render(Notification.objects.get(kind="organisation_digest"))
    assert "Open for four weeks or more" in message.text
    assert referral.reference in message.text


def test_two_workers_at_once_write_one(world, waiting):
    organisation = world.organisations[0]
    assert digests.send_to_organisation(organisation.pk, at=MONDAY)
    assert not digests.send_to_organisation(organisation.pk, at=MONDAY)
    assert written() == [organisation.email]


def test_its_link_stops_it_for_this_address_alone(world, waiting, client, mailoutbox):
    with time_machine.travel(MONDAY, tick=False):
        tasks.send_digests()
        tasks.sweep_outbox()
    message = next(each for each in mailoutbox if each.subject.startswith(world.organisations[0].name))
    headers = message.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    assert world.organisations[0].email not in path
    assert "Stop the summaries" in client.get(path).text  # what a scanner does
    assert "digest" in world.organisations[0].mail_groups
    assert "no more weekly summaries" in client.post(path, {"List-Unsubscribe": "One-Click"}).text
    assert client.post(path).status_code == 200  # pressed twice
    world.organisations[0].refresh_from_db()
    world.network.refresh_from_db()
    assert world.organisations[0].mail_groups == ["action", "news"]
    assert "digest" in world.network.mail_groups


@pytest.mark.parametrize("token", ["made-up", "1.made-up", STOP_SIGNER.sign("x"), STOP_SIGNER.sign(10**18)])
def test_a_token_of_nobodys_stops_nothing(client, token):
    assert client.post(f"/summaries/{token}/").status_code == 404
    assert accounts.stop_digest(token) is None
