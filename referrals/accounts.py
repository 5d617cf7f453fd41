"""What happens to somebody's way of signing in: the password, the second factor, the sessions. Each verb is one
transaction.

Whatever an intruder would do as well is told to the owner of the account by e-mail.
"""

import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_q.tasks import async_task

from referrals import notifications
from referrals.enums import AccountEventKind, NotificationKind
from referrals.models import AccountEvent, Network, NetworkRole, PasswordResetRequest, User
from referrals.visibility import referral_networks
from referrals.workflow import AlreadyDone, NotAllowed, Refusal

RESET_PAUSE = timedelta(minutes=5)  # between two messages to one account, however often somebody asks
LOCK_PAUSE = timedelta(hours=1)  # the same for the news that an account is attacked
REQUESTS_KEPT = timedelta(days=1)
RESETS_KEPT = timedelta(hours=1)  # for which askers are counted by their address
RECOVERY_CODES = 10
WRONG_CODES_TOLD = 5  # whoever comes as far as the code knows the password

_Device = TypeVar("_Device", TOTPDevice, StaticDevice)


class TooManyTries(Refusal):
    """Codes are not looked at before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__("Too many wrong codes.")
        self.until = until


# Passwords


@transaction.atomic
def ask_for_password_reset(email: str) -> None:
    """Store that somebody asked. Whether there is such an account is looked up by a worker: here all are the same."""
    request = PasswordResetRequest.objects.create(email=email)
    async_task("referrals.tasks.answer_reset_request", request.pk)


@transaction.atomic
def answer_reset_request(pk: int) -> bool:
    """Owe the account of a request its message; False when nothing is owed, or another worker was first."""
    request = PasswordResetRequest.objects.filter(pk=pk, handled_at=None)
    email = request.values_list("email", flat=True).first()
    if email is None or not request.update(handled_at=timezone.now()):
        return False
    user = account_of(email)
    if user is None or not user.is_active or not user.is_staff:
        return False
    _lock(user)
    if _happened_within(RESET_PAUSE, user, AccountEventKind.PASSWORD_RESET_ASKED):
        return False
    _write_down(AccountEventKind.PASSWORD_RESET_ASKED, user, None, tell=NotificationKind.PASSWORD_RESET)
    return True


def waiting_reset_requests() -> list[int]:
    """Return keys of requests that no worker has answered, the oldest first."""
    waiting = PasswordResetRequest.objects.filter(handled_at=None)
    return list(waiting.order_by("asked_at").values_list("pk", flat=True)[:500])


def prune_reset_requests() -> int:
    """Forget what was typed more than a day ago: most of it may be addresses of people who have no account."""
    return PasswordResetRequest.objects.filter(asked_at__lt=timezone.now() - REQUESTS_KEPT).delete()[0]


def prune_tries() -> None:
    """Forget wrong passwords that count no more, and from where new ones were asked for."""
    now = timezone.now()
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=now - RESETS_KEPT).delete()


def account_of(email: str) -> User | None:
    """Return the user of an address, in capitals or not. Mail goes to the address stored, never to the one typed."""
    return User.objects.alias(lowered=Lower("email")).filter(lowered=email.lower()).first()


@transaction.atomic
def change_password(user: User, password: str, *, actor: User | None) -> None:
    """Give `user` a new password, which ends every session but that of whoever renews its hash.

    Wrong codes are forgiven as well: those who typed them knew the old password, and lose it now.
    """
    _lock(user)
    user.set_password(password)
    user.save(update_fields=["password"])
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)
    _write_down(AccountEventKind.PASSWORD_CHANGED, user, actor, tell=NotificationKind.ACCOUNT_CHANGED)


@transaction.atomic
def sign_out_everywhere(user: User, *, actor: User) -> None:
    _end_sessions(user)
    _write_down(AccountEventKind.SIGNED_OUT_EVERYWHERE, user, actor, tell=NotificationKind.ACCOUNT_CHANGED)


@transaction.atomic
def locked(user: User, *, by: str = "password") -> bool:
    """Write down and tell, at most once an hour, that wrong passwords are tried at an account.

    `by` "code" is worse news, as whoever tries codes knows the password: the one does not keep back the other.
    """
    _lock(user)
    if _happened_within(LOCK_PAUSE, user, AccountEventKind.LOCKED, data__by=by):
        return False
    _write_down(AccountEventKind.LOCKED, user, None, tell=NotificationKind.SIGN_IN_LOCKED, by=by)
    return True


def tell_of_lock(attempt_pk: int) -> bool:
    """Do `locked` for the account of a count of wrong passwords, if there is such an account."""
    attempt = AccessAttempt.objects.filter(pk=attempt_pk).first()
    user = account_of(attempt.username or "") if attempt else None
    return user is not None and user.is_active and locked(user)


# The second factor


@dataclass(frozen=True, slots=True)
class SecondFactor:
    is_on: bool
    is_required: bool


def second_factor_of(user: User) -> SecondFactor:
    """Return, for one query, whether `user` has a second factor, and whether a network of the user's asks for one.

    Operators need one as soon as any network does: they reach all of them.
    """
    networks = Network.objects.all() if user.is_superuser else _networks_of(user)
    found = User.objects.values_list(
        Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
        Exists(networks.filter(requires_second_factor=True)),
    )
    return SecondFactor(*found.get(pk=user.pk))


def _networks_of(user: User) -> QuerySet:
    """Return the networks in which `user` has a role of any kind, or an organisation that is active."""
    roles = NetworkRole.objects.filter(user=user.pk)
    return Network.objects.filter(Q(pk__in=roles.values("network")) | Q(pk__in=referral_networks(user).values("pk")))


def codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def turn_second_factor_on(user: User, *, key: str, code: str) -> tuple[TOTPDevice, list[str]]:
    """Make `key` (hexadecimal) the user's, once its first `code` has shown that an app has it.

    Returns the device and the recovery codes, which nobody can read again.
    """
    device = TOTPDevice(user=user, name="App", key=key)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    if not (code.isdecimal() and totp.verify(int(code), device.tolerance)):
        raise Refusal("This code does not fit. Wait for the next one in your app and type that.")
    _lock(user)
    if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise AlreadyDone("Your second factor is on already.")
    device.last_t, device.drift = totp.t(), totp.drift  # this code is used up: it signs nobody in
    device.save()
    _write_down(AccountEventKind.SECOND_FACTOR_ON, user, user, tell=NotificationKind.ACCOUNT_CHANGED)
    return device, _replace_codes(user)


@transaction.atomic
def turn_second_factor_off(user: User, *, actor: User) -> None:
    """Remove the second factor: users their own unless a network asks for it, operators that of a lost telephone.

    Whoever found the telephone may be signed in with it, so an operator ends every session as well.
    """
    if actor != user and not actor.is_superuser:
        raise NotAllowed("Only an operator can turn off somebody else's second factor.")
    if actor == user and second_factor_of(user).is_required:
        raise NotAllowed("A network of yours asks everybody for a second factor, so it stays on.")
    _lock(user)
    if not TOTPDevice.objects.filter(user=user).delete()[0]:
        raise AlreadyDone("There is no second factor to turn off.")
    StaticDevice.objects.filter(user=user).delete()
    if actor != user:
        _end_sessions(user)
    _write_down(AccountEventKind.SECOND_FACTOR_OFF, user, actor, tell=NotificationKind.ACCOUNT_CHANGED)


@transaction.atomic
def make_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes; the old ones are good no more."""
    _lock(user)
    if not TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise NotAllowed("Recovery codes go with a second factor. Set that up first.")
    codes = _replace_codes(user)
    _write_down(AccountEventKind.RECOVERY_CODES_MADE, user, user, tell=NotificationKind.ACCOUNT_CHANGED)
    return codes


