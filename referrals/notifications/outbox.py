"""E-mails: stored in the transaction of their cause, then sent once, by the worker that claims them."""

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
from django.db.models import F, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from referrals.enums import NotificationKind, NotificationStatus
from referrals.models import AccountEvent, CardRequest, Event, Notification, PublicMessage
from referrals.notifications.rendering import Rendered, render

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
CLAIM_EXPIRES = timedelta(minutes=10)  # far longer than EMAIL_TIMEOUT: the worker must have died

Cause = Event | AccountEvent | PublicMessage | CardRequest
CAUSED_BY = {Event: "event", AccountEvent: "account_event", PublicMessage: "message", CardRequest: "card_request"}

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
    """Store that `recipient` is owed a message. Call it in the transaction of the cause.

    A second call changes nothing, unless the message was cancelled meanwhile: then it is owed again. Returns None, and
    stores nothing, when there is no address.
    """
    if not recipient:
        return None
    notification, is_new = Notification.objects.get_or_create(
        **{CAUSED_BY[type(cause)]: cause},
        kind=kind,
        recipient=recipient,
        defaults={"due_at": due_at or cause.at, "created_at": cause.at},
    )
    if not is_new:
        is_new = bool(_change(notification, NotificationStatus.CANCELLED, NotificationStatus.PENDING))
    if is_new:
        _enqueue(notification)
    return notification


def _change(notification: Notification, before: NotificationStatus, after: NotificationStatus, **fields: object) -> int:
    rows = Notification.objects.filter(pk=notification.pk, status=before)
    return rows.update(status=after, **fields)


def cancel(causes: QuerySet[Event]) -> int:
    """Let nothing more go out about these events; return how many messages that stops."""
    unsent = Notification.objects.filter(event__in=causes, status=NotificationStatus.PENDING)
    # That one speaks of all that waits in the network.
    return unsent.exclude(kind=NotificationKind.REFERRALS_HELD).update(status=NotificationStatus.CANCELLED)


def _enqueue(notification: Notification) -> None:
    if _enqueues.get():
        async_task("referrals.tasks.send_notification", notification.pk)


def claim(pk: int | None = None, *, at: datetime | None = None) -> Notification | None:
    """Take one due message, `pk` or else the oldest, and count the attempt before anything can fail.

    Rows locked by another worker are skipped.
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
    """Send a claimed message and store the outcome. Return the error, or None on success."""
    try:
        if connection:
            connection.open()
        email = render(notification, to_send=True)
        # Only messages about an account can have a sign-in link, which must not stay in the outbox.
        kept = render(notification) if notification.account_event_id else email
        _build_email(notification, email, connection).send()
    except Exception as error:  # whatever the mail server or a template does must end up in the row
        if connection:
            connection.close()
        log.warning(
            "notification %s attempt %s failed: %s", notification.pk, notification.attempts, _describe_error(error)
        )
        _store_failure(notification, error)
        return error
    bodies = {"subject": kept.subject, "text": kept.text, "html": kept.html}
    _store_outcome(notification, status=NotificationStatus.SENT, sent_at=timezone.now(), error="", **bodies)
    log.info("notification %s sent", notification.pk)
    return None


def _build_email(
    notification: Notification, rendered: Rendered, connection: BaseEmailBackend | None
) -> EmailMultiAlternatives:
    if not rendered.recipient.isprintable():  # control characters could inject headers
        raise ValueError("The recipient's address has control characters in it.")
    domain = parseaddr(rendered.sender)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        rendered.subject,
        rendered.text,
        rendered.sender,
        [rendered.recipient],
        connection=connection,
        headers={
            # The same at every attempt: if a worker dies after sending, mail programs recognise the second copy.
            "Message-ID": f"<notification-{notification.pk}.{int(notification.created_at.timestamp())}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


def _store_outcome(notification: Notification, **fields: object) -> None:
    # A claim may have expired, and another worker may have the message now.
    Notification.objects.filter(
        pk=notification.pk, status=NotificationStatus.SENDING, claimed_at=notification.claimed_at
    ).update(**fields)


def _store_failure(notification: Notification, error: Exception) -> None:
    if _is_final(error) or notification.attempts >= MAX_ATTEMPTS:
        _store_outcome(notification, status=NotificationStatus.FAILED, error=_describe_error(error))
        return
    wait = BACK_OFF[min(notification.attempts, len(BACK_OFF)) - 1]
    _store_outcome(
        notification, status=NotificationStatus.PENDING, due_at=timezone.now() + wait, error=_describe_error(error)
    )


def _is_final(error: Exception) -> bool:
    """Whether to stop trying: the address is impossible, or the server refused it for good (5xx, RFC 5321 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, (ValueError, MessageError))


def _is_server_down(error: Exception | None) -> bool:
    # Otherwise the error is about this recipient or this message.
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPRecipientsRefused)


def _describe_error(error: Exception) -> str:
    """Return class and codes only: the text may quote addresses."""
    codes = [getattr(error, "smtp_code", None)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])[:300]


def sweep(*, limit: int = 500) -> int:
    """Send what is due over one connection, including what dead workers left; return how many were sent.

    Stops when the mail server is down, but not when a single message fails.
    """
    _release_expired_claims()
    sent = 0
    connection = get_connection()
    try:
        while sent < limit and (notification := claim()):
            error = send(notification, connection)
            sent += error is None
            if _is_server_down(error):
                break
    finally:
        connection.close()
    return sent


def _release_expired_claims() -> None:
    expired = Notification.objects.filter(
        status=NotificationStatus.SENDING, claimed_at__lt=timezone.now() - CLAIM_EXPIRES
    )
    expired.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=NotificationStatus.FAILED, error="The worker stopped while sending."
    )
    expired.update(status=NotificationStatus.PENDING)


def retry(notification: Notification) -> bool:
    """Try a failed message again from attempt 0; False if it has not failed."""
    fields = {"attempts": 0, "due_at": timezone.now(), "error": ""}
    changed = _change(notification, NotificationStatus.FAILED, NotificationStatus.PENDING, **fields)
    if changed:
        _enqueue(notification)
    return bool(changed)


def mark_past_as_sent(*, before: datetime) -> int:
    """For loading a history: mark messages due before `before` as sent when they were due."""
    return Notification.objects.filter(status=NotificationStatus.PENDING, due_at__lt=before).update(
        status=NotificationStatus.SENT, sent_at=F("due_at"), attempts=1
    )


def oldest_unsent() -> datetime | None:
    """Return when the oldest unsent message was due; the health check watches it."""
    waiting = Notification.objects.filter(status__in=(NotificationStatus.PENDING, NotificationStatus.SENDING))
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()
