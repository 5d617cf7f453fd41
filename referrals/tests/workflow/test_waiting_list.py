"""An offer answered with the waiting list: nobody else is asked, no place is taken, and the day is kept."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from referrals import matching, notifications, tasks, workflow
from referrals.enums import Country, DayCounting
from referrals.matching import PersonFacts
from referrals.matching.track_records import Answers, refresh_track_records
from referrals.models import Assignment, Event, Notification, Service
from referrals.network.answering import read_answers
from referrals.network.load import with_load
from referrals.tests.threads import at_once
from referrals.tests.workflow.outcome import statuses
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = [pytest.mark.django_db, pytest.mark.real_hours]
PLACE_FROM = date(2027, 1, 4)  # a Monday
SENT = datetime(2026, 12, 1, 10, tzinfo=timezone.get_default_timezone())


def morning(day: date) -> datetime:
    return datetime.combine(day, time(8), tzinfo=timezone.get_default_timezone())


@pytest.fixture
def world() -> World:
    return World(lapse_asks_next=True)


@pytest.fixture
def strand(world):
    return only_strand(world.submit(at=SENT))


def waitlist(world, strand, *, day=PLACE_FROM, at=SENT + timedelta(hours=1)) -> Assignment:
    return workflow.waitlist(live_on(strand).pk, actor=world.owners[0], place_from=day, at=at)


def messages(kind: str) -> list[str]:
    return [notifications.render(owed).text for owed in Notification.objects.filter(kind=kind).order_by("pk")]


def test_nobody_else_is_asked_and_nothing_lapses_until_the_day(world, strand):
    offer = waitlist(world, strand)
    for day in range(1, 34):
        now = SENT + timedelta(days=day)
        assert workflow.due_reminders(at=now) == workflow.due_lapses(at=now) == workflow.due_places(at=now) == []
        assert not workflow.remind(offer.pk, at=now)
        assert not workflow.end_wait(offer.pk, at=now)
    assert statuses(strand) == ["offered", "queued", "queued"]


def test_on_the_day_the_organisation_is_asked_and_has_the_usual_time_to_answer(world, strand):
    offer = waitlist(world, strand)
    assert workflow.due_places(at=morning(PLACE_FROM) - timedelta(minutes=1)) == []
    assert workflow.due_places(at=morning(PLACE_FROM)) == [offer.pk]
    assert [workflow.end_wait(offer.pk, at=morning(PLACE_FROM)) for _ in range(2)] == [True, False]
    [text] = messages("organisation_place_due")
    assert "You expected to have a place from today" in text
    assert "Maya" not in text
    offer.refresh_from_db()
    assert offer.place_from is None
    assert workflow.due_reminders(at=morning(PLACE_FROM) + timedelta(days=2)) == [offer.pk]
    assert workflow.remind(offer.pk, at=offer.remind_at)
    offer.refresh_from_db()
    assert workflow.lapse(offer.pk, at=offer.lapse_at)
    assert statuses(strand) == ["lapsed", "offered", "queued"]


def test_a_day_on_which_nobody_works_is_kept_on_the_next_one(world, strand):
    world.network.day_counting, world.network.country = DayCounting.WORKING, Country.ENGLAND
    world.network.save()
    offer = waitlist(world, strand, day=date(2026, 12, 25))
    assert offer.remind_at == morning(date(2026, 12, 29))  # the 28th instead of Boxing Day, a Saturday
    assert workflow.due_places(at=morning(date(2026, 12, 26))) == []


def test_where_the_network_reminds_nobody_the_day_is_kept_all_the_same():
    world = World(reminder_days=None, lapse_days=None)
    strand = only_strand(world.submit(at=SENT))
    offer = waitlist(world, strand)
    assert workflow.end_wait(offer.pk, at=morning(PLACE_FROM))
    offer.refresh_from_db()
    assert (offer.remind_at, offer.lapse_at) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_the_schedule_asks_for_the_place_once_though_it_runs_twice_at_a_time():
    world = World()
    strand = only_strand(world.submit(at=SENT))
    offer = waitlist(world, strand)
    ended = at_once(*[lambda: workflow.end_wait(offer.pk, at=morning(PLACE_FROM))] * 4)
    assert sorted(ended) == [False, False, False, True]


def test_whoever_is_on_the_list_takes_no_place_until_the_day():
    world = World(organisations=1)
    Service.objects.update(capacity=1)
    strand = only_strand(world.submit(at=SENT))

    def has_room() -> bool:
        person = PersonFacts(point=None, place="")
        [found] = matching.suggest(world.network, [need.pk for need in world.needs], person)
        load = with_load(Service.objects.all()).get()
        assert found.has_room == (load.open_cases + load.waiting_offers < load.capacity)
        return found.has_room

    assert not has_room()
    workflow.waitlist(live_on(strand).pk, actor=world.owners[0], place_from=PLACE_FROM, at=SENT)
    assert has_room()
    workflow.end_wait(live_on(strand).pk, at=morning(PLACE_FROM))
    assert not has_room()


def test_the_person_is_told_the_day_and_a_new_one(world, strand):
    waitlist(world, strand)
    waitlist(world, strand, day=date(2027, 2, 1))
    first, second = messages("person_waitlisted")
    assert "expects to have a place for you from 4 January 2027" in first
    assert "1 February 2027" in second
    with pytest.raises(workflow.AlreadyDone, match="said already that it has a place from 1 February 2027"):
        waitlist(world, strand, day=date(2027, 2, 1))


@pytest.mark.parametrize(
    ("day", "words"),
    [(SENT.date(), "a day after today"), (SENT.date() - timedelta(days=3), "a day after today"),
     (date(2028, 1, 1), "longer than a year")],
)  # fmt: skip
def test_the_day_is_one_that_somebody_can_wait_for(world, strand, day, words):
    with pytest.raises(workflow.Refusal, match=words):
        waitlist(world, strand, day=day)
    assert not Event.objects.filter(kind="waitlisted").exists()


def test_others_cannot_answer_so_and_what_is_accepted_cannot_wait(world, strand):
    offer = live_on(strand)
    for stranger in (world.owners[1], world.commissioner):
        with pytest.raises(workflow.NotAllowed):
            workflow.waitlist(offer.pk, actor=stranger, place_from=PLACE_FROM, at=SENT)
    workflow.accept(offer.pk, actor=world.owners[0])
    with pytest.raises(workflow.Refusal):
        waitlist(world, strand)


@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_they_may_accept_or_reject_before_the_day(world, strand, answer):
    offer = waitlist(world, strand)
    if answer == "accept":
        workflow.accept(offer.pk, actor=world.owners[0])
        assert statuses(strand) == ["accepted", "queued", "queued"]
    else:
        workflow.reject(offer.pk, actor=world.owners[0], reason="no_room")
        assert statuses(strand) == ["rejected", "offered", "queued"]
    offer.refresh_from_db()
    assert offer.place_from is None
    assert not workflow.end_wait(offer.pk, at=morning(PLACE_FROM))


def test_an_offer_that_nobody_had_answered_in_time_is_answered_so(strand, world):
    world.network.lapse_asks_next = False
    world.network.save()
    offer = live_on(strand)
    workflow.remind(offer.pk, at=offer.remind_at)
    offer.refresh_from_db()
    workflow.lapse(offer.pk, at=offer.lapse_at)
    waitlist(world, strand, at=SENT + timedelta(days=9))
    assert workflow.due_lapses(at=SENT + timedelta(days=20)) == []
    offer.refresh_from_db()
    assert offer.lapsed_at is None


def test_the_coordinator_does_not_remind_somebody_who_waits_for_a_place(world, strand):
    offer = waitlist(world, strand)
    with pytest.raises(workflow.Refusal, match="expects to have a place from 4 January 2027"):
        workflow.remind_now(offer.pk, actor=world.coordinator)


def test_it_counts_as_an_answer_within_the_hour_however_long_the_wait(world):
    for _ in range(3):
        strand = only_strand(world.submit(at=timezone.now() - timedelta(days=60)))
        sent = live_on(strand).offered_at
        offer = workflow.waitlist(
            live_on(strand).pk,
            actor=world.owner_of(live_on(strand)),
            place_from=(sent + timedelta(days=40)).date(),
            at=sent + timedelta(minutes=50),
        )
        workflow.accept(offer.pk, actor=world.owner_of(offer), at=sent + timedelta(days=41))
    refresh_track_records()
    first = world.organisations[0].pk
    answers = read_answers(world.coordinator, [first], [world.network.pk])[first]
    assert answers == (Answers(offers=3, accepted=3, seconds=3000))


def test_due_places_are_asked_by_the_schedule(world, strand):
    offer = waitlist(world, strand)
    with time_machine.travel(morning(PLACE_FROM), tick=False):
        assert [tasks.remind_due(), tasks.remind_due()] == [1, 0]
    offer.refresh_from_db()
    assert offer.place_from is None
