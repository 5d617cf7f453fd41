"""What visitors write: stored once, sent to those concerned, marked done, and deleted in time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from referrals import notifications, tasks
from referrals.models import Notification, PublicMessage, RateLimitCounter, Service
from referrals.rate_limits import TooMany, digest_of
from referrals.refusals import AlreadyDone, NotAllowed
from referrals.tests import factories as f
from referrals.tests.threads import at_once
from referrals.tests.worlds import World
from referrals.visitor_messages import public_messages
from referrals.visitor_messages.public_messages import ask_network, mark_done, reopen, suggest_correction

pytestmark = pytest.mark.django_db

CLIENT = "192.0.2.7"
WORDS = "Shut on Mondays. Ring Ana on 07700 900123."


def correct(service: Service, **said) -> PublicMessage:
    return suggest_correction(service, **{"key": uuid4(), "wrong": "hours", "text": WORDS, "client": CLIENT} | said)


def ask(world: World, **said) -> PublicMessage:
    return ask_network(world.network, **{"key": uuid4(), "text": WORDS, "client": CLIENT} | said)


def owed() -> list[tuple[str, str]]:
    return sorted(Notification.objects.values_list("kind", "recipient"))


class TestSending:
    def test_a_correction_is_sent_to_the_organisation_and_the_coordinator(self, world):
        message = correct(world.services[0], name="Ana", contact="ana@example.org")
        assert (message.network, message.state) == (world.network, "open")
        to = sorted([world.organisations[0].email, world.network.email])
        assert owed() == [("correction_suggested", address) for address in to]

    def test_an_address_that_both_share_gets_one_message(self, world):
        world.organisations[0].email = world.network.email
        world.organisations[0].save()
        correct(world.services[0])
        assert len(owed()) == 1

    def test_a_question_is_sent_to_the_coordinator_alone(self, world):
        ask(world)
        assert owed() == [("question_asked", world.network.email)]

    def test_its_e_mail_leads_to_the_message_and_quotes_neither_words_nor_writer(self, world):
        message = correct(world.services[0], name="Ana Reyes", contact="ana@example.org")
        ask(world, name="Ana Reyes", contact="ana@example.org")
        for notification in Notification.objects.all():
            email = notifications.render(notification)
            said = email.subject + email.text + email.html
            assert not [word for word in ("Ana", "ana@", "07700", "Mondays") if word in said]
            assert f"/backoffice/referrals/publicmessage/{notification.message_id}/change/" in email.text
            assert "&#x27;" not in email.subject + email.text
            assert "None" not in said
        to_organisation = Notification.objects.get(message=message, recipient=world.organisations[0].email)
        email = notifications.render(to_organisation)
        assert str(world.services[0].activity) in email.subject
        assert "The days or hours are wrong." in email.text

    def test_constraints_tell_corrections_from_questions(self, world):
        service = world.services[0]
        nonsense = [
            {"kind": "correction", "wrong": "hours"},
            {"kind": "correction", "service": service},
            {"kind": "question", "service": service, "text": "?"},
            {"kind": "question"},
            {"kind": "question", "text": "?", "state": "done"},
            {"kind": "question", "text": "?", "outcome": "Rang."},
        ]
        for fields in nonsense:
            with pytest.raises(IntegrityError), transaction.atomic():
                PublicMessage.objects.create(key=uuid4(), network=world.network, **fields)

    def test_a_message_to_be_sent_has_exactly_one_cause(self, world):
        message = correct(world.services[0])
        request = world.services[0].card_requests.create(key=uuid4(), page="https://example.org/", language="en-gb")
        for causes in ({}, {"message": message, "card_request": request}):
            with pytest.raises(IntegrityError, match="notification_one_cause"), transaction.atomic():
                Notification.objects.create(kind="question_asked", recipient="x@example.org", **causes)


class TestTwice:
    def test_the_same_form_sent_again_is_the_same_message(self, world):
        key = uuid4()
        assert correct(world.services[0], key=key) == correct(world.services[0], key=key)
        assert len(owed()) == 2
        assert RateLimitCounter.objects.get(what="message-from-client").count == 1

    def test_changed_words_from_the_same_form_are_a_new_message(self, world):
        key = uuid4()
        first, second = (
            correct(world.services[0], key=key),
            correct(world.services[0], key=key, text="On Tuesdays too."),
        )
        elsewhere = correct(world.services[1], key=key)
        assert len({first.pk, second.pk, elsewhere.pk}) == 3

    def test_a_message_that_is_done_is_not_opened_by_sending_its_form_again(self, world):
        key = uuid4()
        mark_done(correct(world.services[0], key=key).pk, actor=world.owners[0])
        assert correct(world.services[0], key=key).is_done


class TestTooOften:
    def test_one_client_is_held_back_and_another_is_not(self, world):
        limit = public_messages.FROM_ONE_CLIENT
        for number in range(limit.most):
            correct(world.services[number % 3])
        with pytest.raises(TooMany) as refusal:
            ask(world)
        assert PublicMessage.objects.count() == limit.most
        assert refusal.value.limit == limit
        assert timedelta(0) < refusal.value.until - timezone.now() <= limit.within
        ask(world, client="192.0.2.8")

    def test_a_client_can_send_again_when_the_window_is_over(self, world):
        limit = public_messages.FROM_ONE_CLIENT
        start = timezone.now()
        for _ in range(limit.most):
            ask(world, at=start)
        with pytest.raises(TooMany) as refusal:
            ask(world, at=start + timedelta(minutes=59))
        ask(world, at=refusal.value.until)
        assert RateLimitCounter.objects.get(what=limit.what).count == 1

    def test_one_service_and_one_network_have_daily_limits(self, world):
        for number in range(public_messages.ABOUT_ONE_SERVICE.most):
            correct(world.services[0], client=f"192.0.2.{number}")
        with pytest.raises(TooMany) as refusal:
            correct(world.services[0], client="192.0.2.200")
        assert refusal.value.limit == public_messages.ABOUT_ONE_SERVICE
        assert not RateLimitCounter.objects.filter(
            whom=digest_of("192.0.2.200")
        ).exists()  # what was refused is not counted
        correct(world.services[1], client="192.0.2.200")
        for number in range(public_messages.TO_ONE_NETWORK.most):
            ask(world, client=f"198.51.100.{number}")
        with pytest.raises(TooMany) as refusal:
            ask(world, client="192.0.2.201")
        assert refusal.value.limit == public_messages.TO_ONE_NETWORK

    def test_clients_without_an_address_do_not_hold_each_other_back(self, world):
        for _ in range(public_messages.FROM_ONE_CLIENT.most + 1):
            ask(world, client=None)
        assert not RateLimitCounter.objects.filter(what="message-from-client").exists()

    def test_addresses_are_stored_as_digests_and_only_while_they_count(self, world, settings):
        ask(world)
        counter = RateLimitCounter.objects.get(what="message-from-client")
        assert CLIENT not in str(RateLimitCounter.objects.values())
        assert len(counter.whom) == 64
        settings.SECRET_KEY = "another"
        assert digest_of(CLIENT) != counter.whom
        RateLimitCounter.objects.update(since=timezone.now() - timedelta(minutes=61))
        tasks.delete_expired()
        assert list(RateLimitCounter.objects.values_list("what", flat=True)) == [
            "message-to-network"
        ]  # that counts for a day


class TestDoing:
    @pytest.mark.parametrize("who", ["owner", "coordinator"])
    def test_the_organisation_or_the_coordinator_marks_it_done_and_reopens_it(self, who, world):
        actor = world.owners[0] if who == "owner" else world.coordinator
        message = correct(world.services[0])
        done = mark_done(message.pk, actor=actor, outcome=" Rang them. ")
        assert (done.state, done.done_by, done.outcome) == ("done", actor, "Rang them.")
        opened = reopen(message.pk, actor=actor)
        assert (opened.state, opened.done_by, opened.done_at, opened.outcome) == ("open", None, None, "")
        with pytest.raises(AlreadyDone):
            reopen(message.pk, actor=actor)

    def test_marking_it_done_twice_names_the_first_user(self, world):
        message = correct(world.services[0])
        mark_done(message.pk, actor=world.coordinator)
        with pytest.raises(AlreadyDone, match=world.coordinator.name):
            mark_done(message.pk, actor=world.owners[0], outcome="Another outcome")
        message.refresh_from_db()
        assert (message.done_by, message.outcome) == (world.coordinator, "")

    def test_others_cannot_mark_it_done(self, world):
        correction, question = correct(world.services[0]), ask(world)
        other = World()
        for user in (world.owners[1], world.commissioner, other.coordinator, other.owners[0], f.UserFactory()):
            for verb in (mark_done, reopen):
                with pytest.raises(NotAllowed):
                    verb(correction.pk, actor=user)
        with pytest.raises(NotAllowed):  # a question is not the organisations' business
            mark_done(question.pk, actor=world.owners[0])
        assert set(PublicMessage.objects.values_list("state", flat=True)) == {"open"}


class TestExpiry:
    def test_the_writer_is_forgotten_after_a_month_and_the_message_after_half_a_year(self, world):
        message = correct(world.services[0], name="Ana", contact="ana@example.org")
        now = timezone.now()
        mark_done(message.pk, actor=world.coordinator, at=now)
        for days, kept in ((29, "Ana"), (31, "")):
            public_messages.delete_expired(at=now + timedelta(days=days))
            assert PublicMessage.objects.get().writer_name == kept
        assert PublicMessage.objects.get().writer_contact == ""
        assert public_messages.delete_expired(at=now + timedelta(days=179)) == 0
        assert public_messages.delete_expired(at=now + timedelta(days=181)) == 1
        assert not Notification.objects.exists()

    def test_what_is_open_is_kept_with_its_writer_for_a_year(self, world):
        message = correct(world.services[0], name="Ana")
        public_messages.delete_expired(at=message.created_at + timedelta(days=364))
        assert PublicMessage.objects.get().writer_name == "Ana"
        assert public_messages.delete_expired(at=message.created_at + timedelta(days=366)) == 1

    def test_the_scheduled_task_deletes_expired_messages(self, world):
        old = correct(world.services[0], at=timezone.now() - timedelta(days=366))
        young = correct(world.services[0])
        tasks.delete_expired()
        assert list(PublicMessage.objects.all()) == [young]
        assert not PublicMessage.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_form_sent_six_times_makes_one_message_and_two_e_mails(self):
        world, key = World(), uuid4()
        results = at_once(*[lambda: correct(world.services[0], key=key)] * 6)
        assert {message.pk for message in results} == {PublicMessage.objects.get().pk}
        assert len(owed()) == 2
        assert RateLimitCounter.objects.get(what="message-about-service").count == 1

    def test_more_than_the_limit_at_once_are_taken_up_to_the_limit(self):
        world, limit = World(), public_messages.FROM_ONE_CLIENT
        for _ in range(limit.most - 3):
            ask(world)
        results = at_once(*[lambda: ask(world)] * 8)
        assert sum(isinstance(result, TooMany) for result in results) == 5
        assert PublicMessage.objects.count() == Notification.objects.count() == limit.most

    def test_marking_it_done_twice_at_once_keeps_one_outcome(self):
        world = World()
        message = correct(world.services[0])
        actors = (world.owners[0], world.coordinator)
        results = at_once(
            *[lambda actor=actor: mark_done(message.pk, actor=actor, outcome=actor.name) for actor in actors]
        )
        (refused,) = [result for result in results if isinstance(result, AlreadyDone)]
        message.refresh_from_db()
        assert message.outcome == message.done_by.name
        assert message.done_by.name in str(refused)
