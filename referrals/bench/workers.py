"""What workers do: send the messages that are owed, and ask the next organisation when one rejects."""

import logging
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from uuid import uuid4

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from referrals import notifications, workflow
from referrals.bench.measuring import CaseSkipped, Comparison, Sample, case
from referrals.enums import AssignmentStatus, OrganisationRole, RejectReason
from referrals.matching import suggest
from referrals.models import Assignment, Notification, OrganisationMember, Referral, User

SENT_AT_ONCE = 100


@case("outbox.send", repeats=10)
def send_what_is_owed(sample: Sample) -> Comparison:
    """A sweep of a hundred offers; the bare way sends the same letters over one connection."""
    port = _start_mail_server()
    here = override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port
    )
    with notifications.enqueueing_paused():
        referral = _submit(sample)
    Notification.objects.all().delete()
    event = referral.events.get(kind="offered")
    Notification.objects.bulk_create(
        Notification(event=event, kind="organisation_asked", recipient=f"team{number}@example.org")
        for number in range(SENT_AT_ONCE)
    )
    letters = [_letter(notification) for notification in Notification.objects.order_by("pk")]

    def ours(number: int) -> None:
        Notification.objects.update(status="pending", sent_at=None, due_at=timezone.now(), subject="")
        with here:
            sent = notifications.sweep()
        if sent != SENT_AT_ONCE:
            raise RuntimeError(f"Only {sent} messages were sent.")

    def bare(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            for letter in letters:
                server.send_message(letter)

    return Comparison(ours, bare, f"{SENT_AT_ONCE} offers to a server on this machine; bare: one smtplib connection")


@case("tasks.cascade", target=3)
def ask_the_next(sample: Sample) -> Comparison:
    """An organisation rejects and the next is asked, all in one transaction, undone."""
    with notifications.enqueueing_paused():
        referral = _submit(sample)
    offer = Assignment.objects.get(strand__referral=referral, status=AssignmentStatus.OFFERED)
    owner = User.objects.create_user(f"{uuid4()}@example.org")
    OrganisationMember.objects.create(organisation=offer.organisation, user=owner, role=OrganisationRole.OWNER)

    def ours(number: int) -> None:
        with _undone():
            workflow.reject(offer.pk, actor=owner, reason=RejectReason.NO_ROOM)

    with CaptureQueriesContext(connection) as captured:
        ours(0)
    left_out = ("SAVEPOINT", "RELEASE", "ROLLBACK")
    sent = [query["sql"].strip() for query in captured.captured_queries]
    statements = [statement for statement in sent if not statement.startswith(left_out)]

    def bare(number: int) -> None:
        with sample.bare.transaction(force_rollback=True):
            for statement in statements:
                sample.bare.execute(statement)

    return Comparison(ours, bare, f"a rejection, {len(statements)} statements; bare: those, sent by psycopg, undone")


def _submit(sample: Sample) -> Referral:
    person = sample.people[0]
    found = suggest(sample.network, person.need_ids, person.facts)
    wording = sample.network.consent_wordings.first()
    return workflow.submit(
        workflow.Submission(
            key=uuid4(),
            network_id=sample.network.pk,
            person=workflow.PersonDetails(name="Robin", phone="07700 900123", postcode=person.postcode),
            parts=[
                workflow.Part(
                    network_id=sample.network.pk,
                    need_ids=frozenset(person.need_ids),
                    service_ids=[suggestion.service_id for suggestion in found],
                )
            ],
            consent_wording_ids=frozenset({wording.pk}),
            consent_way="in_person",
            source_name="Sam",
            source_phone="07700 900124",
        )
    )


def _start_mail_server() -> int:
    """Start a mail server that forgets what it takes, until this process ends; return its port."""
    try:
        from aiosmtpd.controller import Controller
        from aiosmtpd.handlers import Sink
    except ImportError as error:
        raise CaseSkipped("aiosmtpd is not installed: requirements-dev.txt") from error
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # of aiosmtpd, which tells of every command
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Controller(Sink(), hostname="127.0.0.1", port=port).start()
    return port


def _letter(notification: Notification) -> EmailMessage:
    rendered = notifications.render(notification)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = rendered.sender, rendered.recipient, rendered.subject
    letter.set_content(rendered.text)
    letter.add_alternative(rendered.html, subtype="html")
    return letter


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
