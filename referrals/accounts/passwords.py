"""Passwords and sessions. Each function is one transaction.

The account's owner gets an e-mail about everything an intruder could have done.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_q.tasks import async_task

from referrals.accounts.account_events import end_sessions, happened_within, lock_user, tell_user
from referrals.enums import AccountEventKind
from referrals.models import PasswordResetRequest, RateLimitCounter, User
from referrals.notification_kinds import NotificationKind
from referrals.rate_limits import Limit, count, digest_of

RESET_PAUSE = timedelta(minutes=5)  # between two messages to one account
WARNING_PAUSE = timedelta(hours=1)  # between two warnings about guessed passwords
REQUESTS_KEPT = timedelta(days=1)
RESETS_BY_ONE_ADDRESS = Limit("password-resets-by-address", 20, timedelta(hours=1))


@transaction.atomic
def ask_for_password_reset(email: str, *, client: str | None) -> None:
    """Store the request. A worker looks up the account, so the answer does not reveal whether there is one.

    `client` is the network address to count against the limit. Raises TooMany.
    """
    count([(RESETS_BY_ONE_ADDRESS, digest_of(client))], at=timezone.now())
    request = PasswordResetRequest.objects.create(email=email)
    async_task("referrals.tasks.answer_reset_request", request.pk)


@transaction.atomic
def answer_reset_request(pk: int) -> bool:
    """Queue the e-mail. Return False if there is no account, or another worker was first."""
    request = PasswordResetRequest.objects.filter(pk=pk, handled_at=None)
    email = request.values_list("email", flat=True).first()
    if email is None or not request.update(handled_at=timezone.now()):
        return False
    user = find_account(email)
    if user is None or not user.is_active or not user.is_staff:
        return False
    lock_user(user)
    if happened_within(RESET_PAUSE, user, AccountEventKind.PASSWORD_RESET_ASKED):
        return False
    tell_user(AccountEventKind.PASSWORD_RESET_ASKED, user, actor=None, message=NotificationKind.PASSWORD_RESET)
    return True


def waiting_reset_requests() -> list[int]:
    waiting = PasswordResetRequest.objects.filter(handled_at=None)
    return list(waiting.order_by("asked_at").values_list("pk", flat=True)[:500])


def prune_reset_requests() -> int:
    """Delete requests older than a day: they hold addresses of people who have no account."""
    return PasswordResetRequest.objects.filter(asked_at__lt=timezone.now() - REQUESTS_KEPT).delete()[0]


def find_account(email: str) -> User | None:
    """Find a user by address, ignoring case. E-mail goes to the stored address, never to the one typed."""
    return User.objects.alias(lowered=Lower("email")).filter(lowered=email.lower()).first()


@transaction.atomic
def change_password(user: User, password: str, *, actor: User | None) -> None:
    """Set a new password, which ends all sessions except one whose hash the caller renews.

    Also clears failed codes: they were entered with the old password, which no longer works.
    """
    lock_user(user)
    user.set_password(password)
    user.save(update_fields=["password"])
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)
    record_password_change(user, actor=actor)


def record_password_change(user: User, *, actor: User | None) -> None:
    tell_user(AccountEventKind.PASSWORD_CHANGED, user, actor=actor)


@transaction.atomic
def sign_out_everywhere(user: User, *, actor: User) -> None:
    end_sessions(user)
    tell_user(AccountEventKind.SIGNED_OUT_EVERYWHERE, user, actor=actor)


@transaction.atomic
def warn_of_guessing(user: User, *, by: str = "password") -> bool:
    """Warn the owner, at most once an hour for each kind, about wrong passwords or (`by`) wrong codes.

    Kinds are counted apart because a wrong code is worse: it comes after the right password.
    """
    lock_user(user)
    if happened_within(WARNING_PAUSE, user, AccountEventKind.LOCKED, data__by=by):
        return False
    tell_user(AccountEventKind.LOCKED, user, actor=None, message=NotificationKind.SIGN_IN_LOCKED, by=by)
    return True


def warn_account_owner(counter_pk: int) -> bool:
    counter = RateLimitCounter.objects.filter(pk=counter_pk).first()
    user = find_account(counter.whom) if counter else None
    return user is not None and user.is_active and warn_of_guessing(user)
