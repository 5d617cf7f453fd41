"""E-mails: stored in the transaction of their cause, then sent once, by the worker that claims them."""

import logging
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from email.errors import MessageError
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from referrals.enums import ContactSafety
from referrals.models import AccountEvent, CardRequest, Digest, Event, Notification, Person, PublicMessage
from referrals.models.notifications import NOT_ARRIVED
from referrals.notification_kinds import MAIL_GROUPS, TO_THE_PERSON, MailGroup, NotificationKind, NotificationStatus
from referrals.notifications.bounces import return_path
from referrals.notifications.links import stop_link
from referrals.notifications.recipients import Place, can_be_suppressed, find_recipients, suppressed
from referrals.notifications.rendering import Rendered, render

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
CLAIM_EXPIRES = timedelta(minutes=3)  # far longer than a task may take: the worker must have died
SWEEP_SECONDS = 30  # half the task's time limit: the message being sent then has the other half
USEFUL_FOR = timedelta(days=4)  # by then an offer has had its reminder, and has lapsed
_NO_BODIES = {"subject": "", "text": "", "html": ""}
SIGN_IN_FIRST = 530  # a server that wants a name and password
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058
TOO_LARGE = (552, 523)  # in reply to MAIL, which says how large the message is (RFC 1870)

Cause = Event | AccountEvent | PublicMessage | CardRequest | Digest
CAUSED_BY = {
    Event: "event",
    AccountEvent: "account_event",
    PublicMessage: "message",
    CardRequest: "card_request",
    Digest: "digest",
}


class ClaimLostError(Exception):
    """Sending took so long to begin that another worker may have sent the message."""


_enqueues: ContextVar[bool] = ContextVar("enqueues", default=True)


@contextmanager
def enqueueing_paused() -> Iterator[None]:
    """Record without enqueueing, for bulk loads. The sweep sends the messages."""
    token = _enqueues.set(False)
    try:
        yield
    finally:
        _enqueues.reset(token)


def record(
    cause: Cause, kind: NotificationKind, recipient: str, *, due_at: datetime | None = None
) -> Notification | None:
    """Store a message that `recipient` is owed. Call it in the transaction of the cause.

    `due_at` defaults to when the cause happened. A second call changes nothing, unless the message was cancelled in the
    meantime: then it is owed again. Returns None, and stores nothing, when there is no address. Where it is not safe to
    write to the person, or messages to the address have come back, it is stored as one that is not sent.
    """
    if not recipient:
        return None
    due_at = due_at or cause.at
    status = NotificationStatus.PENDING
    if kind in TO_THE_PERSON and cause.referral.person.safe_contact.forbids_writing:
        status = NotificationStatus.UNSAFE
    elif can_be_suppressed(kind) and suppressed([recipient]):
        status = NotificationStatus.SUPPRESSED
    notification, is_new = Notification.objects.get_or_create(
        **{CAUSED_BY[type(cause)]: cause},
        kind=kind,
        recipient=recipient,
        defaults={"status": status, "due_at": due_at, "first_due_at": due_at, "created_at": cause.at},
    )
    if is_new and status == NotificationStatus.PENDING:
        _enqueue(notification)
    elif not is_new:
        _owe_again(notification, NotificationStatus.CANCELLED, due_at=due_at)
    return notification


def record_for(cause: Cause, kind: NotificationKind, place: Place, *, due_at: datetime | None = None) -> None:
    """Store a message that an organisation, or a network's coordinators, are owed, for each address that gets it."""
    for recipient in find_recipients(place, kind):
        record(cause, kind, recipient, due_at=due_at)


def _owe_again(notification: Notification, status: NotificationStatus, *, due_at: datetime) -> bool:
    """Owe the message as if it were new, if it still has this status."""
    rows = Notification.objects.filter(pk=notification.pk, status=status)
    changed = rows.update(status=NotificationStatus.PENDING, attempts=0, due_at=due_at, first_due_at=due_at, error="")
    if changed:
        _enqueue(notification)
    return bool(changed)


def cancel(causes: QuerySet[Event]) -> int:
    """Cancel the messages about these events that have not been sent; return how many."""
    waiting = (NotificationStatus.PENDING, NotificationStatus.KEPT)
    unsent = Notification.objects.filter(event__in=causes, status__in=waiting)
    # A message about referrals held is about all of them in the network, not about this event alone.
    return unsent.exclude(kind=NotificationKind.REFERRALS_HELD).update(status=NotificationStatus.CANCELLED)


def _enqueue(notification: Notification) -> None:
    if _enqueues.get() and notification.due_at <= timezone.now():  # the sweep sends what is due later
        async_task("referrals.tasks.send_notification", notification.pk)


