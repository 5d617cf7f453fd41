"""E-mail that comes back: which message it was, and what becomes of that and of its address.

A bounce is known by its own return path, which no stranger can make up: the key of the message with a keyed hash.
"""

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from referrals.models import Notification, SuppressedAddress
from referrals.notification_kinds import NotificationStatus

TRIED_AGAIN_AFTER = timedelta(hours=4)
TRIED_AT_MOST = 3
_SUFFIX = re.compile(r"\+(\d+)-([0-9a-f]{16})@", re.IGNORECASE)


def return_path(notification: Notification) -> str:
    """Return the address that the message goes back to if it cannot be delivered; "" if the installation has none."""
    name, at, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{name}+{notification.pk}-{_hash(notification.pk)}@{domain}" if at else ""


def find_bounced(addresses: str) -> int | None:
    """Return the key of the message that one of these addresses is the return path of."""
    for key, given in _SUFFIX.findall(addresses):
        if constant_time_compare(_hash(int(key)), given.lower()):
            return int(key)
    return None


def _hash(key: int) -> str:
    return salted_hmac("referrals.return_path", str(key)).hexdigest()[:16]


@transaction.atomic
def take_bounce(pk: int, *, is_permanent: bool, at: datetime | None = None) -> bool:
    """Store that a sent message came back; return whether that is news.

    One that came back for now is tried again, three times in all. Nothing more goes to an address that is gone.
    """
    now = at or timezone.now()
    rows = Notification.objects.select_for_update(no_key=True)
    notification = rows.filter(pk=pk, status=NotificationStatus.SENT).first()
    if notification is None:
        return False
    notification.bounces += 1
    notification.sent_at = None
    if is_permanent:
        SuppressedAddress.objects.get_or_create(address=notification.recipient.lower(), defaults={"since": now})
    if is_permanent or notification.bounces >= TRIED_AT_MOST:
        notification.status = NotificationStatus.BOUNCED
        notification.error = "The address does not exist." if is_permanent else "It came back three times."
        notification.claimed_at = now
    else:
        notification.status = NotificationStatus.PENDING
        notification.error = "It came back for now."
        notification.due_at = now + TRIED_AGAIN_AFTER
    notification.save(update_fields=["bounces", "sent_at", "status", "error", "claimed_at", "due_at"])
    return True
