"""E-mail that comes back: read from a real IMAP server, or told by a mail service; what then becomes of the offer."""

import socket
import subprocess
import sys
import time
from datetime import timedelta
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from anymail.signals import AnymailTrackingEvent, tracking
from django.utils import timezone
from imap_tools import MailBoxUnencrypted

from referrals import accounts, notifications, tasks, workflow
from referrals.models import Assignment, Event, Notification, SuppressedAddress
from referrals.notifications import bounces, outbox
from referrals.notifications import tracking as _connected  # noqa: F401
from referrals.refusals import NotAllowed
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def return_paths(settings):
    settings.BOUNCE_ADDRESS = "bounces@mail.example.org"


@pytest.fixture
def offer(world, return_paths, mailoutbox) -> Assignment:
    referral = world.submit(services=world.services[:2])
    tasks.sweep_outbox()
    return live_on(only_strand(referral))


def asked(offer: Assignment) -> Notification:
    return Notification.objects.get(event__assignment=offer, kind="organisation_asked")


class TestReturnPath:
    def test_each_message_has_its_own_and_the_reader_sees_the_usual_sender(self, offer, mailoutbox, settings):
        sent = {message.from_email: message for message in mailoutbox}
        assert len(sent) == len(mailoutbox) == 2
        for address, message in sent.items():
            assert address.startswith("bounces+")
            assert address.endswith("@mail.example.org")
            assert message.message()["From"] == settings.DEFAULT_FROM_EMAIL
        assert bounces.find_bounced(bounces.return_path(asked(offer))) == asked(offer).pk

    @pytest.mark.parametrize("address", ["bounces+1-0123456789abcdef@mail.example.org", "bounces@mail.example.org", ""])
    def test_nobody_can_make_one_up(self, return_paths, address):
        assert bounces.find_bounced(address) is None

    def test_without_a_setting_it_is_the_sender(self, world, mailoutbox, settings):
        world.submit()
        tasks.sweep_outbox()
        assert {message.from_email for message in mailoutbox} == {settings.DEFAULT_FROM_EMAIL}


class TestForGood:
    def test_the_offer_counts_as_not_answered_and_the_coordinator_is_told_at_once(self, world, offer):
        assert notifications.take_bounce(asked(offer).pk, is_permanent=True)
        tasks.lapse_due()
        tasks.lapse_due()
        offer.refresh_from_db()
        assert (offer.status, offer.lapsed_at is not None) == ("offered", True)
        told = Event.objects.get(kind="coordinator_told")
        assert told.data["why"] == "unreachable"
        assert asked(offer).status == "bounced"
        workflow.accept(offer.pk, actor=world.owners[0])  # they may have seen it all the same

    def test_the_next_is_asked_where_the_network_wants_that(self, world, offer):
        world.network.lapse_asks_next = True
        world.network.save()
        notifications.take_bounce(asked(offer).pk, is_permanent=True)
        tasks.lapse_due()
        offer.refresh_from_db()
        assert offer.status == "lapsed"
        assert live_on(offer.strand).organisation == world.organisations[1]

    def test_one_of_two_addresses_is_enough(self, world, return_paths, mailoutbox):
        larder = world.organisations[0]
        row = larder.members.get(user=world.owners[0])
        accounts.choose_mail(larder, actor=row.user, own_address=["action"], team={row.pk: ["action"]})
        offer = live_on(only_strand(world.submit(services=world.services[:1])))
        tasks.sweep_outbox()
        first, second = Notification.objects.filter(event__assignment=offer, kind="organisation_asked").order_by("pk")
        notifications.take_bounce(first.pk, is_permanent=True)
        assert not workflow.unread_offers().exists()
        notifications.take_bounce(second.pk, is_permanent=True)
        assert workflow.unread_offers().get() == offer

    def test_nothing_more_goes_there_until_somebody_says_so(self, world, offer, mailoutbox):
        larder = world.organisations[0]
        notifications.take_bounce(asked(offer).pk, is_permanent=True)
        mailoutbox.clear()
        later = live_on(only_strand(world.submit(services=world.services[:1])))
        tasks.sweep_outbox()
        assert [message for message in mailoutbox if larder.email in message.to] == []
        assert asked(later).status == "suppressed"
        assert later in workflow.unread_offers()
        with pytest.raises(NotAllowed):
            accounts.use_address_again(larder, larder.email, actor=world.owners[1])
        accounts.use_address_again(larder, larder.email, actor=world.owners[0])
        again = live_on(only_strand(world.submit(services=world.services[:1])))
        tasks.sweep_outbox()
        assert asked(again).status == "sent"

    def test_a_new_password_is_sent_all_the_same(self, world, mailoutbox):
        user = world.owners[0]
        SuppressedAddress.objects.create(address=user.email.lower())
        request = accounts.ask_for_password_reset(user.email, client=None)
        tasks.answer_reset_requests()
        tasks.sweep_outbox()
        assert request is None or [message.to for message in mailoutbox] == [[user.email]]

    def test_a_message_that_the_server_refused_counts_too(self, world, offer, monkeypatch):
        Notification.objects.filter(pk=asked(offer).pk).update(status="failed", sent_at=None)
        assert workflow.lapse_unread(offer.pk)
        assert not workflow.lapse_unread(offer.pk)

    def test_an_answer_that_came_first_stands(self, world, offer):
        workflow.accept(offer.pk, actor=world.owners[0])
        notifications.take_bounce(asked(offer).pk, is_permanent=True)
        tasks.lapse_due()
        offer.refresh_from_db()
        assert (offer.status, offer.lapsed_at) == ("accepted", None)

    def test_a_bounce_told_twice_or_of_a_message_not_sent_is_no_news(self, offer):
        assert notifications.take_bounce(asked(offer).pk, is_permanent=True)
        assert not notifications.take_bounce(asked(offer).pk, is_permanent=True)
        assert not notifications.take_bounce(10**9, is_permanent=True)


