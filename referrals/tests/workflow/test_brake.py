"""How many referrals the public form takes, what waits for a coordinator, and what is closed as spam."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import notifications, rate_limits, tasks, workflow
from referrals.enums import Outcome
from referrals.models import Assignment, Notification, RateLimitCounter, Referral, ReferralLink, Strand
from referrals.rate_limits import TooMany
from referrals.tests.threads import at_once
from referrals.tests.worlds import World, live_on, only_strand
from referrals.workflow import PersonDetails, Sender

pytestmark = pytest.mark.django_db

CLIENT = "192.0.2.7"


@pytest.fixture(autouse=True)
def limits(settings) -> dict[str, int]:
    settings.REFERRAL_LIMITS = dict.fromkeys(settings.REFERRAL_LIMITS, 0)
    return settings.REFERRAL_LIMITS


def send(world: World, client: str | None = CLIENT, *, email: str = "", at=None, **fields) -> Referral:
    person = PersonDetails(name="Maya Ferreira", phone="07700 900123", email=email)
    submission = world.submission(**{"person": person, "key": uuid.uuid4()} | fields)
    return workflow.submit(submission, sender=Sender(client), at=at)


def is_held(referral: Referral) -> bool:
    return all(strand.why_coordinator == "held" for strand in referral.strands.all())


def owed() -> list[tuple[str, str]]:
    return sorted(Notification.objects.filter(status="pending").values_list("kind", "recipient"))


class TestLimits:
    def test_one_client_is_refused_beyond_its_number_and_until_the_hour_is_over(self, world, limits):
        limits["client"] = 3
        now = timezone.now()
        for _ in range(3):
            send(world, at=now)
        with pytest.raises(TooMany) as refusal:
            send(world, at=now + timedelta(minutes=59))
        assert refusal.value.until == now + timedelta(hours=1)
        assert Referral.objects.count() == 3
        assert not is_held(send(world, "192.0.2.8", at=now))
        assert not is_held(send(world, at=now + timedelta(minutes=61)))

    def test_what_is_refused_leaves_no_trace(self, world, limits):
        limits["client"] = 1
        send(world)
        before = [model.objects.count() for model in (Referral, Strand, Assignment, Notification, RateLimitCounter)]
        with pytest.raises(TooMany):
            send(world)
        assert before == [
            model.objects.count() for model in (Referral, Strand, Assignment, Notification, RateLimitCounter)
        ]

    def test_a_form_sent_twice_counts_once(self, world, limits):
        limits["client"] = 2
        submission = world.submission()
        for _ in range(5):
            workflow.submit(submission, sender=Sender(CLIENT))
        assert RateLimitCounter.objects.get(what="referral-client").count == 1

    def test_a_link_has_an_allowance_of_its_own(self, world, limits):
        limits |= {"client": 1, "network": 1, "all": 1, "link-client": 4, "link": 3}
        link = ReferralLink.objects.create(network=world.network, name="Contact centre")
        send(world)
        assert [is_held(send(world, referral_link_id=link.pk)) for _ in range(4)] == [False, False, False, True]
        with pytest.raises(TooMany):
            send(world, referral_link_id=link.pk)
        other = ReferralLink.objects.create(network=world.network, name="Library")
        assert not is_held(send(world, referral_link_id=other.pk))

    @pytest.mark.parametrize("limit", ["network", "all"])
    def test_beyond_the_limit_of_a_network_or_of_all_referrals_are_held_and_none_is_refused(self, world, limits, limit):
        limits[limit] = 2
        held = [is_held(send(world, f"192.0.2.{number}", email=f"p{number}@example.org")) for number in range(5)]
        assert held == [False, False, True, True, True]
        assert Notification.objects.filter(kind="person_told").count() == 2
        assert Notification.objects.filter(kind="organisation_asked").count() == 2

    def test_a_linked_network_that_is_full_holds_the_referral(self, world, limits):
        limits["network"] = 1
        other = World()
        both = {
            "choices": {world.network.pk: [], other.network.pk: []},
            "need_ids": frozenset([world.needs[0].pk, other.needs[0].pk]),
        }
        assert not is_held(send(other))
        assert is_held(send(world, **both))
        assert not is_held(send(world))  # a held referral has used up no allowance

    @pytest.mark.parametrize("other", ["MAYA@example.org", "maya+food@example.org"])
    def test_one_mailbox_gets_only_a_few_messages_a_day_however_it_is_spelt(self, world, limits, other):
        limits["mailbox"] = 2
        now = timezone.now()
        held = [
            is_held(send(world, email=email, at=now + timedelta(hours=hours)))
            for hours, email in enumerate(["maya@example.org", other, other, "sam@example.org", ""])
        ]
        assert held == [False, False, True, False, False]
        assert not is_held(send(world, email=other, at=now + timedelta(hours=25)))

    def test_dots_make_no_new_mailbox_at_gmail(self, world, limits):
        limits["mailbox"] = 1
        send(world, email="maya.ferreira@gmail.com")
        assert is_held(send(world, email="m.ayaferreira@googlemail.com"))
        assert not is_held(send(world, email="m.ayaferreira@example.org"))

    def test_a_call_centre_with_forty_referrals_an_hour_is_never_stopped(self, settings):
        settings.REFERRAL_LIMITS = _shipped_limits()
        world = World(organisations=5)
        link = ReferralLink.objects.create(network=world.network, name="Contact centre")
        start = timezone.now()
        for number in range(60):
            moment = start + timedelta(minutes=1.5 * number)
            assert not is_held(send(world, email=f"p{number}@example.org", at=moment))
            assert not is_held(send(world, email=f"l{number}@example.org", at=moment, referral_link_id=link.pk))

    def test_counters_name_nobody_and_are_deleted_in_time(self, world, settings):
        settings.REFERRAL_LIMITS = _shipped_limits()
        send(world, email="maya@example.org")
        kept = " ".join(RateLimitCounter.objects.values_list("whom", flat=True))
        assert "maya" not in kept
        assert CLIENT not in kept
        rate_limits.prune(workflow.limits(), at=timezone.now() + timedelta(days=1, minutes=1))
        assert not RateLimitCounter.objects.exists()


def _shipped_limits() -> dict[str, int]:
    from backoffice import settings  # before a test changed them

    return dict(settings.REFERRAL_LIMITS)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_double_clicks_make_one_referral_and_count_once(self, limits):
        limits |= {"client": 2, "network": 2, "all": 2, "mailbox": 2}
        world = World()
        submission = world.submission()
        sent = at_once(*[lambda: workflow.submit(submission, sender=Sender(CLIENT)) for _ in range(8)])
        assert len({referral.pk for referral in sent}) == 1
        assert set(RateLimitCounter.objects.values_list("count", flat=True)) == {1}

    def test_no_more_than_the_limit_get_through_at_the_same_moment(self, limits):
        limits |= {"client": 6, "network": 4}
        world = World()
        sent = at_once(*[lambda: send(world) for _ in range(12)])
        referrals = [referral for referral in sent if isinstance(referral, Referral)]
        assert len(referrals) == 6
        assert sorted(map(is_held, referrals)) == [False] * 4 + [True] * 2

    def test_a_referral_let_through_and_closed_as_spam_at_once_has_one_outcome(self, limits):
        limits["network"] = 1
        world = World()
        send(world)
        referral = send(world)
        strand = only_strand(referral)
        at_once(
            lambda: workflow.let_through(strand.pk, actor=world.coordinator),
            lambda: workflow.close_as_spam(referral.pk, actor=world.coordinator),
        )
        strand.refresh_from_db()
        # If it is let through first, it is closed afterwards; if it is closed first, it cannot be let through.
        assert strand.status == "closed"
        assert not Assignment.objects.filter(strand=strand, status__in=("offered", "queued")).exists()


class TestAServiceIsNotBuried:
    @staticmethod
    def waiting_at(world: World) -> list[int]:
        offers = Assignment.objects.filter(status="offered")
        return [offers.filter(service=service).count() for service in world.services]

    @pytest.fixture
    def small(self, world) -> World:
        for service in world.services:
            service.capacity = 3
            service.save()
        return world

    def test_one_client_gets_ten_offers_an_hour_at_a_service_and_then_the_next_is_asked(self, small, limits):
        limits["service"] = 10
        held = [is_held(send(small)) for _ in range(33)]
        assert self.waiting_at(small) == [10, 10, 10]
        assert held == [False] * 30 + [True] * 3
        waiting = Strand.objects.filter(why_coordinator="held").values("pk")
        assert set(Assignment.objects.filter(strand__in=waiting).values_list("status", flat=True)) == {"queued"}
        assert not is_held(send(small, "192.0.2.8"))  # there is room for others
        assert self.waiting_at(small) == [11, 10, 10]

    def test_from_many_addresses_twenty_may_wait_and_the_rest_waits_for_a_coordinator(self, small, limits):
        limits["service"] = 10
        held = [is_held(send(small, f"192.0.2.{number}")) for number in range(62)]
        assert self.waiting_at(small) == [20, 20, 20]
        assert held == [False] * 60 + [True] * 2

    def test_a_large_service_takes_three_times_its_capacity(self, small):
        small.services[0].capacity = 7
        small.services[0].save()
        for number in range(23):
            send(small, f"192.0.2.{number}")
        assert self.waiting_at(small) == [21, 2, 0]

    def test_links_coordinators_and_lists_that_go_on_reach_a_buried_service(self, small):
        for number in range(20):
            send(small, f"192.0.2.{number}")
        link = ReferralLink.objects.create(network=small.network, name="Contact centre")
        send(small, referral_link_id=link.pk)
        assert self.waiting_at(small) == [21, 0, 0]
        referral = send(small, services=small.services[1:])
        workflow.assign(only_strand(referral).pk, actor=small.coordinator, service_id=small.services[0].pk)
        assert self.waiting_at(small) == [22, 0, 0]

    def test_closing_the_flood_as_spam_gives_the_room_back(self, small):
        flood = [send(small, f"192.0.2.{number}") for number in range(20)]
        for referral in flood:
            workflow.close_as_spam(referral.pk, actor=small.coordinator)
        send(small, "192.0.2.99")
        assert self.waiting_at(small) == [1, 0, 0]


class TestHeld:
    @pytest.fixture
    def referral(self, world, limits) -> Referral:
        limits["network"] = 1
        send(world)
        Notification.objects.update(status="sent", sent_at=timezone.now())
        return send(world, email="maya@example.org")

    def test_nobody_is_told_but_the_coordinator(self, world, referral):
        assert owed() == [("referrals_held", world.network.email)]
        assert set(only_strand(referral).assignments.values_list("status", flat=True)) == {"queued"}

    def test_letting_it_through_asks_and_tells_as_if_it_had_just_been_sent(self, world, referral):
        workflow.let_through(only_strand(referral).pk, actor=world.coordinator)
        strand = only_strand(referral)
        assert (strand.status, strand.why_coordinator) == ("seeking", "")
        assert live_on(strand).organisation == world.organisations[0]
        asked = [("organisation_asked", world.organisations[0].email), ("person_told", "maya@example.org")]
        assert [message for message in owed() if message[0] != "referrals_held"] == asked
        with pytest.raises(workflow.AlreadyDone):
            workflow.let_through(strand.pk, actor=world.coordinator)

    def test_without_anybody_on_its_list_it_stays_with_the_coordinator_as_unmatched(self, world, limits):
        limits["network"] = 1
        send(world)
        strand = only_strand(send(world, services=[]))
        workflow.let_through(strand.pk, actor=world.coordinator)
        strand.refresh_from_db()
        assert (strand.status, strand.why_coordinator) == ("with_coordinator", "no_match")

    def test_choosing_an_organisation_tells_the_person_as_well(self, world, referral):
        workflow.assign(only_strand(referral).pk, actor=world.coordinator, service_id=world.services[1].pk)
        assert ("person_told", "maya@example.org") in owed()

    def test_all_parts_of_a_network_wait_and_are_let_through_together(self, world):
        parts = [
            workflow.Part(network_id=world.network.pk, need_ids=frozenset({need.pk}), service_ids=[service.pk])
            for need, service in zip(world.needs, world.services, strict=False)
        ]
        referral = workflow.submit(world.submission(parts=parts), is_held=True)
        assert owed() == [("referrals_held", world.network.email)]
        assert "A referral is waiting" in notifications.render(Notification.objects.get()).subject
        first, second = referral.strands.order_by("pk")
        workflow.let_through(second.pk, actor=world.coordinator)
        assert [live_on(strand).service for strand in (first, second)] == world.services[:2]

    def test_only_a_coordinator_of_the_network_lets_through(self, world, referral):
        for user in (world.owners[0], world.commissioner, World().coordinator):
            with pytest.raises(workflow.NotAllowed):
                workflow.let_through(only_strand(referral).pk, actor=user)

    def test_the_coordinator_gets_two_messages_an_hour_at_most_and_none_is_forgotten(self, world, limits):
        limits["network"] = 1
        now = timezone.now()
        for minutes in range(0, 55, 5):
            send(world, at=now + timedelta(minutes=minutes))
        messages = Notification.objects.filter(kind="referrals_held").order_by("due_at")
        first = now + timedelta(minutes=5)
        assert [message.due_at for message in messages] == [first, first + timedelta(hours=1)]
        assert "10 referrals are waiting" in notifications.render(messages[1]).subject
        for strand in Strand.objects.filter(why_coordinator="held"):
            workflow.close_as_spam(strand.referral_id, actor=world.coordinator)
        assert "Nothing is left" in notifications.render(messages[1]).subject
        assert set(messages.values_list("status", flat=True)) == {"pending"}  # they may be about others as well


class TestSpam:
    def test_it_frees_the_offer_ends_the_strand_and_tells_nobody(self, world):
        referral = world.submit()
        before = Notification.objects.count()
        workflow.close_as_spam(referral.pk, actor=world.coordinator)
        referral.refresh_from_db()
        strand = only_strand(referral)
        assert (referral.status, strand.status, strand.outcome) == ("spam", "closed", "spam")
        assert set(strand.assignments.values_list("status", flat=True)) == {"withdrawn"}
        assert Notification.objects.count() == before
        assert set(Notification.objects.values_list("status", flat=True)) == {"cancelled"}

    def test_what_is_cancelled_is_never_sent(self, world, mailoutbox):
        referral = world.submit()
        workflow.close_as_spam(referral.pk, actor=world.coordinator)
        assert tasks.sweep_outbox() == 0
        for pk in Notification.objects.values_list("pk", flat=True):
            tasks.send_notification(pk)
        assert mailoutbox == []

    def test_what_was_sent_stays_sent(self, world):
        referral = world.submit()
        tasks.sweep_outbox()
        workflow.close_as_spam(referral.pk, actor=world.coordinator)
        assert set(Notification.objects.values_list("status", flat=True)) == {"sent"}

    def test_only_its_organisation_closes_an_accepted_referral_as_spam(self, world):
        referral = world.submit()
        offer = live_on(only_strand(referral))
        workflow.accept(offer.pk, actor=world.owners[0])
        with pytest.raises(workflow.Refusal, match=r"has accepted this\. Ask it first"):
            workflow.close_as_spam(referral.pk, actor=world.coordinator)
        workflow.close(offer.strand_id, actor=world.owners[0], outcome=Outcome.SPAM)
        referral.refresh_from_db()
        assert referral.status == "spam"

    def test_closing_with_the_outcome_spam_needs_an_accepted_case(self, world):
        strand = only_strand(world.submit())
        with pytest.raises(workflow.Refusal, match="Use Spam instead"):
            workflow.close(strand.pk, actor=world.coordinator, outcome=Outcome.SPAM)

    def test_a_coordinator_closes_the_parts_of_their_own_network_alone(self, world):
        other = World()
        referral = world.submit(
            choices={world.network.pk: [world.services[0].pk], other.network.pk: [other.services[0].pk]},
            need_ids=frozenset([world.needs[0].pk, other.needs[0].pk]),
        )
        assert len(workflow.close_as_spam(referral.pk, actor=world.coordinator)) == 1
        referral.refresh_from_db()
        assert referral.status == "seeking"
        waiting = Notification.objects.filter(status="pending").values_list("recipient", flat=True)
        assert sorted(waiting) == sorted([other.organisations[0].email, "maya@example.org"])
        workflow.close_as_spam(referral.pk, actor=other.coordinator)
        referral.refresh_from_db()
        assert referral.status == "spam"
        assert not Notification.objects.filter(status="pending").exists()

    def test_only_coordinators_may_and_only_once(self, world):
        referral = world.submit()
        for user in (world.owners[0], world.commissioner, World().coordinator):
            with pytest.raises(workflow.NotAllowed):
                workflow.close_as_spam(referral.pk, actor=user)
        workflow.close_as_spam(referral.pk, actor=world.coordinator)
        with pytest.raises(workflow.AlreadyDone):
            workflow.close_as_spam(referral.pk, actor=world.coordinator)

    def test_reopening_undoes_a_mistake_and_then_tells_the_person(self, world):
        referral = world.submit()
        workflow.close_as_spam(referral.pk, actor=world.coordinator)
        strand = only_strand(referral)
        workflow.reopen(strand.pk, actor=world.coordinator)
        workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[0].pk)
        assert ("person_told", "maya@example.org") in owed()
        referral.refresh_from_db()
        assert (referral.status, referral.closed_at) == ("seeking", None)

    def test_an_offer_closed_as_spam_does_not_count_as_the_latest_offer(self, world):
        referral = world.submit()
        workflow.close_as_spam(referral.pk, actor=world.coordinator)
        assert not Assignment.objects.filter(offered_at__isnull=False).exists()


def test_a_submission_without_a_sender_is_not_counted(world, limits):
    limits |= {"client": 1, "network": 1}
    for _ in range(3):
        workflow.submit(replace(world.submission(), key=uuid.uuid4()))
    assert not RateLimitCounter.objects.exists()
