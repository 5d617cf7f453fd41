"""Messages from visitors of the public site: corrections of a service, and questions to a network.

Each function is one transaction, which stores the message and its e-mails. The e-mails do not name the writer: messages
are read in the back office, by those who may.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from referrals import notifications, rate_limits
from referrals.access import changeable_by
from referrals.enums import MessageKind, MessageState, WhatIsWrong
from referrals.locks import take_named_lock
from referrals.models import Network, PublicMessage, Service, User
from referrals.notification_kinds import NotificationKind
from referrals.rate_limits import Limit
from referrals.refusals import AlreadyDone, NotAllowed

# Many people in a library or on a phone network share an address, but ten messages an hour are plenty.
FROM_ONE_CLIENT = Limit("message-from-client", 10, timedelta(hours=1))
ABOUT_ONE_SERVICE = Limit("message-about-service", 10, timedelta(days=1))
TO_ONE_NETWORK = Limit("message-to-network", 60, timedelta(days=1))  # as many as coordinators can read
LIMITS = (FROM_ONE_CLIENT, ABOUT_ONE_SERVICE, TO_ONE_NETWORK)

WRITER_KEPT = timedelta(days=30)  # after the message is done, in case of questions
DONE_KEPT = timedelta(days=180)
OPEN_KEPT = timedelta(days=365)  # an open message that old is out of date


@transaction.atomic
def suggest_correction(
    service: Service,
    *,
    key: UUID,
    wrong: WhatIsWrong,
    text: str = "",
    name: str = "",
    contact: str = "",
    client: str | None,
    at: datetime | None = None,
) -> PublicMessage:
    """Tell the organisation and the coordinators that something about `service` is wrong. Raises TooMany.

    `key` identifies the form: the same words sent again with it are the same message. `client` is the sender's network
    address, counted for the limits.
    """
    now = at or timezone.now()
    message, is_new = _store(
        key,
        kind=MessageKind.CORRECTION,
        network_id=service.network_id,
        service_id=service.pk,
        wrong=wrong,
        text=text,
        writer_name=name,
        writer_contact=contact,
        created_at=now,
    )
    if is_new:
        counted = [(FROM_ONE_CLIENT, rate_limits.digest_of(client)), (ABOUT_ONE_SERVICE, str(service.pk))]
        rate_limits.count(counted, at=now)
        for recipient in (service.organisation.email, service.network.email):
            notifications.record(message, NotificationKind.CORRECTION_SUGGESTED, recipient)
    return message


@transaction.atomic
def ask_network(
    network: Network,
    *,
    key: UUID,
    text: str,
    name: str = "",
    contact: str = "",
    client: str | None,
    at: datetime | None = None,
) -> PublicMessage:
    """Send a question to the network's coordinators. `key` and `client` as in `suggest_correction`."""
    now = at or timezone.now()
    message, is_new = _store(
        key,
        kind=MessageKind.QUESTION,
        network_id=network.pk,
        text=text,
        writer_name=name,
        writer_contact=contact,
        created_at=now,
    )
    if is_new:
        rate_limits.count([(FROM_ONE_CLIENT, rate_limits.digest_of(client)), (TO_ONE_NETWORK, str(network.pk))], at=now)
        notifications.record(message, NotificationKind.QUESTION_ASKED, network.email)
    return message


def _store(key: UUID, *, created_at: datetime, **content: object) -> tuple[PublicMessage, bool]:
    """Return the message and whether it is new. Of two sent at once, the second waits and finds the first one's row.

    The content is part of the stored key: changed words from the same form are a new message.
    """
    content_key = uuid5(key, "\0".join(str(value) for value in content.values()))
    take_named_lock("message", content_key)
    return PublicMessage.objects.get_or_create(key=content_key, defaults={**content, "created_at": created_at})


@transaction.atomic
def mark_done(message_id: int, *, actor: User, outcome: str = "", at: datetime | None = None) -> PublicMessage:
    message = _lock(message_id, actor)
    if message.is_done:
        raise AlreadyDone(f"{'You have' if message.done_by == actor else f'{message.done_by} has'} done this already.")
    return _update(
        message, state=MessageState.DONE, done_at=at or timezone.now(), done_by=actor, outcome=outcome.strip()
    )


@transaction.atomic
def reopen(message_id: int, *, actor: User) -> PublicMessage:
    message = _lock(message_id, actor)
    if not message.is_done:
        raise AlreadyDone("This is open already.")
    return _update(message, state=MessageState.OPEN, done_at=None, done_by=None, outcome="")


def _lock(message_id: int, actor: User) -> PublicMessage:
    """Raises NotAllowed.

    `done_by` is not joined: a query that waited for the lock would show the joined row as it was before.
    """
    rows = PublicMessage.objects.select_for_update(of=("self",), no_key=True)
    message = rows.select_related("service__activity", "network").filter(pk=message_id).first()
    if message is None or not changeable_by(actor, PublicMessage).filter(pk=message_id).exists():
        raise NotAllowed("There is no such message here, or it is not yours to answer.")
    return message


def _update(message: PublicMessage, **fields: object) -> PublicMessage:
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(update_fields=list(fields))
    return message


def delete_expired(*, at: datetime | None = None) -> int:
    """Delete old messages and, sooner, the writers of those that are done; return how many messages."""
    now = at or timezone.now()
    done = PublicMessage.objects.filter(state=MessageState.DONE)
    with_writer = done.filter(done_at__lte=now - WRITER_KEPT).exclude(writer_name="", writer_contact="")
    with_writer.update(writer_name="", writer_contact="")
    has_expired = Q(state=MessageState.DONE, done_at__lte=now - DONE_KEPT) | Q(
        state=MessageState.OPEN, created_at__lte=now - OPEN_KEPT
    )
    return PublicMessage.objects.filter(has_expired).delete()[1].get(PublicMessage._meta.label, 0)
