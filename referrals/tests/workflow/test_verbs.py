"""What happens to a referral, verb by verb."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from referrals import workflow
from referrals.enums import AssignmentStatus, DayCounting, Outcome, RejectReason
from referrals.models import Assignment, Event, Need, PersonTag
from referrals.tests import factories as f
from referrals.tests.workflow.outcome import kinds, owed, statuses
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


def test_accepting_places_the_strand_and_tags_the_person(world):
    referral = world.submit()
    offer = live_on(only_strand(referral))
    workflow.accept(offer.pk, actor=world.owners[0])
    referral.refresh_from_db()
    assert (referral.status, only_strand(referral).status) == ("placed", "placed")
    assert kinds(referral)[-1] == "accepted"
    assert PersonTag.objects.get(person=referral.person).activity == world.services[0].activity


def test_accepting_twice_says_that_it_is_done(world):
    offer = live_on(only_strand(world.submit()))
    workflow.accept(offer.pk, actor=world.owners[0])
    with pytest.raises(workflow.AlreadyDone, match="You have accepted this"):
        workflow.accept(offer.pk, actor=world.owners[0])


def test_rejecting_offers_the_next_organisation(world):
    referral = world.submit()
    strand = only_strand(referral)
    workflow.reject(live_on(strand).pk, actor=world.owners[0], reason=RejectReason.NO_ROOM)
    assert statuses(strand) == ["rejected", "offered", "queued"]
    assert owed(referral)[-1] == ("organisation_asked", world.organisations[1].email)


def test_a_service_that_no_longer_takes_people_is_passed_over(world):
    strand = only_strand(world.submit())
    world.services[1].capacity = 0
    world.services[1].save()
    workflow.reject(live_on(strand).pk, actor=world.owners[0], reason=RejectReason.NO_ROOM)
    assert statuses(strand) == ["rejected", "skipped", "offered"]


def test_an_organisation_that_left_is_passed_over(world):
    strand = only_strand(world.submit())
    world.organisations[1].memberships.update(status="left")
    workflow.reject(live_on(strand).pk, actor=world.owners[0], reason=RejectReason.NO_ROOM)
    assert statuses(strand) == ["rejected", "skipped", "offered"]


def test_the_coordinator_takes_over_at_the_end_of_the_list(world):
    referral = world.submit(services=world.services[:1])
    strand = only_strand(referral)
    workflow.reject(live_on(strand).pk, actor=world.owners[0], reason=RejectReason.OTHER, note="Closed this week.")
    strand.refresh_from_db()
    assert (strand.status, strand.why_coordinator) == ("with_coordinator", "exhausted")
    assert kinds(referral) == ["submitted", "offered", "rejected", "coordinator_told"]


def test_a_person_who_declined_ends_the_strand(world):
    referral = world.submit()
    strand = only_strand(referral)
    workflow.reject(live_on(strand).pk, actor=world.owners[0], reason=RejectReason.PERSON_DECLINED)
    strand.refresh_from_db()
    assert (strand.status, strand.outcome) == ("closed", "person_declined")
    assert statuses(strand) == ["rejected", "withdrawn", "withdrawn"]


def test_splitting_keeps_some_needs_and_hands_over_the_rest(world):
    referral = world.submit()
    old = only_strand(referral)
    new = workflow.split(
        live_on(old).pk, actor=world.owners[0], keep=[world.needs[0].pk], service_id=world.services[2].pk
    )
    assert live_on(old).status == "accepted"
    assert live_on(new).organisation == world.organisations[2]
    assert [need.category for need in old.needs.all()] == [world.needs[0]]
    assert [need.category for need in new.needs.all()] == [world.needs[1]]
    workflow.reject(live_on(new).pk, actor=world.owners[2], reason=RejectReason.NOT_OFFERED)
    assert live_on(new).organisation == world.organisations[1]


@pytest.mark.parametrize("kept", [0, 2])
def test_a_split_that_keeps_all_or_nothing_is_refused(world, kept):
    offer = live_on(only_strand(world.submit()))
    with pytest.raises(workflow.Refusal, match="Keep at least one need"):
        workflow.split(
            offer.pk,
            actor=world.owners[0],
            keep=[need.pk for need in world.needs[:kept]],
            service_id=world.services[1].pk,
        )
    assert Need.objects.values("strand").distinct().count() == 1


def test_nobody_hands_needs_over_to_themselves(world):
    offer = live_on(only_strand(world.submit()))
    own = {"actor": world.owners[0], "service_id": world.services[0].pk}
    with pytest.raises(workflow.Refusal, match="has this already"):
        workflow.split(offer.pk, keep=[world.needs[0].pk], **own)
    workflow.accept(offer.pk, actor=world.owners[0])
    with pytest.raises(workflow.Refusal, match="has this already"):
        workflow.refer_on(offer.pk, **own)
    assert Assignment.objects.get(pk=offer.pk).status == AssignmentStatus.ACCEPTED


def test_a_person_is_told_of_an_organisation_that_was_on_no_list(world):
    latecomer = world.add_organisation()
    referral = world.submit(services=world.services[:1])
    offer = live_on(only_strand(referral))
    workflow.split(offer.pk, actor=world.owners[0], keep=[world.needs[0].pk], service_id=latecomer.pk)
    assert ("person_told_more", "maya@example.org") in owed(referral)


def test_referring_on_closes_the_case_and_asks_the_chosen_service(world):
    referral = world.submit()
    strand = only_strand(referral)
    case = workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.refer_on(case.pk, actor=world.owners[0], service_id=world.services[2].pk)
    case.refresh_from_db()
    assert case.status == "referred_on"
    assert live_on(strand).organisation == world.organisations[2]
    workflow.reject(live_on(strand).pk, actor=world.owners[2], reason=RejectReason.NO_ROOM)
    assert live_on(strand).organisation == world.organisations[1]


def test_referring_on_to_the_coordinator(world):
    strand = only_strand(world.submit())
    case = workflow.accept(live_on(strand).pk, actor=world.owners[0])
    assert workflow.refer_on(case.pk, actor=world.owners[0], service_id=None) is None
    strand.refresh_from_db()
    assert (strand.status, strand.why_coordinator) == ("with_coordinator", "referred_on")


def test_closing_ends_case_and_referral(world):
    referral = world.submit()
    strand = only_strand(referral)
    case = workflow.accept(live_on(strand).pk, actor=world.owners[0])
    workflow.close(strand.pk, actor=world.owners[0], outcome=Outcome.SUPPORTED)
    case.refresh_from_db()
    referral.refresh_from_db()
    assert (case.status, case.outcome, referral.status) == ("closed", "supported", "closed")
    with pytest.raises(workflow.AlreadyDone):
        workflow.close(strand.pk, actor=world.owners[0], outcome=Outcome.SUPPORTED)


def test_an_organisation_that_was_only_asked_cannot_close(world):
    strand = only_strand(world.submit())
    with pytest.raises(workflow.NotAllowed):
        workflow.close(strand.pk, actor=world.owners[0], outcome=Outcome.SUPPORTED)


def test_a_coordinator_who_closes_releases_the_organisation_that_was_asked(world):
    referral = world.submit()
    workflow.close(only_strand(referral).pk, actor=world.coordinator, outcome=Outcome.NO_LONGER_NEEDED)
    assert owed(referral)[-1] == ("organisation_released", world.organisations[0].email)
    assert statuses(only_strand(referral)) == ["withdrawn"] * 3


def test_assigning_releases_one_organisation_and_asks_another(world):
    referral = world.submit()
    strand = only_strand(referral)
    workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[2].pk)
    assert live_on(strand).organisation == world.organisations[2]
    assert owed(referral)[-2:] == [
        ("organisation_released", world.organisations[0].email),
        ("organisation_asked", world.organisations[2].email),
    ]


def test_withdrawing_gives_the_strand_to_the_coordinator(world):
    strand = only_strand(world.submit())
    workflow.withdraw(live_on(strand).pk, actor=world.coordinator)
    strand.refresh_from_db()
    assert (strand.status, strand.why_coordinator) == ("with_coordinator", "withdrawn")


def test_reopening_gives_a_closed_strand_to_the_coordinator(world):
    referral = world.submit()
    strand = only_strand(referral)
    workflow.close(strand.pk, actor=world.coordinator, outcome=Outcome.NOT_SUPPORTED)
    workflow.reopen(strand.pk, actor=world.coordinator)
    referral.refresh_from_db()
    assert (referral.status, referral.closed_at) == ("with_coordinator", None)


def test_others_cannot_answer(world):
    offer = live_on(only_strand(world.submit()))
    outsider = f.OrganisationMemberFactory().user
    for actor in (world.owners[1], world.commissioner, outsider):
        with pytest.raises(workflow.NotAllowed):
            workflow.accept(offer.pk, actor=actor)
    workflow.accept(offer.pk, actor=world.coordinator)


def test_only_coordinators_assign_withdraw_and_reopen(world):
    strand = only_strand(world.submit())
    offer = live_on(strand)
    for actor in (world.owners[0], world.commissioner):
        with pytest.raises(workflow.NotAllowed):
            workflow.assign(strand.pk, actor=actor, service_id=world.services[1].pk)
        with pytest.raises(workflow.NotAllowed):
            workflow.withdraw(offer.pk, actor=actor)
        with pytest.raises(workflow.NotAllowed):
            workflow.reopen(strand.pk, actor=actor)


def test_silence_brings_one_reminder_after_two_days_and_the_coordinator_after_four():
    world = World(reminder_days=2, lapse_days=2)
    sent = timezone.now()
    referral = world.submit(at=sent)
    offer = live_on(only_strand(referral))
    assert workflow.remind(offer.pk, at=sent + timedelta(days=1)) is False
    assert workflow.remind(offer.pk, at=sent + timedelta(days=2, hours=2)) is True
    assert workflow.remind(offer.pk, at=sent + timedelta(days=3)) is False
    assert workflow.lapse(offer.pk, at=sent + timedelta(days=3)) is False
    assert workflow.lapse(offer.pk, at=sent + timedelta(days=4, hours=1)) is False
    assert workflow.lapse(offer.pk, at=sent + timedelta(days=4, hours=2)) is True
    assert workflow.lapse(offer.pk, at=sent + timedelta(days=5)) is False
    offer.refresh_from_db()
    assert offer.status == "offered"
    assert [kind for kind, _ in owed(referral)][2:] == ["organisation_reminded", "coordinator_told"]


@pytest.mark.parametrize("counting", DayCounting)
def test_a_reminder_that_comes_late_leaves_as_long_to_answer(counting):
    world = World(reminder_days=2, lapse_days=2, day_counting=counting)
    back = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, after a week without a worker
    offer = live_on(only_strand(world.submit(at=back - timedelta(days=7))))
    assert workflow.due_lapses(at=back) == []
    assert workflow.lapse(offer.pk, at=back) is False
    assert workflow.remind(offer.pk, at=back) is True
    assert workflow.due_lapses(at=back + timedelta(hours=47)) == []
    offer.refresh_from_db()
    assert offer.lapse_at == back + timedelta(days=2)
    assert workflow.due_lapses(at=offer.lapse_at) == [offer.pk]
    assert workflow.lapse(offer.pk, at=offer.lapse_at) is True


def test_without_reminders_an_offer_lapses_all_the_same():
    world = World(reminder_days=None, lapse_days=2)
    offer = live_on(only_strand(world.submit()))
    late = timezone.now() + timedelta(days=2)
    assert workflow.due_lapses(at=late) == [offer.pk]
    assert workflow.lapse(offer.pk, at=late) is True


def remind_and_lapse(offer: Assignment) -> None:
    sent = timezone.now()
    assert workflow.remind(offer.pk, at=sent + timedelta(days=3)) is True
    assert workflow.lapse(offer.pk, at=sent + timedelta(days=6)) is True


def test_silence_asks_the_next_if_the_network_wants_it():
    world = World(lapse_asks_next=True)
    referral = world.submit()
    strand = only_strand(referral)
    remind_and_lapse(live_on(strand))
    assert statuses(strand) == ["lapsed", "offered", "queued"]
    assert [kind for kind, _ in owed(referral)][2:] == [
        "organisation_reminded",
        "organisation_late",
        "organisation_asked",
        "coordinator_told",
    ]


def test_silence_at_the_end_of_the_list_tells_the_coordinator_once():
    world = World(organisations=1, lapse_asks_next=True)
    referral = world.submit()
    remind_and_lapse(live_on(only_strand(referral)))
    assert [kind for kind, _ in owed(referral)][2:] == [
        "organisation_reminded",
        "organisation_late",
        "coordinator_told",
    ]


def test_no_reminder_or_lapse_without_a_number_of_days():
    world = World(reminder_days=None, lapse_days=None)
    offer = live_on(only_strand(world.submit()))
    assert (offer.remind_at, offer.lapse_at) == (None, None)
    assert workflow.due_reminders(at=timezone.now() + timedelta(days=400)) == []


def test_a_note_is_stored_with_its_event(world):
    referral = world.submit()
    note = workflow.add_note(
        referral.pk, actor=world.owners[1], text=" Rang, no answer. ", organisation_id=world.organisations[1].pk
    )
    assert note.text == "Rang, no answer."
    assert kinds(referral)[-1] == "note_added"
    with pytest.raises(workflow.NotAllowed):
        workflow.add_note(referral.pk, actor=world.commissioner, text="Hello")


def test_an_event_cannot_be_changed(world):
    event = Event.objects.filter(referral=world.submit()).first()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(kind="closed")


def test_the_database_refuses_a_second_live_assignment(world):
    strand = only_strand(world.submit())
    queued = strand.assignments.filter(status="queued").first()
    with pytest.raises(IntegrityError, match="assignment_one_live"), transaction.atomic():
        Assignment.objects.filter(pk=queued.pk).update(status="offered", offered_at=timezone.now())


def test_no_event_holds_words_of_the_person(world):
    referral = world.submit()
    offer = live_on(only_strand(referral))
    workflow.reject(offer.pk, actor=world.owners[0], reason=RejectReason.OTHER, note="Maya moved to her sister")
    stored = str(list(Event.objects.filter(referral=referral).values_list("data", flat=True)))
    assert "Maya" not in stored
