"""An organisation that did not answer in time may still accept while nobody else has."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from referrals import notifications, workflow
from referrals.access import fully_visible_to
from referrals.enums import Outcome, RejectReason
from referrals.matching.track_records import refresh_track_records
from referrals.models import Assignment, Event, Notification
from referrals.network.answering import count_answers_since, read_answers
from referrals.tests.threads import at_once
from referrals.tests.workflow.outcome import statuses
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(lapse_asks_next=True)


def lapse(strand) -> Assignment:
    """Let the offer that waits for an answer lapse, and return it."""
    offer = live_on(strand)
    assert workflow.remind(offer.pk, at=offer.remind_at)
    offer.refresh_from_db()
    assert workflow.lapse(offer.pk, at=offer.lapse_at)
    offer.refresh_from_db()
    return offer


@pytest.fixture
def strand(world):
    """Sent so long ago that two offers have had the time to lapse."""
    return only_strand(world.submit(at=timezone.now() - timedelta(days=10)))


def told_of_last(strand, kind: str) -> list[tuple[str, str]]:
    event = Event.objects.filter(referral=strand.referral, kind=kind).latest("pk")
    return list(Notification.objects.filter(event=event).order_by("pk").values_list("kind", "recipient"))


def test_a_late_yes_places_the_strand_and_releases_whoever_was_asked_meanwhile(world, strand):
    late = lapse(strand)
    accepted = workflow.accept(late.pk, actor=world.owners[0])
    assert statuses(strand) == ["accepted", "released", "queued"]
    assert (accepted.ended_at, accepted.lapsed_at) == (None, late.lapsed_at)
    strand.refresh_from_db()
    strand.referral.refresh_from_db()
    assert (strand.status, strand.referral.status) == ("placed", "placed")
    assert told_of_last(strand, "accepted") == [("organisation_not_needed", world.organisations[1].email)]
    happened = Event.objects.filter(strand=strand).order_by("pk").values_list("kind", "assignment__organisation")
    first, second = (organisation.pk for organisation in world.organisations[:2])
    assert list(happened)[-2:] == [("accepted", first), ("released", second)]


def test_a_late_yes_at_the_end_of_the_list_places_the_strand_and_tells_the_coordinator(world):
    strand = only_strand(world.submit(services=world.services[:1], at=timezone.now() - timedelta(days=10)))
    late = lapse(strand)
    strand.refresh_from_db()
    assert (strand.status, strand.why_coordinator) == ("with_coordinator", "exhausted")
    workflow.accept(late.pk, actor=world.owners[0])
    strand.refresh_from_db()
    assert (strand.status, strand.why_coordinator, strand.coordinator_told_at) == ("placed", "", None)
    assert told_of_last(strand, "accepted") == [("coordinator_not_needed", world.network.email)]


def test_a_late_yes_after_the_others_rejected_still_counts(world, strand):
    late = lapse(strand)
    for owner in world.owners[1:]:
        workflow.reject(live_on(strand).pk, actor=owner, reason=RejectReason.NO_ROOM)
    workflow.accept(late.pk, actor=world.owners[0])
    assert statuses(strand) == ["accepted", "rejected", "rejected"]


def test_of_several_who_lapsed_the_first_to_accept_has_it(world, strand):
    first, second = lapse(strand), lapse(strand)
    workflow.accept(second.pk, actor=world.owners[1])
    assert statuses(strand) == ["lapsed", "accepted", "released"]
    with pytest.raises(workflow.AlreadyDone, match=f"{world.organisations[1]} accepted this on"):
        workflow.accept(first.pk, actor=world.owners[0])


def test_a_coordinator_can_pass_on_a_late_yes(world, strand):
    late = lapse(strand)
    workflow.accept(late.pk, actor=world.coordinator)
    assert statuses(strand) == ["accepted", "released", "queued"]


def test_a_late_yes_comes_too_late_once_another_has_accepted_even_if_that_is_over(world, strand):
    late = lapse(strand)
    case = workflow.accept(live_on(strand).pk, actor=world.owners[1])
    for end in (
        lambda: None,
        lambda: workflow.refer_on(case.pk, actor=world.owners[1], service_id=None),
        lambda: workflow.close(strand.pk, actor=world.coordinator, outcome=Outcome.NO_LONGER_NEEDED),
        lambda: workflow.reopen(strand.pk, actor=world.coordinator),
    ):
        end()
        with pytest.raises(workflow.AlreadyDone) as refusal:
            workflow.accept(late.pk, actor=world.owners[0])
        accepted, released = world.organisations[1], world.organisations[0]
        when = f"{timezone.localtime(case.accepted_at):%-d}"
        assert str(refusal.value).startswith(f"{accepted} accepted this on {when} ")
        assert str(refusal.value).endswith(f"There is nothing more for {released} to do.")
    assert statuses(strand) == ["lapsed", "referred_on", "withdrawn"]


def test_pressing_twice_is_done_once_and_said_so(world, strand):
    late = lapse(strand)
    workflow.accept(late.pk, actor=world.owners[0])
    with pytest.raises(workflow.AlreadyDone, match="You have accepted this"):
        workflow.accept(late.pk, actor=world.owners[0])
    assert Event.objects.filter(assignment=late, kind="accepted").count() == 1


def test_whoever_was_released_can_neither_accept_nor_reject_nor_split_and_reads_why(world, strand):
    late = lapse(strand)
    asked = live_on(strand)
    workflow.accept(late.pk, actor=world.owners[0])
    answers = (
        lambda **who: workflow.accept(asked.pk, **who),
        lambda **who: workflow.reject(asked.pk, reason=RejectReason.OTHER, **who),
        lambda **who: workflow.split(asked.pk, keep=[world.needs[0].pk], service_id=world.services[2].pk, **who),
    )
    for answer in answers:
        with pytest.raises(workflow.AlreadyDone, match=f"{world.organisations[0]} accepted this on"):
            answer(actor=world.owners[1])
    workflow.refer_on(late.pk, actor=world.owners[0], service_id=None)
    with pytest.raises(workflow.AlreadyDone, match=f"{world.organisations[0]} accepted this on"):
        workflow.accept(asked.pk, actor=world.owners[1])
    assert statuses(strand) == ["referred_on", "released", "queued"]


def test_a_late_organisation_can_only_accept(world, strand):
    late = lapse(strand)
    for answer in (
        lambda: workflow.reject(late.pk, actor=world.owners[0], reason=RejectReason.OTHER),
        lambda: workflow.refer_on(late.pk, actor=world.owners[0], service_id=None),
    ):
        with pytest.raises(workflow.Refusal, match="can still accept while nobody else has"):
            answer()
    assert statuses(strand) == ["lapsed", "offered", "queued"]


def test_what_is_closed_meanwhile_cannot_be_accepted(world, strand):
    late = lapse(strand)
    workflow.close(strand.pk, actor=world.coordinator, outcome=Outcome.NO_LONGER_NEEDED)
    with pytest.raises(workflow.AlreadyDone, match="did not answer in time, and it is too late now"):
        workflow.accept(late.pk, actor=world.owners[0])


def test_a_service_or_membership_that_has_ended_accepts_nothing(world, strand):
    late = lapse(strand)
    membership = world.organisations[0].memberships.get()
    workflow.suspend(membership.pk, actor=world.coordinator)
    with pytest.raises(workflow.NotAllowed):
        workflow.accept(late.pk, actor=world.owners[0])
    with pytest.raises(workflow.Refusal, match="too late now"):
        workflow.accept(late.pk, actor=world.coordinator)
    workflow.reinstate(membership.pk, actor=world.coordinator)
    workflow.archive(world.services[0].pk, actor=world.owners[0])
    with pytest.raises(workflow.Refusal, match="too late now"):
        workflow.accept(late.pk, actor=world.owners[0])


def test_a_coordinator_can_take_a_late_offer_away_and_the_other_keeps_its_own(world, strand):
    late = lapse(strand)
    workflow.withdraw(late.pk, actor=world.coordinator)
    assert statuses(strand) == ["withdrawn", "offered", "queued"]
    assert told_of_last(strand, "withdrawn") == [("organisation_released", world.organisations[0].email)]
    strand.refresh_from_db()
    assert strand.status == "seeking"
    with pytest.raises(workflow.Refusal, match="A coordinator has taken this away"):
        workflow.accept(late.pk, actor=world.owners[0])
    with pytest.raises(workflow.AlreadyDone):
        workflow.withdraw(late.pk, actor=world.coordinator)


def test_asked_again_it_answers_the_new_offer_and_not_the_old(world, strand):
    late = lapse(strand)
    workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[0].pk)
    with pytest.raises(workflow.Refusal, match="too late now"):
        workflow.accept(late.pk, actor=world.owners[0])
    workflow.reject(live_on(strand).pk, actor=world.owners[0], reason=RejectReason.NO_ROOM)
    with pytest.raises(workflow.Refusal, match="too late now"):
        workflow.accept(late.pk, actor=world.owners[0])


def test_the_offer_asked_meanwhile_goes_its_own_way_until_somebody_accepts(world, strand):
    first = lapse(strand)
    workflow.reject(live_on(strand).pk, actor=world.owners[1], reason=RejectReason.OTHER)
    third = lapse(strand)
    strand.refresh_from_db()
    assert strand.status == "with_coordinator"
    workflow.accept(first.pk, actor=world.owners[0])
    assert statuses(strand) == ["accepted", "rejected", "lapsed"]
    assert workflow.due_reminders(at=timezone.now() + timedelta(days=400)) == []
    with pytest.raises(workflow.AlreadyDone, match=f"{world.organisations[0]} accepted this on"):
        workflow.accept(third.pk, actor=world.owners[2])


def test_it_reads_the_referral_in_full_for_as_long_as_it_may_accept(world, strand):
    def readers() -> list[bool]:
        return [fully_visible_to(owner).filter(pk=strand.referral_id).exists() for owner in world.owners]

    lapse(strand)
    assert readers() == [True, True, False]
    workflow.reject(live_on(strand).pk, actor=world.owners[1], reason=RejectReason.OTHER)
    assert readers() == [True, False, True]
    workflow.accept(live_on(strand).pk, actor=world.owners[2])
    assert readers() == [False, False, True]


@pytest.mark.parametrize("ending", ["accepted late", "closed", "taken away", "suspended", "asked again and rejected"])
def test_it_no_longer_reads_it_in_full_once_it_is_over(world, strand, ending):
    late, owner = lapse(strand), world.owners[0]
    if ending == "accepted late":
        workflow.accept(late.pk, actor=owner)
        owner = world.owners[1]  # who was asked meanwhile, and is released
    elif ending == "closed":
        workflow.close(strand.pk, actor=world.coordinator, outcome=Outcome.NOT_SUPPORTED)
    elif ending == "taken away":
        workflow.withdraw(late.pk, actor=world.coordinator)
    elif ending == "suspended":
        workflow.suspend(world.organisations[0].memberships.get().pk, actor=world.coordinator)
    else:
        workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[0].pk)
        workflow.reject(live_on(strand).pk, actor=owner, reason=RejectReason.OTHER)
    assert not fully_visible_to(owner).filter(pk=strand.referral_id).exists()


def test_a_late_yes_counts_as_accepted_and_being_released_counts_for_nothing(world, strand):
    workflow.accept(lapse(strand).pk, actor=world.owners[0])
    organisations = [organisation.pk for organisation in world.organisations[:2]]
    refresh_track_records([world.network.pk])
    read = read_answers(world.coordinator, organisations, [world.network.pk])
    assert [(read[key].offers, read[key].accepted) for key in organisations] == [(1, 1), (0, 0)]
    since = timezone.now() - timedelta(days=30)
    late, released = (count_answers_since(since, one, world.coordinator) for one in world.organisations[:2])
    assert (late.accepted, late.unanswered, late.released) == (1, 0, 0)
    assert (released.offers, released.accepted, released.unanswered, released.released) == (1, 0, 0, 1)


def test_messages_say_that_one_can_still_accept_and_that_there_is_nothing_more_to_do(world, strand):
    late = lapse(strand)

    def texts(kind: str) -> list[str]:
        message = notifications.render(Notification.objects.get(event__referral=strand.referral, kind=kind))
        return [message.text.replace("\n", " "), message.html]

    for words in [*texts("organisation_reminded"), *texts("organisation_late")]:
        assert "still accept while nobody else has" in words
    workflow.accept(late.pk, actor=world.owners[0])
    for words in texts("organisation_not_needed"):
        assert f"{world.organisations[0]} has accepted" in words
        assert "There is nothing more for you to do" in words


def test_the_database_refuses_a_released_offer_that_has_not_ended(world, strand):
    workflow.accept(lapse(strand).pk, actor=world.owners[0])
    with pytest.raises(IntegrityError, match="assignment_status_and_times_agree"), transaction.atomic():
        Assignment.objects.filter(status="released").update(ended_at=None)


@pytest.mark.django_db(transaction=True)
def test_twenty_who_accept_at_once_late_and_in_time_end_in_one_outcome_that_all_are_told():
    world = World(lapse_asks_next=True)
    strand = only_strand(world.submit(at=timezone.now() - timedelta(days=10)))
    late = lapse(strand)
    asked = live_on(strand)
    calls = [
        lambda: workflow.accept(late.pk, actor=world.owners[0]),
        lambda: workflow.accept(asked.pk, actor=world.owners[1]),
    ]
    results = at_once(*calls * 10)
    [done] = [result for result in results if not isinstance(result, workflow.Refusal)]
    name = done.organisation.name
    own, other = (0, 1) if done.pk == late.pk else (1, 0)
    refusals = [[str(result) for result in results[one::2] if result is not done] for one in (own, other)]
    assert [len(each) for each in refusals] == [9, 10]
    assert set(refusals[0]) == {"You have accepted this. It was done once, however often you pressed."}
    [words] = set(refusals[1])
    assert words.startswith(f"{name} accepted this on ")
    assert statuses(strand) == ([["accepted", "released"], ["lapsed", "accepted"]][own]) + ["queued"]
    told = [] if own else [("organisation_not_needed", world.organisations[1].email)]
    assert told_of_last(strand, "accepted") == told
    assert Event.objects.filter(strand=strand, kind="accepted").count() == 1