def check_code(user: User, code: str) -> TOTPDevice | None:
    """Return the device if its app shows `code` now and it is not used up; TooManyTries when it is not looked at."""
    return _checked(TOTPDevice, user, code)


def use_recovery_code(user: User, code: str) -> StaticDevice | None:
    """Use `code` up and return its device, or None if it is none of the user's."""
    device = _checked(StaticDevice, user, _digest(user, code))
    if device:
        with transaction.atomic():
            _write_down(AccountEventKind.RECOVERY_CODE_USED, user, user, tell=NotificationKind.ACCOUNT_CHANGED)
    return device


def _checked(model: type[_Device], user: User, token: str) -> _Device | None:
    with transaction.atomic():
        device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return None
        _check_patience(device)
        is_right = device.verify_token(token)
    if not is_right and device.throttling_failure_count >= WRONG_CODES_TOLD:
        locked(user, by="code")
    return device if is_right else None


def _check_patience(device: Device) -> None:
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        raise TooManyTries(why["locked_until"])


def _replace_codes(user: User) -> list[str]:
    """Give the user fresh codes of fifty random bits each, and return them as they are shown."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes")
    drawn = [b32encode(secrets.token_bytes(7)).decode()[:10].lower() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_digest(user, code)) for code in drawn])
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


def _digest(user: User, code: str) -> str:
    """Return what is stored in a code's stead: eighty bits that need the secret key and the user to be made."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum()).translate({ord("0"): "o", ord("1"): "l"})
    digest = salted_hmac("referrals.recovery-code", f"{user.pk}:{plain}", algorithm="sha256").digest()
    return b32encode(digest[:10]).decode().lower()


# What the verbs share


def _lock(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])


def _happened_within(pause: timedelta, user: User, kind: AccountEventKind, **data: str) -> bool:
    return AccountEvent.objects.filter(user=user, kind=kind, at__gt=timezone.now() - pause, **data).exists()


def _write_down(
    kind: AccountEventKind, user: User, actor: User | None, *, tell: NotificationKind, **data: str
) -> AccountEvent:
    event = AccountEvent.objects.create(kind=kind, user=user, actor=actor, data=data)
    notifications.record(event, tell, user.email)
    return event
