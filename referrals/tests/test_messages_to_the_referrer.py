"""What a referrer who ticked it hears: accepted and closed, of nobody's needs, and nothing before a member acted."""

import pytest

from referrals import notifications, tasks, workflow
from referrals.enums import Outcome, RejectReason
from referrals.models import Notification, Referral
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db

SENDER = "surgery@example.org"


@pytest.fixture
def referral(world) -> Referral:
    return world.submit(source_name="Owen", source_email=SENDER, tells_source=True)


def heard() -> list[str]:
    return list(Notification.objects.filter(recipient=SENDER).order_by("pk").values_list("kind", flat=True))


def test_sending_writes_to_the_person_alone(referral):
    assert heard() == []


def test_they_hear_that_it_was_accepted_and_that_it_was_closed(world, referral, mailoutbox):
    strand = only_strand(referral)
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.close(strand.pk, actor=world.owners[0], outcome=Outcome.SUPPORTED)
    assert heard() == ["referrer_told_accepted", "referrer_told_closed"]
    tasks.sweep_outbox()
    for message in (message for message in mailoutbox if message.to == [SENDER]):
        assert referral.reference in message.subject
        for private in ("Maya", world.needs[0].name, "supported", "Supported"):
            assert private not in message.subject + message.body


def test_an_organisation_that_tells_of_a_sensitive_need_is_not_named(world, referral):
    world.needs[0].is_sensitive = True
    world.needs[0].save()
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[0])
    message = notifications.render(Notification.objects.get(kind="referrer_told_accepted"))
    assert world.organisations[0].name not in message.text + message.html
    assert "which we do not name" in message.text


def test_they_hear_that_the_person_declined_but_not_of_an_answer_that_was_undone(world, referral):
    world.network.undo_seconds = 60
    world.network.save()
    offer = live_on(only_strand(referral))
    workflow.accept(offer.pk, actor=world.owners[0])
    [answer] = workflow.find_undoable(world.owners[0], referral.pk)
    workflow.undo(answer.event_id, actor=world.owners[0])
    assert not Notification.objects.filter(recipient=SENDER).exclude(status="cancelled").exists()
    workflow.reject(offer.pk, actor=world.owners[0], reason=RejectReason.PERSON_DECLINED)
    assert "referrer_told_closed" in heard()


def test_who_did_not_ask_hears_nothing(world):
    strand = only_strand(world.submit(source_name="Owen", source_email=SENDER))
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.close(strand.pk, actor=world.owners[0], outcome=Outcome.SUPPORTED)
    assert heard() == []
