"""Services that take nobody for a while, or for good."""

import pytest

from referrals import workflow
from referrals.models import Event, Notification, Service
from referrals.tests import factories as f
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


def kinds(referral) -> list[str]:
    return list(Event.objects.filter(referral=referral).order_by("pk").values_list("kind", flat=True))


def test_a_paused_service_is_not_asked_and_keeps_its_open_offers(world):
    first, second = world.services[:2]
    asked, queued = world.submit(services=[first, second]), world.submit(services=[second, first])
    workflow.pause(first.pk, actor=world.owners[0])
    assert live_on(only_strand(asked)).service == first
    workflow.reject(live_on(only_strand(queued)).pk, actor=world.owners[1], reason="other")
    assert "skipped" in kinds(queued)


def test_pausing_or_resuming_twice_is_refused(world):
    workflow.pause(world.services[0].pk, actor=world.owners[0])
    with pytest.raises(workflow.AlreadyDone, match="paused already"):
        workflow.pause(world.services[0].pk, actor=world.owners[0])
    workflow.resume(world.services[0].pk, actor=world.owners[0])
    with pytest.raises(workflow.AlreadyDone, match="not paused"):
        workflow.resume(world.services[0].pk, actor=world.owners[0])


def test_archiving_passes_offers_on_and_leaves_open_cases(world):
    accepted, offered = world.submit(), world.submit()
    workflow.accept(live_on(only_strand(accepted)).pk, actor=world.owners[0])
    workflow.archive(world.services[0].pk, actor=world.owners[0])
    assert live_on(only_strand(accepted)).status == "accepted"
    assert live_on(only_strand(offered)).service == world.services[1]
    assert kinds(offered) == ["submitted", "offered", "service_archived", "offered"]


def test_the_organisation_is_told_of_archiving_unless_it_did_it_itself(world):
    first, second = world.submit(services=world.services[:1]), world.submit(services=world.services[1:2])
    workflow.archive(world.services[0].pk, actor=world.owners[0])
    workflow.archive(world.services[1].pk, actor=world.coordinator)
    released = Notification.objects.filter(kind="organisation_released")
    assert [one.recipient for one in released] == [world.organisations[1].email]
    for referral in (first, second):
        assert only_strand(referral).status == "with_coordinator"


def test_an_archived_service_is_unlisted_and_comes_back_paused(world):
    service = world.services[0]
    Service.objects.filter(pk=service.pk).update(is_public=True)
    workflow.archive(service.pk, actor=world.owners[0])
    with pytest.raises(workflow.Refusal, match="archived"):
        workflow.resume(service.pk, actor=world.owners[0])
    workflow.restore(service.pk, actor=world.owners[0])
    service.refresh_from_db()
    assert (service.is_public, service.archived_at, service.paused_at is not None) == (False, None, True)


def test_an_offer_made_while_its_service_was_archived_is_passed_on_by_the_worker(world):
    referral = world.submit()
    Service.objects.filter(pk=world.services[0].pk).update(archived_at="2026-01-01T00:00Z")
    (key,) = workflow.stranded_offers()
    assert workflow.pass_on(key)
    assert not workflow.pass_on(key)
    assert live_on(only_strand(referral)).service == world.services[1]


@pytest.mark.parametrize("verb", [workflow.pause, workflow.resume, workflow.archive, workflow.restore])
def test_others_cannot_pause_or_archive_it(verb, world):
    for user in (world.owners[1], world.commissioner, f.UserFactory()):
        with pytest.raises(workflow.NotAllowed):
            verb(world.services[0].pk, actor=user)
