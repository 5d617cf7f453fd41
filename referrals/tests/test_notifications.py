"""The outbox: what messages say, and what becomes of them when mail servers and workers fail."""

import smtplib
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import locmem
from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from referrals import notifications, tasks, workflow
from referrals.enums import Outcome
from referrals.models import Notification
from referrals.notifications import outbox
from referrals.notifications.health import check_mail_server
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


class MailServer(locmem.EmailBackend):
    """Takes messages, but for the errors that a test gives it."""

    opening_error: Exception | None = None
    errors: list[Exception]

    def open(self) -> None:
        if self.opening_error:
            raise self.opening_error

    def send_messages(self, messages: list[EmailMessage]) -> int:
        if self.errors:
            raise self.errors.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def mail_server(settings, mailoutbox) -> type[MailServer]:
    MailServer.errors, MailServer.opening_error = [], None
    settings.EMAIL_BACKEND = f"{MailServer.__module__}.{MailServer.__qualname__}"
    return MailServer


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
    offer = live_on(strand)
    workflow.remind(offer.pk, at=timezone.now() + timedelta(days=3))
    latecomer = world.add_organisation()
    workflow.assign(strand.pk, actor=world.coordinator, service_id=latecomer.pk)
    workflow.withdraw(live_on(strand).pk, actor=world.coordinator)
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


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            smtplib.SMTPRecipientsRefused({"maya@example.org": (450, b"greylisted maya@example.org")}),
            "SMTPRecipientsRefused 450",
        ),
        (smtplib.SMTPSenderRefused(451, b"later", "maya@example.org"), "SMTPSenderRefused 451"),
        (smtplib.SMTPDataError(451, b"later"), "SMTPDataError 451"),
        (smtplib.SMTPDataError(421, b"too many"), "SMTPDataError 421"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "SMTPServerDisconnected"),
        (ConnectionRefusedError("mail.internal"), "ConnectionRefusedError"),
        (TimeoutError("mail.internal"), "TimeoutError"),
    ],
    ids=repr,
)
def test_a_message_that_fails_for_now_is_tried_again_later_and_holds_up_no_other(world, mail_server, error, kept):
    world.submit()
    first, second = Notification.objects.order_by("due_at", "pk")
    mail_server.errors = [error]
    assert tasks.sweep_outbox() == 1
    first.refresh_from_db()
    assert (first.status, first.attempts, first.subject) == ("pending", 1, "")  # rendered anew next time
    assert first.error == kept  # without the address
    assert first.due_at > timezone.now()
    assert Notification.objects.get(pk=second.pk).status == "sent"


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            smtplib.SMTPRecipientsRefused({"maya@example.org": (550, b"no such user maya@example.org")}),
            "SMTPRecipientsRefused 550",
        ),
        (smtplib.SMTPSenderRefused(552, b"too large", "maya@example.org"), "SMTPSenderRefused 552"),
        (smtplib.SMTPDataError(554, b"spam"), "SMTPDataError 554"),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), "SMTPNotSupportedError"),
    ],
    ids=repr,
)
def test_a_message_that_is_refused_for_good_is_given_up_at_once_and_holds_up_no_other(world, mail_server, error, kept):
    world.submit()
    first, second = Notification.objects.order_by("due_at", "pk")
    mail_server.errors = [error]
    assert tasks.sweep_outbox() == 1
    first.refresh_from_db()
    assert (first.status, first.attempts) == ("failed", 1)
    assert first.error == kept
    assert Notification.objects.get(pk=second.pk).status == "sent"
    assert notifications.retry(first) is True
    first.refresh_from_db()
    assert (first.status, first.attempts) == ("pending", 0)


