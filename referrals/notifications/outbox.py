"""The e-mail owed: recorded with its cause, sent once by whichever worker claims it."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from email.errors import MessageError
from email.utils import parseaddr

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from referrals.enums import NotificationKind, NotificationStatus
from referrals.models import AccountEvent, CardRequest, Event, Notification, PublicMessage
from referrals.notifications.rendering import Rendered, render

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
CLAIM_EXPIRES = timedelta(minutes=10)  # far beyond EMAIL_TIMEOUT: the worker that claimed it is dead

Cause = Event | AccountEvent | PublicMessage | CardRequest
CAUSED_BY = {Event: "event", AccountEvent: "account_event", PublicMessage: "message", CardRequest: "card_request"}

_rings: ContextVar[bool] = ContextVar("rings", default=True)


@contextmanager
def bell_silenced() -> Iterator[None]:
    """Record without waking a worker. The sweep still finds what is pending: for loading much at once."""
    token = _rings.set(False)
    try:
        yield
    finally:
        _rings.reset(token)


def record(cause: Cause, kind: NotificationKind, recipient: str) -> Notification | None:
    """Store that `recipient` is owed a message because of `cause`; call inside the transaction of the cause.

    Twice the same is once. Nobody without an address is owed anything: None.
    """
    if not recipient:
        return None
    notification, is_new = Notification.objects.get_or_create(
        **{CAUSED_BY[type(cause)]: cause},
        kind=kind,
        recipient=recipient,
        defaults={"due_at": cause.at, "created_at": cause.at},
    )
    if is_new and _rings.get():
        async_task("referrals.tasks.send_notification", notification.pk)
    return notification


def claim(pk: int | None = None, *, at: datetime | None = None) -> Notification | None:
    """Take one due message (that of `pk`, else the oldest), counting the attempt before anything risky is done.

    Rows that another worker is looking at are passed over. None when there is nothing to do.
    """
    now = at or timezone.now()
    with transaction.atomic():
        due = Notification.objects.select_for_update(skip_locked=True).filter(
            status=NotificationStatus.PENDING, due_at__lte=now
        )
        notification = (due.filter(pk=pk) if pk else due).order_by("due_at", "pk").first()
        if notification:
            Notification.objects.filter(pk=notification.pk).update(
                status=NotificationStatus.SENDING, attempts=F("attempts") + 1, claimed_at=now
            )
            notification.refresh_from_db()
    return notification


def send(notification: Notification, connection: BaseEmailBackend | None = None) -> Exception | None:
    """Send a claimed message and write down what became of it. Return what kept it; None when it is sent."""
    try:
        if connection:
            connection.open()
        rendered = render(notification)
        _message(notification, render(notification, to_send=True), connection).send()
    except Exception as error:  # whatever a mail server or a template does, the row tells it
        if connection:
            connection.close()
        log.warning("notification %s attempt %s failed: %s", notification.pk, notification.attempts, _named(error))
        _write_failure(notification, error)
        return error
    as_sent = {"subject": rendered.subject, "text": rendered.text, "html": rendered.html}
    _write(notification, status=NotificationStatus.SENT, sent_at=timezone.now(), error="", **as_sent)
    log.info("notification %s sent", notification.pk)
    return None


def _message(
    notification: Notification, rendered: Rendered, connection: BaseEmailBackend | None
) -> EmailMultiAlternatives:
    if not rendered.recipient.isprintable():  # Python writes some of the others as the end of the header
        raise ValueError("The recipient's address has control characters in it.")
    domain = parseaddr(rendered.sender)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        rendered.subject,
        rendered.text,
        rendered.sender,
        [rendered.recipient],
        connection=connection,
        headers={
            # The same at every attempt: should a worker die between sending and writing so, the copy is known as one.
            "Message-ID": f"<notification-{notification.pk}.{int(notification.created_at.timestamp())}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


def _write(notification: Notification, **fields: object) -> None:
    """Write the fate, unless the claim has expired and another worker has taken the message over."""
    Notification.objects.filter(
        pk=notification.pk, status=NotificationStatus.SENDING, claimed_at=notification.claimed_at
    ).update(**fields)


def _write_failure(notification: Notification, error: Exception) -> None:
    if _is_final(error) or notification.attempts >= MAX_ATTEMPTS:
        _write(notification, status=NotificationStatus.FAILED, error=_named(error))
        return
    wait = BACK_OFF[min(notification.attempts, len(BACK_OFF)) - 1]
    _write(notification, status=NotificationStatus.PENDING, due_at=timezone.now() + wait, error=_named(error))


def _is_final(error: Exception) -> bool:
    """Whether no later attempt can do better: there is no writing to such an address, or the server knows no such
    recipient (a 5xx reply, RFC 5321 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, (ValueError, MessageError))


def _is_of_server(error: Exception | None) -> bool:
    """Whether the next message would fare no better: it is not about this recipient, and not about this message."""
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPRecipientsRefused)


def _named(error: Exception) -> str:
    """Name the error without its text, which may quote addresses."""
    codes = [getattr(error, "smtp_code", None)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])[:300]


def sweep(*, limit: int = 500) -> int:
    """Send what is due over one connection and take back what dead workers left; return how many were sent.

    A mail server that is down ends the sweep: it is not asked `limit` times. A message that fails by itself does not.
    """
    release_expired_claims()
    sent = 0
    connection = get_connection()
    try:
        while sent < limit and (notification := claim()):
            error = send(notification, connection)
            sent += error is None
            if _is_of_server(error):
                break
    finally:
        connection.close()
    return sent


def release_expired_claims(*, at: datetime | None = None) -> int:
    """Make messages pending again whose worker died; give up those that were tried too often."""
    expired = Notification.objects.filter(
        status=NotificationStatus.SENDING, claimed_at__lt=(at or timezone.now()) - CLAIM_EXPIRES
    )
    expired.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=NotificationStatus.FAILED, error="The worker stopped while sending."
    )
    return expired.update(status=NotificationStatus.PENDING)


def retry(notification: Notification) -> bool:
    """Put a message that was given up back among the pending, with a fresh count; False if it is not given up."""
    changed = Notification.objects.filter(pk=notification.pk, status=NotificationStatus.FAILED).update(
        status=NotificationStatus.PENDING, attempts=0, due_at=timezone.now(), error=""
    )
    if changed and _rings.get():
        async_task("referrals.tasks.send_notification", notification.pk)
    return bool(changed)


def settle_past(*, before: datetime) -> int:
    """Write every pending message due before `before` down as sent at its time: for loading a history."""
    return Notification.objects.filter(status=NotificationStatus.PENDING, due_at__lt=before).update(
        status=NotificationStatus.SENT, sent_at=F("due_at"), attempts=1
    )


def oldest_unsent() -> datetime | None:
    """Return since when the oldest pending or half-sent message is due: the measure of the outbox's health."""
    waiting = Notification.objects.filter(status__in=(NotificationStatus.PENDING, NotificationStatus.SENDING))
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()