def claim(pk: int | None = None, *, at: datetime | None = None) -> Notification | None:
    """Take one due message, `pk` or else the oldest, and count the attempt before anything can fail.

    Rows locked by another worker are skipped.
    """
    now = at or timezone.now()
    with transaction.atomic():
        due = _due(now).select_for_update(skip_locked=True)
        notification = (due.filter(pk=pk) if pk else due).order_by("due_at", "pk").first()
        if notification:
            Notification.objects.filter(pk=notification.pk).update(
                status=NotificationStatus.SENDING, attempts=F("attempts") + 1, claimed_at=now, **_NO_BODIES
            )
            notification.refresh_from_db()
    return notification


def has_mail_server() -> bool:
    return settings.EMAIL_BACKEND != "django.core.mail.backends.dummy.EmailBackend"


def send_owed(pk: int) -> None:
    """Send message `pk` if it is due and nobody else has it."""
    if not has_mail_server():
        _keep_due(pk)
        return
    _withhold_unsafe(pk)
    connection = get_connection()
    try:
        if _open(connection) and (notification := claim(pk)):
            send(notification, connection)
    finally:
        connection.close()


def _open(connection: BaseEmailBackend) -> bool:
    """Return whether the mail server can be used. While it cannot, no message is claimed, and none loses an attempt."""
    try:
        connection.open()
    except Exception as error:  # the network, the greeting, encryption, signing in
        log.warning("the mail server cannot be used: %s", _describe_error(error))
        connection.close()
        return False
    return True


def send(notification: Notification, connection: BaseEmailBackend) -> Exception | None:
    """Send a claimed message and store the outcome. Return the error, or None on success."""
    has_gone_out = False
    try:
        email = render(notification, to_send=True)
        # Only messages about an account can have a sign-in link, which must not stay in the outbox.
        kept = render(notification) if notification.account_event_id else email
        message = _build_email(notification, email, connection)
        # Stored before it goes out, and committed after: on a full disk it is not sent, and only the commit can fail
        # between the server's acceptance and our record of it.
        with transaction.atomic():
            sent = {"status": NotificationStatus.SENT, "sent_at": timezone.now(), "error": ""}
            if not _store_outcome(notification, subject=kept.subject, text=kept.text, html=kept.html, **sent):
                raise ClaimLostError
            message.send()
            has_gone_out = True
    except Exception as error:  # whatever the mail server or a template does must end up in the row
        if has_gone_out:
            raise  # it stays claimed until the claim expires, and is tried again
        log.warning(
            "notification %s attempt %s failed: %s", notification.pk, notification.attempts, _describe_error(error)
        )
        _store_failure(notification, error)
        connection.close()
        return error
    log.info("notification %s sent", notification.pk)
    return None


def _build_email(
    notification: Notification, rendered: Rendered, connection: BaseEmailBackend
) -> EmailMultiAlternatives:
    if not rendered.recipient.isprintable():  # control characters could inject headers
        raise ValueError("The recipient's address has control characters in it.")
    headers = {"From": rendered.sender, "Message-ID": _message_id(notification), "Auto-Submitted": "auto-generated"}
    if MAIL_GROUPS.get(NotificationKind(notification.kind)) == MailGroup.DIGEST:
        headers |= {"List-Unsubscribe": f"<{stop_link(notification)}>", "List-Unsubscribe-Post": ONE_CLICK}
    if first := _first_of_thread(notification):
        headers |= {"In-Reply-To": _message_id(first), "References": _message_id(first)}
    message = EmailMultiAlternatives(
        rendered.subject,
        rendered.text,
        return_path(notification) or rendered.sender,  # of the envelope: where it goes if it cannot be delivered
        [rendered.recipient],
        connection=connection,
        headers=headers,
    )
    message.attach_alternative(rendered.html, "text/html")
    message.metadata = {"notification": str(notification.pk)}  # comes back with what a mail service tells of it
    return message


def _message_id(notification: Notification) -> str:
    """Return the same at every attempt: if a worker dies after sending, mail programs recognise the second copy."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<notification-{notification.pk}.{int(notification.created_at.timestamp())}@{domain}>"


def _first_of_thread(notification: Notification) -> Notification | None:
    """Return the first message to this recipient about this referral, if it is another one."""
    about_all = NotificationKind.REFERRALS_HELD
    if notification.event is None or notification.kind == about_all:
        return None
    same = Notification.objects.filter(event__referral=notification.event.referral_id, recipient=notification.recipient)
    return same.filter(pk__lt=notification.pk).exclude(kind=about_all).only("created_at").order_by("pk").first()


def _store_outcome(notification: Notification, **fields: object) -> bool:
    """Return False, and store nothing, if the claim has expired: another worker may have the message now."""
    claimed = {"status": NotificationStatus.SENDING, "claimed_at": notification.claimed_at}
    return bool(Notification.objects.filter(pk=notification.pk, **claimed).update(**fields))


def _store_failure(notification: Notification, error: Exception) -> None:
    if _refuses_us(error):
        # The message is not at fault: it loses no attempt, and in a minute the others go first.
        attempts = notification.attempts - 1
        outcome = {"status": NotificationStatus.PENDING, "attempts": attempts, "due_at": timezone.now() + BACK_OFF[0]}
    elif _is_final(error) or notification.attempts >= MAX_ATTEMPTS:
        outcome = {"status": NotificationStatus.FAILED}
    else:
        wait = BACK_OFF[min(notification.attempts, len(BACK_OFF)) - 1]
        outcome = {"status": NotificationStatus.PENDING, "due_at": timezone.now() + wait}
    _store_outcome(notification, error=_describe_error(error), **outcome, **_NO_BODIES)


def _reply_codes(error: Exception) -> list[int]:
    """Return what the server replied to this message; nothing if the error is of another kind."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    if isinstance(error, (smtplib.SMTPSenderRefused, smtplib.SMTPDataError)):
        return [error.smtp_code]
    return []


