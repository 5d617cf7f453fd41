"""An answer taken back: everything is as it was, and nobody has been told."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals import notifications, workflow
from referrals.access.access_log import log_access
from referrals.enums import AssignmentStatus, Outcome, RejectReason, Screen
from referrals.models import (
    Assignment,
    Event,
    Need,
    Notification,
    PersonTag,
    Referral,
    Service,
    Strand,
    UndoableAnswer,
)
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all
from referrals.tests.threads import at_once
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db
MINUTE = timedelta(seconds=60)


@pytest.fixture
def world() -> World:
    return World(undo_seconds=60)


@pytest.fixture
def strand(world) -> Strand:
    strand = only_strand(world.submit())
    notifications.sweep()
    mail.outbox.clear()
    return strand


def answer_of(strand) -> Event:
    return UndoableAnswer.objects.filter(event__referral=strand.referral_id).latest("event").event


def sent_after(seconds: int) -> list[str]:
    """Let so many seconds pass for what is owed; return who is written to."""
    mail.outbox.clear()
    for owed in Notification.objects.filter(status="pending"):
        Notification.objects.filter(pk=owed.pk).update(due_at=owed.due_at - timedelta(seconds=seconds))
    notifications.sweep()
    return [to for message in mail.outbox for to in message.to]


def everything() -> dict[str, list]:
    """Return all that an answer can change."""
    return {
        "referrals": list(Referral.objects.order_by("pk").values_list("pk", "status", "closed_at")),
        "strands": list(Strand.objects.order_by("pk").values()),
        "assignments": list(Assignment.objects.order_by("pk").values()),
        "needs": list(Need.objects.order_by("pk").values_list("pk", "strand")),
        "tags": list(PersonTag.objects.order_by("pk").values()),
        "capacities": list(Service.objects.order_by("pk").values_list("pk", "capacity", "capacity_set_on")),
        "owed": list(Notification.objects.filter(status="pending").order_by("pk").values_list("pk", "due_at")),
    }


def reject(live, actor):
    workflow.reject(live.pk, actor=actor, reason=RejectReason.NO_ROOM, capacity=0, note="Full until June")


def decline(live, actor):
    workflow.reject(live.pk, actor=actor, reason=RejectReason.PERSON_DECLINED)


def accept(live, actor):
    workflow.accept(live.pk, actor=actor)


def split(live, actor):
    service = Service.objects.exclude(organisation=live.organisation_id).latest("pk")
    keep = live.strand.needs.values_list("category", flat=True)[:1]
    workflow.split(live.pk, actor=actor, keep=keep, service_id=service.pk, knowing_rejection=True)


def refer_on(live, actor, *, to_coordinator=False):
    service = None if to_coordinator else Service.objects.exclude(organisation=live.organisation_id).latest("pk").pk
    workflow.refer_on(live.pk, actor=actor, service_id=service, note="Two visits", knowing_rejection=True)


def waitlist(live, actor):
    day = (live.place_from or timezone.localdate()) + timedelta(days=30)
    workflow.waitlist(live.pk, actor=actor, place_from=day)


def close(live, actor):
    workflow.close(live.strand_id, actor=actor, outcome=Outcome.SUPPORTED)


ANSWERS = {
    AssignmentStatus.OFFERED: [accept, reject, decline, split, waitlist, close],
    AssignmentStatus.ACCEPTED: [refer_on, partial(refer_on, to_coordinator=True), close],
}


@settings(
    max_examples=gate_or_all(gate=15, everything=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.integers(0, 99), min_size=1, max_size=5), by_coordinator=st.booleans())
def test_undoing_leaves_no_trace_whatever_was_answered_before(world, steps, by_coordinator):
    with transaction.atomic():
        undo_answers(world, steps, by_coordinator=by_coordinator)
        transaction.set_rollback(True)


def undo_answers(world, steps, *, by_coordinator):
    """Answer one step after the other; take every second answer back, and the last."""
    strand = only_strand(world.submit())
    for number, step in enumerate(steps, start=1):
        live = Assignment.objects.filter(strand=strand, status__in=ANSWERS).first()
        if live is None:
            return
        answers = ANSWERS[live.status]
        answer = answers[step % len(answers)]
        actor = world.coordinator if by_coordinator or answer is close else world.owner_of(live)
        before = everything()
        try:
            answer(live, actor)
        except workflow.Refusal:
            continue
        if number % 2 == 0 or number == len(steps):
            workflow.undo(answer_of(strand).pk, actor=actor)
            assert everything() == before
            with pytest.raises(workflow.AlreadyDone):
                workflow.undo(answer_of(strand).pk, actor=actor)


def test_the_next_organisation_is_written_to_once_nobody_can_undo_any_more(world, strand):
    reject(live_on(strand), world.owners[0])
    assert sent_after(50) == []
    assert sent_after(10) == [world.organisations[1].email]


def test_of_an_answer_that_was_undone_nobody_hears(world, strand):
    reject(live_on(strand), world.owners[0])
    workflow.undo(answer_of(strand).pk, actor=world.owners[0])
    assert sent_after(3600) == []
    accept(live_on(strand), world.owners[0])
    assert live_on(strand).organisation == world.organisations[0]


def test_who_is_asked_again_after_an_undo_is_told_in_its_turn(world, strand):
    reject(live_on(strand), world.owners[0])
    workflow.undo(answer_of(strand).pk, actor=world.owners[0])
    reject(live_on(strand), world.owners[0])
    assert sent_after(60) == [world.organisations[1].email]


def test_after_its_time_it_is_too_late(world, strand):
    reject(live_on(strand), world.owners[0])
    with pytest.raises(workflow.Refusal, match="have been told"):
        workflow.undo(answer_of(strand).pk, actor=world.owners[0], at=timezone.now() + MINUTE * 2)


def test_a_message_that_is_going_out_just_now_makes_it_too_late(world, strand):
    reject(live_on(strand), world.owners[0])
    before = everything()
    Notification.objects.filter(status="pending").update(status="sending", claimed_at=timezone.now())
    with pytest.raises(workflow.Refusal, match="have been told"):
        workflow.undo(answer_of(strand).pk, actor=world.owners[0])
    assert everything()["assignments"] == before["assignments"]


def test_it_is_too_late_once_the_next_organisation_has_opened_it(world, strand):
    reject(live_on(strand), world.owners[0])
    log_access(world.coordinator, [strand.referral_id], Screen.REFERRAL)
    log_access(world.owners[1], [strand.referral_id], Screen.REFERRAL)
    with pytest.raises(workflow.Refusal, match=f"{world.organisations[1]} has opened it already"):
        workflow.undo(answer_of(strand).pk, actor=world.owners[0])


def test_it_is_too_late_once_the_next_organisation_has_answered(world, strand):
    reject(live_on(strand), world.owners[0])
    first = answer_of(strand)
    accept(live_on(strand), world.owners[1])
    with pytest.raises(workflow.Refusal, match=f"{world.organisations[1]} has acted on it since"):
        workflow.undo(first.pk, actor=world.owners[0])


def test_another_part_of_the_referral_may_go_on_meanwhile(world, strand):
    split(live_on(strand), world.owners[0])
    other = Strand.objects.exclude(pk=strand.pk).get()
    accept(live_on(other), world.owner_of(live_on(other)))
    close(live_on(strand), world.owners[0])
    workflow.undo(answer_of(strand).pk, actor=world.owners[0])
    assert live_on(strand).status == "accepted"


def test_a_capacity_that_was_set_anew_meanwhile_stays(world, strand):
    live = live_on(strand)
    workflow.reject(live.pk, actor=world.owners[0], reason=RejectReason.NO_ROOM, capacity=0)
    Service.objects.filter(pk=live.service_id).update(capacity=3)
    workflow.undo(answer_of(strand).pk, actor=world.owners[0])
    assert (live_on(strand), Service.objects.get(pk=live.service_id).capacity) == (live, 3)


def test_only_who_may_answer_may_undo(world, strand):
    reject(live_on(strand), world.owners[0])
    for stranger in (world.owners[1], world.commissioner, f.UserFactory()):
        assert workflow.find_undoable(stranger, strand.referral_id) == []
        with pytest.raises(workflow.NotAllowed):
            workflow.undo(answer_of(strand).pk, actor=stranger)
    for user in (world.owners[0], world.coordinator):
        assert [each.event for each in workflow.find_undoable(user, strand.referral_id)] == [answer_of(strand)]


def test_a_network_can_do_without(strand, world):
    world.network.undo_seconds = 0
    world.network.save()
    reject(live_on(strand), world.owners[0])
    assert not UndoableAnswer.objects.exists()
    assert sent_after(0) == [world.organisations[1].email]


def test_what_can_no_longer_be_undone_is_forgotten_after_a_day(world, strand):
    reject(live_on(strand), world.owners[0])
    assert workflow.delete_old_answers() == 0
    UndoableAnswer.objects.update(until=timezone.now() - timedelta(days=1, seconds=1))
    assert workflow.delete_old_answers() == 1


@pytest.mark.django_db(transaction=True)
def test_undoing_and_the_next_answer_at_once_have_one_outcome(world):
    strand = only_strand(world.submit())
    reject(live_on(strand), world.owners[0])
    answer, next_offer = answer_of(strand), live_on(strand)
    undo_it = partial(workflow.undo, answer.pk, actor=world.owners[0])
    accept_it = partial(workflow.accept, next_offer.pk, actor=world.owners[1])
    at_once(*[undo_it, accept_it] * 5)
    kinds = list(Event.objects.filter(strand=strand).order_by("pk").values_list("kind", flat=True))
    is_undone = "undone" in kinds
    assert is_undone != ("accepted" in kinds)
    assert live_on(strand).status == ("offered" if is_undone else "accepted")
    assert kinds.count("undone") + kinds.count("accepted") == 1


def test_after_the_minute_the_coordinator_is_asked_to_undo_an_answer_once(world):
    offer = live_on(only_strand(world.submit()))
    with pytest.raises(Refusal, match="There is no answer to undo"):
        workflow.ask_to_undo(offer.pk, actor=world.owners[0])
    workflow.reject(offer.pk, actor=world.owners[0], reason=RejectReason.OTHER)
    for other in (world.owners[1], world.coordinator):
        with pytest.raises(NotAllowed):
            workflow.ask_to_undo(offer.pk, actor=other)
    workflow.ask_to_undo(offer.pk, actor=world.owners[0])
    with pytest.raises(AlreadyDone):
        workflow.ask_to_undo(offer.pk, actor=world.owners[0])
    told = Notification.objects.get(kind="coordinator_told")
    assert told.event.data["why"] == "undo_asked"
    assert only_strand(offer.strand.referral).status == "seeking"  # the next one keeps its offer
