"""What all changes of an account share: the lock, the event and the e-mail to its owner."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from referrals import notifications
from referrals.enums import AccountEventKind, NotificationKind
from referrals.models import AccountEvent, User


def lock_user(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])


def happened_within(pause: timedelta, user: User, kind: AccountEventKind, **data: str) -> bool:
    return AccountEvent.objects.filter(user=user, kind=kind, at__gt=timezone.now() - pause, **data).exists()


def record_event(
    kind: AccountEventKind, user: User, actor: User | None, *, tell: NotificationKind, **data: str
) -> AccountEvent:
    event = AccountEvent.objects.create(kind=kind, user=user, actor=actor, data=data)
    notifications.record(event, tell, user.email)
    return event