def _refuses_us(error: Exception | None) -> bool:
    """Whether the server wants a sign-in first, or refuses our address: the message is not at fault."""
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code >= 500 and error.smtp_code not in TOO_LARGE
    return SIGN_IN_FIRST in _reply_codes(error)


def _is_final(error: Exception) -> bool:
    """Whether to stop trying: the message cannot be sent, or the server refused it for good (5xx, RFC 5321 4.2.1)."""
    if codes := _reply_codes(error):
        return all(code >= 500 for code in codes)
    return isinstance(error, (ValueError, MessageError, smtplib.SMTPNotSupportedError))


def _describe_error(error: Exception) -> str:
    """Return class and codes only: the text may quote addresses."""
    codes = _reply_codes(error) or [getattr(error, "smtp_code", None)]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])[:300]


def sweep(*, seconds: float = SWEEP_SECONDS, enqueue_rest: bool = True) -> int:
    """Send what is due over one connection, including what dead workers left; return how many were sent.

    Ends when the mail server cannot be used or takes nothing from us, but not because of a single message. After
    `seconds` the rest is left to a further sweep, which with `enqueue_rest` is enqueued at once.
    """
    _release_expired_claims()
    if not has_mail_server():
        _keep_due()
        return 0
    Notification.objects.filter(status=NotificationStatus.KEPT).update(status=NotificationStatus.PENDING)
    _give_up_stale()
    _withhold_unsafe()
    deadline = time.monotonic() + seconds
    sent = 0
    connection = get_connection()
    try:
        while _due().exists() and _open(connection) and (notification := claim()):
            error = send(notification, connection)
            sent += error is None
            if _refuses_us(error):
                break
            if time.monotonic() > deadline:
                if enqueue_rest:
                    async_task("referrals.tasks.sweep_outbox", enqueue_rest=False)
                break
    finally:
        connection.close()
    return sent


def _due(at: datetime | None = None) -> QuerySet:
    return Notification.objects.filter(status=NotificationStatus.PENDING, due_at__lte=at or timezone.now())


def _keep_due(pk: int | None = None) -> None:
    due = _due()
    (due.filter(pk=pk) if pk else due).update(status=NotificationStatus.KEPT)


def _withhold_unsafe(pk: int | None = None) -> None:
    """Withhold what is for people of whom it was said only after it was recorded that writing to them is not safe."""
    people = Person.objects.filter(safe_to_write=ContactSafety.UNSAFE)
    due = _due().filter(event__referral__person__in=people, kind__in=TO_THE_PERSON)
    (due.filter(pk=pk) if pk else due).update(status=NotificationStatus.UNSAFE)


def _give_up_stale() -> None:
    """Give up on old messages, which would all go out when a mail server is back. They can still be sent by hand."""
    now = timezone.now()
    _due().filter(first_due_at__lte=now - USEFUL_FOR).update(
        status=NotificationStatus.FAILED, claimed_at=now, error="It could not be sent in time, and is old news by now."
    )


def _release_expired_claims() -> None:
    expired = Notification.objects.filter(
        status=NotificationStatus.SENDING, claimed_at__lt=timezone.now() - CLAIM_EXPIRES
    )
    expired.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=NotificationStatus.FAILED, error="The worker stopped while sending."
    )
    expired.update(status=NotificationStatus.PENDING)


def retry(notification: Notification) -> bool:
    """Try a message that did not arrive again, from attempt 0; False if it is another one."""
    return any(_owe_again(notification, status, due_at=timezone.now()) for status in NOT_ARRIVED)


def mark_past_as_sent(*, before: datetime) -> int:
    """For loading a history: mark messages due before `before` as sent when they were due."""
    return Notification.objects.filter(status=NotificationStatus.PENDING, due_at__lt=before).update(
        status=NotificationStatus.SENT, sent_at=F("due_at"), attempts=1
    )
