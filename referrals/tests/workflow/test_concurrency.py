"""Two at once: real threads, real connections, real commits."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from referrals import tasks, workflow
from referrals.enums import RejectReason
from referrals.models import Assignment, Event, Notification, Person, Referral, Service, UndoableAnswer
from referrals.tests.threads import at_once, wait_for_lock
from referrals.tests.worlds import World, live_on, only_strand
from referrals.workflow.core import lock

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_answers_to_one_offer_end_in_one_outcome():
    world = World()
    referral = world.submit()
    offer = live_on(only_strand(referral))
    verbs = [
        lambda: workflow.accept(offer.pk, actor=world.owners[0]),
        lambda: workflow.reject(offer.pk, actor=world.owners[0], reason=RejectReason.NO_ROOM),
        lambda: workflow.withdraw(offer.pk, actor=world.coordinator),
    ]
    results = at_once(*(verbs[i % 3] for i in range(20)))
    done = [result for result in results if not isinstance(result, workflow.Refusal)]
    offer.refresh_from_db()
    # A coordinator may withdraw what has just been accepted: that is a second, later outcome, and the last.
    assert len(done) == 1 or (len(done) == 2 and offer.status == "withdrawn" and offer.accepted_at)
    assert all(str(result).endswith(".") for result in results if isinstance(result, workflow.Refusal))
    kinds = Counter(Event.objects.filter(assignment=offer).values_list("kind", flat=True))
    assert sum(kinds[kind] for kind in ("accepted", "rejected", "withdrawn")) == len(done)
    strand = only_strand(referral)
    live = Assignment.objects.filter(strand=strand, status__in=("offered", "accepted")).count()
    assert live == (0 if strand.status == "with_coordinator" else 1)


def test_whoever_had_to_wait_starts_from_what_the_first_has_done():
    """The referral is locked before it is read: its status would be that of before, and stay wrong for good."""
    world = World()
    referral = world.submit()
    offer, has_accepted = live_on(only_strand(referral)), threading.Event()

    def accept() -> None:
        with transaction.atomic():
            workflow.accept(offer.pk, actor=world.owners[0])
            has_accepted.set()
            wait_for_lock()

    def ask_another() -> None:
        assert has_accepted.wait(timeout=30)
        workflow.assign(offer.strand_id, actor=world.coordinator, service_id=world.services[1].pk)

    at_once(accept, ask_another)
    referral.refresh_from_db()
    assert (only_strand(referral).status, referral.status) == ("seeking", "seeking")


def test_the_same_form_sent_ten_times_at_once_makes_one_referral():
    world = World()
    submission = world.submission()
    results = at_once(*[lambda: workflow.submit(submission)] * 10)
    assert {referral.pk for referral in results} == {Referral.objects.get().pk}
    assert Person.objects.count() == 1
    assert Notification.objects.count() == 2


def test_the_reminder_schedule_run_five_times_at_once_sends_one_reminder(mailoutbox):
    world = World()
    referral = world.submit(at=timezone.now() - timedelta(days=3))
    results = at_once(*[tasks.remind_due] * 5)
    assert sum(results) == 1
    at_once(*[tasks.sweep_outbox] * 5)
    reminders = Notification.objects.filter(event__referral=referral, kind="organisation_reminded")
    assert [reminder.status for reminder in reminders] == ["sent"]
    subject = f"Referral {referral.reference}: reminder, it is waiting for your answer"
    assert [m.subject for m in mailoutbox].count(subject) == 1


def test_workers_sweeping_at_once_send_every_message_once(mailoutbox):
    world = World()
    for _ in range(10):
        world.submit()
    assert sum(at_once(*[tasks.sweep_outbox] * 5)) == 20
    assert len(mailoutbox) == 20
    assert set(Notification.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_verbs_on_many_referrals_at_once_never_lock_each_other_out():
    world = World()
    offers = [live_on(only_strand(world.submit())) for _ in range(6)]
    calls = []
    for offer in offers:
        calls.append(lambda pk=offer.pk: workflow.accept(pk, actor=world.owners[0]))
        calls.append(lambda pk=offer.pk: workflow.reject(pk, actor=world.owners[0], reason=RejectReason.NO_ROOM))
    results = at_once(*calls)
    assert sum(isinstance(result, workflow.Refusal) for result in results) == 6


def test_a_split_and_a_merge_at_the_same_moment_leave_no_part_without_a_need():
    world = World()
    kept, handed = world.needs
    referral, has_split = world.submit(), threading.Event()
    offer = live_on(only_strand(referral))

    def split() -> None:
        with transaction.atomic():
            service = next(each for each in world.services if each.organisation != offer.organisation)
            workflow.split(offer.pk, actor=world.coordinator, keep=[kept.pk], service_id=service.pk)
            has_split.set()
            wait_for_lock()

    def merge() -> None:
        assert has_split.wait(timeout=30)
        workflow.merge_categories(kept.pk, into_id=handed.pk, actor=world.coordinator)

    at_once(split, merge)
    assert [strand.needs.count() for strand in referral.strands.all()] == [1, 1]


@pytest.mark.parametrize("is_undone", [False, True])
def test_whoever_archives_a_service_and_whoever_changes_its_capacity_by_an_answer_lock_in_one_order(is_undone):
    world, holds_service = World(undo_seconds=60), threading.Event()
    offer = live_on(only_strand(world.submit()))
    answer = partial(workflow.reject, offer.pk, actor=world.owners[0], reason=RejectReason.NO_ROOM, capacity=0)
    if is_undone:
        answer()
        event = UndoableAnswer.objects.get().event_id
        answer = partial(workflow.undo, event, actor=world.owners[0])

    def archive() -> None:
        with transaction.atomic():
            Service.objects.select_for_update(no_key=True).get(pk=offer.service_id)
            holds_service.set()
            wait_for_lock()
            lock(offer.strand.referral_id, actor=None, at=None)

    def answer_meanwhile() -> None:
        assert holds_service.wait(timeout=30)
        answer()

    at_once(archive, answer_meanwhile)
    assert Assignment.objects.get(pk=offer.pk).status == ("offered" if is_undone else "rejected")