@pytest.mark.parametrize(
    "sends", [tasks.sweep_outbox, lambda: tasks.send_notification(Notification.objects.first().pk)]
)
def test_a_server_that_cannot_be_used_costs_no_message_an_attempt(world, mail_server, sends):
    world.submit()
    mail_server.opening_error = smtplib.SMTPAuthenticationError(535, b"who are you?")
    sends()
    assert set(Notification.objects.values_list("status", "attempts")) == {("pending", 0)}
    mail_server.opening_error = None
    assert tasks.sweep_outbox() == 2


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPSenderRefused(530, b"sign in first", "network@example.org"),
        smtplib.SMTPSenderRefused(550, b"sender not allowed", "network@example.org"),
        smtplib.SMTPSenderRefused(553, b"not your address", "network@example.org"),
        smtplib.SMTPRecipientsRefused({"maya@example.org": (530, b"sign in first")}),
    ],
    ids=repr,
)
def test_a_server_that_takes_nothing_from_us_ends_the_sweep_and_costs_no_message_an_attempt(world, mail_server, error):
    world.submit()
    second = Notification.objects.order_by("due_at", "pk").last()
    mail_server.errors = [error]
    assert tasks.sweep_outbox() == 0
    assert len(mail_server.errors) == 0
    assert set(Notification.objects.values_list("status", "attempts")) == {("pending", 0)}
    mail_server.errors = [error] * notifications.MAX_ATTEMPTS
    for _ in mail_server.errors[:]:
        tasks.send_notification(second.pk)
        Notification.objects.update(due_at=timezone.now())
    assert tasks.sweep_outbox() == 2


def test_a_sweep_ends_in_time_and_leaves_the_rest_to_one_more(world, mailoutbox):
    with notifications.enqueueing_paused():
        for _ in range(2):
            world.submit()
    assert notifications.sweep(seconds=0) == 1
    assert [task.task["func"] for task in OrmQ.objects.all()] == ["referrals.tasks.sweep_outbox"]
    assert notifications.sweep(seconds=0, **OrmQ.objects.get().task["kwargs"]) == 1
    assert OrmQ.objects.count() == 1
    assert tasks.sweep_outbox() == 2


def test_a_sweep_and_the_message_in_hand_fit_into_the_tasks_time_limit(settings):
    assert outbox.SWEEP_SECONDS + settings.EMAIL_TIMEOUT < settings.Q_CLUSTER["timeout"] < outbox.CLAIM_EXPIRES.seconds


@pytest.fixture
def no_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


@pytest.mark.parametrize(
    "sends", [tasks.sweep_outbox, lambda: tasks.send_notification(Notification.objects.first().pk)]
)
def test_without_a_mail_server_messages_are_kept_and_not_called_sent(world, no_mail_server, sends):
    world.submit()
    sends()
    kept = Notification.objects.filter(status="kept")
    assert kept.count() == (2 if sends is tasks.sweep_outbox else 1)
    assert not Notification.objects.filter(sent_at__isnull=False).exists()


def test_once_a_mail_server_is_set_what_was_kept_goes_out_but_no_old_news(world, settings, mailoutbox):
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    world.submit(at=timezone.now() - timedelta(days=5))
    world.submit(at=timezone.now() - timedelta(days=3))
    tasks.sweep_outbox()
    settings.EMAIL_BACKEND = backend
    assert tasks.sweep_outbox() == 2 == len(mailoutbox)
    old = Notification.objects.exclude(status="sent")
    assert {(n.status, n.error) for n in old} == {("failed", "It could not be sent in time, and is old news by now.")}
    assert notifications.retry(old.first())
    assert tasks.sweep_outbox() == 1


@pytest.mark.parametrize(("host", "is_wrong"), [("", True), ("none", False), ("mail.example.org", False)])
def test_a_deployment_without_a_mail_server_fails_its_check(settings, no_mail_server, host, is_wrong):
    settings.SMTP_HOST = host
    assert [error.id for error in check_mail_server()] == ["referrals.E101"] * is_wrong


@pytest.mark.parametrize("address", ['"p\x0bx:"@a.example', '"a\x0cb"@a.example'])
def test_an_impossible_address_is_given_up_and_delays_no_other_message(world, mailoutbox, address):
    world.submit()
    first, *others = Notification.objects.order_by("due_at", "pk")
    Notification.objects.filter(pk=first.pk).update(recipient=address)
    assert tasks.sweep_outbox() == len(others) == len(mailoutbox)
    assert Notification.objects.get(pk=first.pk).status == "failed"


def test_after_the_last_attempt_a_message_is_given_up(world, mail_server):
    world.submit()
    Notification.objects.update(attempts=notifications.MAX_ATTEMPTS - 1)
    mail_server.errors = [TimeoutError(), TimeoutError()]
    for pk in Notification.objects.values_list("pk", flat=True):
        tasks.send_notification(pk)
    assert set(Notification.objects.values_list("status", flat=True)) == {"failed"}