def test_what_came_back_for_now_is_tried_again_and_given_up_the_third_time(offer, mailoutbox):
    pk = asked(offer).pk
    for times in (1, 2):
        assert notifications.take_bounce(pk, is_permanent=False)
        waiting = asked(offer)
        assert (waiting.status, waiting.bounces) == ("pending", times)
        assert waiting.due_at > timezone.now() + timedelta(hours=3)
        Notification.objects.filter(pk=pk).update(due_at=timezone.now())
        tasks.sweep_outbox()
    notifications.take_bounce(pk, is_permanent=False)
    assert asked(offer).status == "bounced"
    assert not SuppressedAddress.objects.exists()
    assert notifications.retry(asked(offer))


@pytest.mark.parametrize(
    ("kind", "reason", "status"),
    [
        ("bounced", "bounced", "bounced"),
        ("rejected", "invalid", "bounced"),
        ("bounced", "timed_out", "pending"),
        ("delivered", None, "sent"),
        ("opened", None, "sent"),
    ],
)
def test_a_mail_service_tells_the_same(offer, kind, reason, status):
    message = outbox._build_email(asked(offer), notifications.render(asked(offer)), None)
    event = AnymailTrackingEvent(event_type=kind, reject_reason=reason, metadata=message.metadata)
    tracking.send(sender=object, event=event, esp_name="Any")
    assert asked(offer).status == status


@pytest.mark.parametrize("metadata", [None, {}, {"notification": "x"}])
def test_what_a_mail_service_tells_of_others_is_left_alone(db, metadata):
    event = AnymailTrackingEvent(event_type="bounced", reject_reason="bounced", metadata=metadata)
    tracking.send(sender=object, event=event, esp_name="Any")


# A real server


@pytest.fixture(scope="module")
def imap_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = "from pymap.main import main; main()"
    command = [sys.executable, "-c", serve, "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    server = subprocess.Popen([*command, "dict"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield port
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture
def return_mailbox(imap_port, settings):
    settings.BOUNCE_MAILBOX = f"imap://demouser:demopass@127.0.0.1:{imap_port}/INBOX"
    with MailBoxUnencrypted("127.0.0.1", imap_port).login("demouser", "demopass") as mailbox:
        mailbox.delete(mailbox.uids())
        yield mailbox


def count_messages(mailbox: MailBoxUnencrypted) -> int:
    mailbox.folder.set("INBOX")  # looks anew
    return len(mailbox.uids())


def report(to: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """Return a delivery status notification as RFC 3464 writes it."""
    message = MIMEMultipart("report", report_type="delivery-status")
    message["From"], message["To"], message["Subject"] = "MAILER-DAEMON@mx.example.org", to, "Undelivered"
    message.attach(MIMEText("It could not be delivered."))
    part = MIMEBase("message", "delivery-status")
    about_server, about_recipient = EmailMessage(), EmailMessage()
    about_server["Reporting-MTA"] = "dns; mx.example.org"
    about_recipient["Final-Recipient"] = "rfc822; office@larder.example"
    about_recipient["Action"], about_recipient["Status"] = action, status
    part.set_payload([about_server, about_recipient])
    message.attach(part)
    return message.as_bytes()


@pytest.mark.parametrize(
    ("fields", "outcome", "stays"),
    [
        ({}, "bounced", 0),
        ({"status": "5.2.2"}, "pending", 0),
        ({"status": "4.4.7"}, "pending", 0),
        ({"action": "delayed", "status": "4.4.1"}, "sent", 1),
    ],
    ids=["no such mailbox", "mailbox full", "gave up", "only late"],
)
def test_the_return_mailbox_is_read_over_imap(offer, return_mailbox, fields, outcome, stays):
    return_mailbox.append(report(bounces.return_path(asked(offer)), **fields))
    for _ in range(2):
        tasks.read_return_mailbox()
    assert asked(offer).status == outcome
    assert count_messages(return_mailbox) == stays


def test_what_is_no_bounce_of_ours_stays_in_the_mailbox(offer, return_mailbox):
    absent = EmailMessage()
    absent["To"], absent["Subject"] = bounces.return_path(asked(offer)), "I am away"
    absent.set_content("Back on Monday.")
    return_mailbox.append(absent.as_bytes())
    return_mailbox.append(report("bounces+1-0123456789abcdef@mail.example.org"))
    return_mailbox.append(b"To: nobody\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\xff\xfe")
    assert tasks.read_return_mailbox() == 0
    assert asked(offer).status == "sent"
    assert count_messages(return_mailbox) == 3


def test_without_a_mailbox_nothing_is_read(settings):
    settings.BOUNCE_MAILBOX = ""
    assert tasks.read_return_mailbox() == 0
