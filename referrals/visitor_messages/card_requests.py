"""Sending a service's public card to an address that a visitor types, with limits.

The e-mail holds only the organisation's words, so it cannot be used to write to others.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation

from referrals import notifications, rate_limits
from referrals.mailboxes import mailbox_of
from referrals.models import CardRequest, Notification, Service
from referrals.notification_kinds import NotificationKind, NotificationStatus
from referrals.rate_limits import Limit

FROM_ONE_CLIENT = Limit("card-from-client", 10, timedelta(hours=1))  # an adviser sends several
TO_ONE_ADDRESS = Limit("card-to-address", 5, timedelta(days=1))  # more in one day is abuse
IN_ALL = Limit("card-in-all", 300, timedelta(hours=1))  # stops a flood that comes from thousands of client addresses
LIMITS = (FROM_ONE_CLIENT, TO_ONE_ADDRESS, IN_ALL)

KEPT = timedelta(days=1)  # if the mail server is down: a later card is no use to the visitor
UNSENT = (NotificationStatus.PENDING, NotificationStatus.SENDING, NotificationStatus.KEPT)


@transaction.atomic
def ask_for_card(
    service: Service, *, key: UUID, recipient: str, page: str, client: str | None, at: datetime | None = None
) -> CardRequest:
    """Record that `recipient` is to get the card of `service`, which must be public. Raises TooMany.

    `page` is the absolute address of the service's page. `key` and `client` as in public_messages.
    """
    now = at or timezone.now()
    request, is_new = CardRequest.objects.get_or_create(
        key=uuid5(key, f"{service.pk} {recipient}"),
        defaults={"service": service, "page": page, "language": translation.get_language() or "", "at": now},
    )
    if is_new:
        counted = [
            (FROM_ONE_CLIENT, rate_limits.digest_of(client)),
            (TO_ONE_ADDRESS, rate_limits.digest_of(mailbox_of(recipient))),
            (IN_ALL, ""),
        ]
        rate_limits.count(counted, at=now)
        notifications.record(request, NotificationKind.CARD_SENT, recipient)
    return request


def delete_expired(*, at: datetime | None = None) -> int:
    """Delete requests once their message is sent, has failed or is a day old; return how many."""
    now = at or timezone.now()
    unsent = Notification.objects.filter(card_request=OuterRef("pk"), status__in=UNSENT)
    expired = CardRequest.objects.filter(~Exists(unsent)) | CardRequest.objects.filter(at__lte=now - KEPT)
    return expired.delete()[1].get(CardRequest._meta.label, 0)
