"""Reads the mailbox that e-mail comes back to, over IMAP."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from email.iterators import typed_subpart_iterator
from email.message import Message
from urllib.parse import unquote, urlsplit

from django.conf import settings
from flufl.bounce import all_failures
from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessage, MailMessageFlags

from referrals.notifications.bounces import find_bounced, take_bounce

log = logging.getLogger(__name__)

READ_AT_ONCE = 200
TIMEOUT = 20  # seconds
_CLASSES = {"imaps": MailBox, "imap+starttls": MailBoxStartTls, "imap": MailBoxUnencrypted}
# Where servers keep the return path to which they delivered.
_ADDRESS_HEADERS = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def read_return_mailbox() -> int:
    """Take what came back; return how many messages of ours that were. Nothing of it is kept but what became of them.

    What is no bounce, such as an absence note, stays there, as read. Does nothing without BOUNCE_MAILBOX.
    """
    if not settings.BOUNCE_MAILBOX:
        return 0
    taken = 0
    with _open(settings.BOUNCE_MAILBOX) as mailbox:
        done = []
        for message in mailbox.fetch(AND(seen=False), limit=READ_AT_ONCE, mark_seen=False, bulk=20):
            pk = find_bounced(_addresses(message))
            if pk and _failed(message):
                taken += take_bounce(pk, is_permanent=not _failed_for_now(message.obj))
                done.append(message.uid)
            else:
                mailbox.flag(message.uid, MailMessageFlags.SEEN, value=True)
        if done:
            mailbox.delete(done)
    if taken:
        log.info("%s messages came back", taken)
    return taken


def _failed(message: MailMessage) -> bool:
    """Whether it says that a message could not be delivered. While it is only delayed, its server goes on trying."""
    try:
        _delayed, failed = all_failures(message.obj)
    except Exception as error:  # anybody can write to this mailbox, and one message must not keep the others
        log.warning("a message that came back cannot be read: %s", type(error).__name__)
        return False
    return bool(failed)


def _failed_for_now(report: Message) -> bool:
    """Whether its status says so (RFC 3463): 4, or 5.2.2, a mailbox that is full."""
    parts = [block for part in typed_subpart_iterator(report, "message", "delivery-status") for block in part.walk()]
    return any((block.get("status") or "").strip().startswith(("4.", "5.2.2")) for block in parts)


def _addresses(message: MailMessage) -> str:
    return " ".join(value for name in _ADDRESS_HEADERS for value in message.headers.get(name, ()))


@contextmanager
def _open(url: str) -> Iterator[BaseMailBox]:
    """Open imaps://user:password@host/folder, imap+starttls:// or, in clear, imap://; without a folder the INBOX."""
    parts = urlsplit(url)
    options = {"timeout": TIMEOUT} | ({"port": parts.port} if parts.port else {})
    mailbox = _CLASSES[parts.scheme](parts.hostname, **options)
    with mailbox.login(unquote(parts.username or ""), unquote(parts.password or ""), parts.path.strip("/") or "INBOX"):
        yield mailbox
