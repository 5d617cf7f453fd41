"""The outbox: what messages say, and what becomes of them when mail servers and workers fail."""

import smtplib
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from referrals import notifications, tasks, workflow
from referrals.enums import Outcome
from referrals.models import Notification
from referrals.notifications import outbox
from referrals.tests.worlds import held_by, only_strand

pytestmark = pytest.mark.django_db


def message(referral, kind) -> notifications.Rendered:
    return notifications.render(Notification.objects.get(event__referral=referral, kind=kind))


def test_the_organisations_message_has_needs_and_outcode_and_no_personal_detail(world):
    person = workflow.PersonDetails(
        name="Maya Ferreira", email="maya@example.org", phone="07700 900123", postcode="NW5 2AA", address="12 Long Road"
    )
    referral = world.submit(person=person)
    offer = message(referral, "organisation_asked")
    for part in (offer.subject, offer.text, offer.html):
        for private in ("Maya", "Ferreira", "07700", "maya@", "NW5 2AA", "Long Road", "No food"):
            assert private not in part
    assert world.needs[0].name in offer.text
    assert "NW5" in offer.text
    assert f"/r/{referral.reference}/" in offer.text


def test_the_persons_message_says_who_is_asked_and_how_to_object(world):
    referral = world.submit(services=world.services[:2])
    email = message(referral, "person_told")
    assert "Maya" not in email.subject
    assert [o.name in email.text for o in world.organisations] == [True, True, False]
    assert world.network.email in email.text


def test_every_kind_of_message_renders(world):
    referral = world.submit(is_urgent=True)
    strand = only_strand(referral)
    offer = held_by(strand)
    workflow.remind(offer.pk, at=timezone.now() + timedelta(days=3))
    latecomer = world.add_organisation()
    workflow.assign(strand.pk, actor=world.coordinator, service_id=latecomer.pk)
    workflow.withdraw(held_by(strand).pk, actor=world.coordinator)
    rendered = {n.kind: notifications.render(n) for n in Notification.objects.all()}
    assert sorted(rendered) == sorted(
        [
            "coordinator_told",
            "organisation_asked",
            "organisation_released",
            "organisation_reminded",
            "person_told",
            "person_told_more",
        ]
    )
    for each in rendered.values():
        assert referral.reference in each.subject
        assert "None" not in each.text + each.html


def test_a_verb_enqueues_one_task_for_each_message_with_its_key_alone(world):
    world.submit()
    tasks_waiting = [task.task for task in OrmQ.objects.all()]
    assert {task["func"] for task in tasks_waiting} == {"referrals.tasks.send_notification"}
    assert {task["args"] for task in tasks_waiting} == {(n.pk,) for n in Notification.objects.all()}


def test_pausing_enqueueing_leaves_the_messages_to_the_sweep(world, mailoutbox):
    with notifications.enqueueing_paused():
        world.submit()
    assert OrmQ.objects.count() == 0
    assert tasks.sweep_outbox() == 2
    assert len(mailoutbox) == 2


def test_a_message_is_sent_once_however_often_the_task_runs(world, mailoutbox):
    world.submit()
    pk = Notification.objects.filter(kind="organisation_asked").get().pk
    for _ in range(3):
        tasks.send_notification(pk)
    assert len(mailoutbox) == 1


def test_a_failure_is_tried_again_later(world, monkeypatch):
    world.submit()
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", _raising(ConnectionRefusedError("mail.internal")))
    assert tasks.sweep_outbox() == 0
    tried = Notification.objects.filter(attempts=1).get()
    assert (tried.status, tried.error) == ("pending", "ConnectionRefusedError")
    assert tried.due_at > timezone.now()


def test_a_refused_recipient_is_given_up_and_named_without_address(world, monkeypatch):
    world.submit()
    refusal = smtplib.SMTPRecipientsRefused({"maya@example.org": (550, b"no such user maya@example.org")})
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", _raising(refusal))
    tasks.sweep_outbox()
    given_up = Notification.objects.filter(status="failed").first()
    assert given_up.error == "SMTPRecipientsRefused 550"
    assert notifications.retry(given_up) is True
    given_up.refresh_from_db()
    assert (given_up.status, given_up.attempts) == ("pending", 0)


@pytest.mark.parametrize("address", ['"p\x0bx:"@a.example', '"a\x0cb"@a.example'])
def test_an_impossible_address_is_given_up_and_delays_no_other_message(world, mailoutbox, address):
    world.submit()
    first, *others = Notification.objects.order_by("due_at", "pk")
    Notification.objects.filter(pk=first.pk).update(recipient=address)
    assert tasks.sweep_outbox() == len(others) == len(mailoutbox)
    assert Notification.objects.get(pk=first.pk).status == "failed"


def test_a_recipient_who_is_tried_again_later_delays_no_other_message(world, monkeypatch):
    world.submit()
    busy = smtplib.SMTPRecipientsRefused({"maya@example.org": (450, b"greylisted")})
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", _raising(busy))
    tasks.sweep_outbox()
    assert set(Notification.objects.values_list("status", "attempts")) == {("pending", 1)}


def test_after_the_last_attempt_a_message_is_given_up(world, monkeypatch):
    world.submit()
    Notification.objects.update(attempts=notifications.MAX_ATTEMPTS - 1)
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", _raising(TimeoutError()))
    for pk in Notification.objects.values_list("pk", flat=True):
        tasks.send_notification(pk)
    assert set(Notification.objects.values_list("status", flat=True)) == {"failed"}


def test_a_message_left_by_a_dead_worker_is_sent_with_the_same_message_id(world, mailoutbox):
    world.submit()
    claimed = notifications.claim()
    first_id = outbox._build_email(claimed, notifications.render(claimed), None).extra_headers["Message-ID"]
    assert notifications.claim(claimed.pk) is None
    Notification.objects.filter(pk=claimed.pk).update(claimed_at=timezone.now() - timedelta(minutes=11))
    tasks.sweep_outbox()
    assert first_id in [sent.extra_headers["Message-ID"] for sent in mailoutbox]
    assert len(mailoutbox) == 2


def test_a_worker_whose_claim_expired_does_not_overwrite_the_outcome(world, mailoutbox):
    world.submit()
    slow = notifications.claim()
    Notification.objects.filter(pk=slow.pk).update(claimed_at=timezone.now() - timedelta(minutes=11))
    tasks.sweep_outbox()
    outbox._store_failure(slow, TimeoutError())
    slow.refresh_from_db()
    assert slow.status == "sent"


def test_what_was_sent_is_shown_as_it_was_sent(world, mailoutbox):
    referral = world.submit()
    tasks.sweep_outbox()
    offer = held_by(only_strand(referral))
    workflow.split(offer.pk, actor=world.owners[0], keep=[world.needs[0].pk], service_id=world.services[1].pk)
    first = Notification.objects.filter(kind="organisation_asked").order_by("pk").first()
    sent = next(m for m in mailoutbox if m.to == [world.organisations[0].email])
    assert notifications.render(first).text == sent.body
    assert all(need.name in sent.body for need in world.needs)


def test_the_coordinator_is_told_why(world):
    referral = world.submit(services=[])
    email = message(referral, "coordinator_told")
    assert "no organisation suits" in email.text
    workflow.close(only_strand(referral).pk, actor=world.coordinator, outcome=Outcome.NOT_SUPPORTED)


def _raising(error):
    def send(*args, **kwargs):
        raise error

    return send
