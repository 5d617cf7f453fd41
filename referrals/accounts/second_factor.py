"""The second factor: an app that shows codes, and recovery codes. Each function is one transaction."""

import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from referrals.access.reach import reach_of
from referrals.accounts.account_events import end_sessions, lock_user, tell_user
from referrals.accounts.passwords import warn_of_guessing
from referrals.enums import AccountEventKind
from referrals.models import User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal

RECOVERY_CODES = 10
WARN_AFTER_WRONG_CODES = 5  # few: anyone who types codes has the password already
_Device = TypeVar("_Device", TOTPDevice, StaticDevice)


class TooManyTries(Refusal):
    """No code is checked before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__("Too many wrong codes.")
        self.until = until


@dataclass(frozen=True, slots=True)
class SecondFactor:
    is_on: bool
    is_required: bool


# Not a queryset: every page asks this, and Django would take longer to build it than PostgreSQL to answer.
_SECOND_FACTOR = """
    SELECT EXISTS (SELECT FROM otp_totp_totpdevice WHERE user_id = %(user)s AND confirmed),
           EXISTS (SELECT FROM referrals_network
                   WHERE requires_second_factor AND (%(everywhere)s OR id = ANY (%(networks)s::bigint[])))
"""


def second_factor_of(user: User) -> SecondFactor:
    """Return, in one query, whether `user` has a second factor and whether one of their networks requires it.

    Operators need one as soon as any network does, since they can reach all of them.
    """
    reach = reach_of(user)
    networks = [*reach.joined, *(network for network, _ in reach.roles)]
    with connection.cursor() as cursor:
        cursor.execute(_SECOND_FACTOR, {"user": user.pk, "everywhere": user.is_superuser, "networks": networks})
        return SecondFactor(*cursor.fetchone())


def codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def turn_second_factor_on(user: User, *, key: str, code: str) -> tuple[TOTPDevice, list[str]]:
    """Store `key` (hexadecimal) once a first `code` proves that an app has it.

    Return the device and the recovery codes, which cannot be read again.
    """
    device = TOTPDevice(user=user, name="App", key=key)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    if not (code.isdecimal() and totp.verify(int(code), device.tolerance)):
        raise Refusal("This code is wrong. Wait for the next one in your app and type that.")
    lock_user(user)
    if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise AlreadyDone("Your second factor is on already.")
    device.last_t, device.drift = totp.t(), totp.drift  # this code is used up and cannot sign in
    device.save()
    tell_user(AccountEventKind.SECOND_FACTOR_ON, user, actor=user)
    return device, _replace_codes(user)


@transaction.atomic
def turn_second_factor_off(user: User, *, actor: User) -> None:
    """Remove the actor's own, unless a network requires it, or, as an operator, that of somebody whose phone is lost.

    The finder of the phone may be signed in, so an operator's removal also ends every session.
    """
    if actor != user and not actor.is_superuser:
        raise NotAllowed("Only an operator can turn off somebody else's second factor.")
    lock_user(user)
    if actor == user and second_factor_of(user).is_required:
        raise NotAllowed("A network of yours asks everybody for a second factor, so it stays on.")
    if not TOTPDevice.objects.filter(user=user).delete()[0]:
        raise AlreadyDone("There is no second factor to turn off.")
    StaticDevice.objects.filter(user=user).delete()
    if actor != user:
        end_sessions(user)
    tell_user(AccountEventKind.SECOND_FACTOR_OFF, user, actor=actor)


@transaction.atomic
def make_recovery_codes(user: User) -> list[str]:
    lock_user(user)
    if not TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise NotAllowed("Recovery codes go with a second factor. Set that up first.")
    codes = _replace_codes(user)
    tell_user(AccountEventKind.RECOVERY_CODES_MADE, user, actor=user)
    return codes


def check_code(user: User, code: str) -> TOTPDevice | None:
    """Return the device if its app shows `code` now and the code is unused. Raises TooManyTries."""
    return _check_token(TOTPDevice, user, code)


def use_recovery_code(user: User, code: str) -> StaticDevice | None:
    """Use `code` up and return its device, or None if it is not one of the user's. Raises TooManyTries."""
    device = _check_token(StaticDevice, user, _digest(user, code))
    if device:
        with transaction.atomic():
            tell_user(AccountEventKind.RECOVERY_CODE_USED, user, actor=user)
    return device


def _check_token(model: type[_Device], user: User, token: str) -> _Device | None:
    with transaction.atomic():
        device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return None
        is_allowed, why = device.verify_is_allowed()
        if not is_allowed:
            raise TooManyTries(why["locked_until"])
        is_valid = device.verify_token(token)
    if not is_valid and device.throttling_failure_count >= WARN_AFTER_WRONG_CODES:
        warn_of_guessing(user, by="code")
    return device if is_valid else None


def _replace_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes")
    codes = [b32encode(secrets.token_bytes(7)).decode()[:10].lower() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_digest(user, code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(user: User, code: str) -> str:
    """Return what is stored in place of a code: eighty bits that depend on the secret key and the user."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum()).translate({ord("0"): "o", ord("1"): "l"})
    digest = salted_hmac("referrals.recovery-code", f"{user.pk}:{plain}", algorithm="sha256").digest()
    return b32encode(digest[:10]).decode().lower()