def test_a_message_left_by_a_dead_worker_is_sent_with_the_same_message_id(world, mailoutbox):
    world.submit()
    claimed = notifications.claim()
    first_id = outbox._build_email(claimed, notifications.render(claimed), None).extra_headers["Message-ID"]
    assert notifications.claim(claimed.pk) is None
    left = {"claimed_at": timezone.now() - timedelta(minutes=11), "subject": "Stored, perhaps not sent"}
    Notification.objects.filter(pk=claimed.pk).update(**left)
    tasks.sweep_outbox()
    assert left["subject"] not in [sent.subject for sent in mailoutbox]
    assert first_id in [sent.extra_headers["Message-ID"] for sent in mailoutbox]
    assert len(mailoutbox) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["length(NEW.text) > length(OLD.text)", "NEW.status = 'sent'"])
def test_what_cannot_be_stored_on_a_full_disk_is_not_sent_either(world, mailoutbox, what):
    world.submit()
    with database.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;"
            "CREATE TRIGGER disk_full BEFORE UPDATE ON referrals_notification FOR EACH ROW"
            f" WHEN ({what}) EXECUTE FUNCTION disk_full()"
        )
    try:
        tasks.sweep_outbox()
    finally:
        with database.cursor() as cursor:
            cursor.execute("DROP FUNCTION disk_full() CASCADE")
    assert (mailoutbox, set(Notification.objects.values_list("status", flat=True))) == ([], {"pending"})


def test_a_worker_whose_claim_expired_does_not_overwrite_the_outcome(world, mailoutbox):
    world.submit()
    slow = notifications.claim()
    Notification.objects.filter(pk=slow.pk).update(claimed_at=timezone.now() - timedelta(minutes=11))
    tasks.sweep_outbox()
    outbox._store_failure(slow, TimeoutError())
    slow.refresh_from_db()
    assert slow.status == "sent"


def test_a_message_that_another_worker_took_meanwhile_is_not_sent_twice(world, mailoutbox, monkeypatch):
    world.submit()
    slow, made = notifications.claim(), outbox.render

    def render_slowly(notification, **options):
        Notification.objects.filter(pk=slow.pk).update(claimed_at=timezone.now())  # the other's claim
        return made(notification, **options)

    monkeypatch.setattr(outbox, "render", render_slowly)
    with get_connection() as connection:
        assert outbox.send(slow, connection) is not None
    assert mailoutbox == []
    assert Notification.objects.get(pk=slow.pk).status == "sending"


def test_what_was_sent_is_shown_as_it_was_sent(world, mailoutbox):
    referral = world.submit()
    tasks.sweep_outbox()
    offer = live_on(only_strand(referral))
    workflow.split(offer.pk, actor=world.owners[0], keep=[world.needs[0].pk], service_id=world.services[1].pk)
    first = Notification.objects.filter(kind="organisation_asked").order_by("pk").first()
    sent = next(m for m in mailoutbox if m.to == [world.organisations[0].email])
    assert notifications.render(first).text == sent.body
    assert all(need.name in sent.body for need in world.needs)


def test_what_was_cancelled_is_owed_again_as_if_it_were_new(world, mailoutbox):
    long_ago = timezone.now() - timedelta(days=6)
    referral = world.submit(at=long_ago)
    Notification.objects.update(attempts=5, error="TimeoutError", due_at=long_ago + timedelta(days=1))
    workflow.close_as_spam(referral.pk, actor=world.coordinator, at=long_ago)
    strand = only_strand(referral)
    workflow.reopen(strand.pk, actor=world.coordinator)
    before = timezone.now()
    workflow.assign(strand.pk, actor=world.coordinator, service_id=world.services[1].pk)
    again = Notification.objects.get(kind="person_told")
    assert (again.status, again.attempts, again.error) == ("pending", 0, "")
    assert before < again.due_at == again.first_due_at
    tasks.sweep_outbox()
    assert again.recipient in [to for sent in mailoutbox for to in sent.to]


def test_the_coordinator_is_told_why(world):
    referral = world.submit(services=[])
    email = message(referral, "coordinator_told")
    assert "no organisation suits" in email.text
    workflow.close(only_strand(referral).pk, actor=world.coordinator, outcome=Outcome.NOT_SUPPORTED)
