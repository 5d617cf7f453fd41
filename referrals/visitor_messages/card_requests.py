"""A service's public card by e-mail, to whatever address a visitor types: nothing else, and not often.

Nobody's words but the organisation's are in it, so that nobody writes to others through it.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation

from referrals import notifications, rate_limits
from referrals.enums import NotificationKind, NotificationStatus
from referrals.models import CardRequest, Notification, Service
from referrals.rate_limits import Limit
from referrals.visitor_messages.mailboxes import mailbox_of

FROM_ONE_CLIENT = Limit("card-from-client", 10, timedelta(hours=1))  # a worker at a desk sends some, one by one
TO_ONE_ADDRESS = Limit("card-to-address", 5, timedelta(days=1))  # whoever is sent more has not asked for them
IN_ALL = Limit("card-in-all", 300, timedelta(hours=1))  # so that thousands of addresses of clients send no flood
LIMITS = (FROM_ONE_CLIENT, TO_ONE_ADDRESS, IN_ALL)

KEPT = timedelta(days=1)  # at most, should the mail server not take it: then it is too late for the visitor as well
ON_THE_WAY = (NotificationStatus.PENDING, NotificationStatus.SENDING)


@transaction.atomic
def ask_for_card(
    service: Service, *, key: UUID, recipient: str, page: str, client: str | None, at: datetime | None = None
) -> CardRequest:
    """Owe `recipient` the card of `service`, which the caller has found among those that the public may see.

    `key` is the form's own, as in `public_messages`; `page` is the whole address of the service's page; `client` the
    network address of whoever asks. Raises TooMany.
    """
    now = at or timezone.now()
    request, is_new = CardRequest.objects.get_or_create(
        key=uuid5(key, f"{service.pk} {recipient}"),
        defaults={"service": service, "page": page, "language": translation.get_language() or "", "at": now},
    )
    if is_new:
        counted = [
            (FROM_ONE_CLIENT, rate_limits.digest_of(client) if client else None),
            (TO_ONE_ADDRESS, rate_limits.digest_of(mailbox_of(recipient))),
            (IN_ALL, ""),
        ]
        rate_limits.count(counted, at=now)
        notifications.record(request, NotificationKind.CARD_SENT, recipient)
    return request


def forget(*, at: datetime | None = None) -> int:
    """Forget each address once its message is sent, given up or a day old; return how many."""
    now = at or timezone.now()
    waiting = Notification.objects.filter(card_request=OuterRef("pk"), status__in=ON_THE_WAY)
    settled = CardRequest.objects.filter(~Exists(waiting)) | CardRequest.objects.filter(at__lte=now - KEPT)
    return settled.delete()[1].get(CardRequest._meta.label, 0)
