"""What visitors of the public site tell the people behind it: corrections of a service, questions to a network.

Each verb is one transaction: the message is stored, and the e-mail owed that says so. It names the writer to nobody:
who may read a message reads it in the back office.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from referrals import notifications, rate_limits
from referrals.access import changeable_by
from referrals.enums import MessageKind, MessageState, NotificationKind, WhatIsWrong
from referrals.models import Network, PublicMessage, Service, User
from referrals.rate_limits import Limit
from referrals.workflow import AlreadyDone, NotAllowed

# A library, a day centre or a phone company lends one address to many people: none of them writes ten times an hour.
FROM_ONE_CLIENT = Limit("message-from-client", 10, timedelta(hours=1))
ABOUT_ONE_SERVICE = Limit("message-about-service", 10, timedelta(days=1))  # more would tell its people nothing new
TO_ONE_NETWORK = Limit("message-to-network", 60, timedelta(days=1))  # as many as coordinators could read
LIMITS = (FROM_ONE_CLIENT, ABOUT_ONE_SERVICE, TO_ONE_NETWORK)

WRITER_KEPT = timedelta(days=30)  # after it is done: should there be a question back
DONE_KEPT = timedelta(days=180)
OPEN_KEPT = timedelta(days=365)  # what nobody has looked at for so long is out of date


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
    """Tell the organisation and the coordinators of the network that something said of `service` is wrong.

    `key` is the form's own: the same words sent again with it are the same message. `client` is the network address of
    whoever asks, to be counted. Raises TooMany.
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
        rate_limits.count([(FROM_ONE_CLIENT, _counted(client)), (ABOUT_ONE_SERVICE, str(service.pk))], at=now)
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
    """Put a question to the coordinators of a network; as `suggest_correction` does."""
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
        rate_limits.count([(FROM_ONE_CLIENT, _counted(client)), (TO_ONE_NETWORK, str(network.pk))], at=now)
        notifications.record(message, NotificationKind.QUESTION_ASKED, network.email)
    return message


def _store(key: UUID, *, created_at: datetime, **said: object) -> tuple[PublicMessage, bool]:
    """Store it, if it is not there yet: of two at once the second waits, and finds the first one's row.

    What was said goes into the key: whoever goes back, changes the words and sends them again has said something new.
    """
    own = uuid5(key, "\0".join(str(value) for value in said.values()))
    return PublicMessage.objects.get_or_create(key=own, defaults={**said, "created_at": created_at})


def _counted(client: str | None) -> str | None:
    return rate_limits.digest_of(client) if client else None


@transaction.atomic
def settle(message_id: int, *, actor: User, outcome: str = "", at: datetime | None = None) -> PublicMessage:
    """Write down that there is nothing more to do about a message, and, in a few words, what came of it."""
    message = _lock(message_id, actor)
    if message.is_done:
        raise AlreadyDone(f"{message.done_by} has done this already.")
    return _write(
        message, state=MessageState.DONE, done_at=at or timezone.now(), done_by=actor, outcome=outcome.strip()
    )


@transaction.atomic
def reopen(message_id: int, *, actor: User) -> PublicMessage:
    """Take back that a message is done."""
    message = _lock(message_id, actor)
    if not message.is_done:
        raise AlreadyDone("This is open already.")
    return _write(message, state=MessageState.OPEN, done_at=None, done_by=None, outcome="")


def _lock(message_id: int, actor: User) -> PublicMessage:
    """Lock it and return it as it stands now. Who has done it is read after that: whoever waited here for another's
    answer has joined other tables as they were before it."""
    rows = changeable_by(actor, PublicMessage).select_for_update(of=("self",), no_key=True)
    message = rows.select_related("service__activity", "network").filter(pk=message_id).first()
    if message is None:
        raise NotAllowed("There is no such message here, or it is not yours to answer.")
    return message


def _write(message: PublicMessage, **fields: object) -> PublicMessage:
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(update_fields=list(fields))
    return message


def forget(*, at: datetime | None = None) -> int:
    """Forget who wrote what is done, and in time the messages themselves; return how many messages were deleted."""
    now = at or timezone.now()
    done = PublicMessage.objects.filter(state=MessageState.DONE)
    named = done.filter(done_at__lte=now - WRITER_KEPT).exclude(writer_name="", writer_contact="")
    named.update(writer_name="", writer_contact="")
    is_over = Q(state=MessageState.DONE, done_at__lte=now - DONE_KEPT) | Q(
        state=MessageState.OPEN, created_at__lte=now - OPEN_KEPT
    )
    over = PublicMessage.objects.filter(is_over)
    return over.delete()[1].get(PublicMessage._meta.label, 0)
