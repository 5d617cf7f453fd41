"""The steps from the right password to being signed in.

With a second factor, the password alone does not sign in: for ten minutes the session remembers whose it was.
"""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_otp import login as otp_login
from django_otp.models import Device

from backoffice.sign_in import unsent
from referrals import accounts
from referrals.client_address import client_address
from referrals.models import User

CODE_AWAITED = "waits_for_code"  # key in the session
CODE_TIMEOUT = 10 * 60  # seconds


def safe_next(request: HttpRequest) -> str:
    """Return the URL in `next` if it is on this site, else ""."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else ""


def redirect_after_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    if unsent.find(request.session):
        return HttpResponseRedirect(resolve_url("backoffice:unsent"))
    return HttpResponseRedirect(safe_next(request) or resolve_url(settings.LOGIN_REDIRECT_URL))


def pending_step(user: User) -> str:
    """Return the name of the page that completes signing in; "" for anybody who is fully signed in or not at all."""
    if not user.is_authenticated or user.is_verified():
        return ""
    second_factor = accounts.second_factor_of(user)
    if second_factor.is_on:
        return "backoffice:code"
    return "backoffice:second_factor" if second_factor.is_required else ""


def complete_password_step(request: HttpRequest, user: User) -> HttpResponse:
    if not accounts.second_factor_of(user).is_on:
        _sign_in(request, user)
        return redirect_after_sign_in(request)
    kept = unsent.of_user(request.session, user)
    request.session.flush()  # as `login` does when the user changes: drop the old session and its key
    if kept:
        request.session[unsent.KEY] = kept
        request.session.set_expiry(unsent.KEPT_SECONDS)
    request.session[CODE_AWAITED] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
    }
    return HttpResponseRedirect(with_next("backoffice:code", request))


def with_next(name: str, request: HttpRequest) -> str:
    target = safe_next(request)
    return f"{resolve_url(name)}?{urlencode({'next': target})}" if target else resolve_url(name)


def user_awaiting_code(request: HttpRequest) -> User | None:
    """Return the user who gave the right password, in this session or just now, and still has to type a code."""
    if request.user.is_authenticated:
        needs_code = not request.user.is_verified() and accounts.second_factor_of(request.user).is_on
        return request.user if needs_code else None
    typed = request.session.get(CODE_AWAITED)
    if not typed or timezone.now().timestamp() - typed["at"] > CODE_TIMEOUT:
        return None
    user = ModelBackend().get_user(typed["user"])  # None for those deactivated since
    if user is None or not constant_time_compare(typed["hash"], user.get_session_auth_hash()):
        return None
    return user


def _sign_in(request: HttpRequest, user: User) -> None:
    login(request, user)
    accounts.forgive_own(user.email, client_address(request))


def complete_code_step(request: HttpRequest, user: User, device: Device) -> HttpResponse:
    request.session.pop(CODE_AWAITED, None)
    _sign_in(request, user)
    otp_login(request, device)
    request.session.cycle_key()  # `login` keeps the key if the password has signed the same user in before
    return redirect_after_sign_in(request)
