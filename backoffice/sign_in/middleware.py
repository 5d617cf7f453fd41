"""Ends sessions, and holds users until they have given their second factor.

Both fail closed: only views that `referrals.view_access` marks open to people who are not fully signed in.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from backoffice.pictures import media
from backoffice.sign_in import sessions
from referrals import accounts
from referrals.models import User
from referrals.view_access import is_of_public_site, is_open_to_signed_out, is_open_while_signing_in

# Browsers ask for these by themselves, which does not show that anybody is there.
BACKGROUND = frozenset({"wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"})

TABLE_PROGRESS = "_progress"  # the end of the name of every page that shows how far an import is

GetResponse = Callable[[HttpRequest], HttpResponse]


def _is_asked_by_browser(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name
    if name == "backoffice:session":  # a script asks how long the session lasts; a click on "stay signed in" posts
        return request.method != "POST"
    return media.is_media(request) or name in BACKGROUND or name.endswith(TABLE_PROGRESS)


def way_back(request: HttpRequest) -> str:
    """Return the page to go to afterwards: the one asked for, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host():
        return reverse(settings.LOGIN_REDIRECT_URL)
    return f"{referer.path}?{referer.query}" if referer.query else referer.path


def _redirect(name: str, request: HttpRequest, **query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': way_back(request), **query})}")


class SessionLimitMiddleware:
    """Ends sessions in time. Clicks are recorded at most once a minute, and the browser's own requests never."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_ended = "" if media.is_media(request) else sessions.end_if_over(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: list, kwargs: dict) -> HttpResponse | None:
        if request.session_ended:
            if is_open_to_signed_out(view):
                return None
            return _redirect("backoffice:login", request, ended=request.session_ended)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not _is_asked_by_browser(request):
            sessions.touch(request.session)
        return None


class SecondFactorMiddleware:
    """Ask people who signed in with a password alone for the second factor that they have or a network requires."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: list, kwargs: dict) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if is_of_public_site(view):  # most of its pages never ask who the user is, so nothing is looked up here
            request.user = SimpleLazyObject(lambda: AnonymousUser() if _next_step(user) else user)
        if is_open_while_signing_in(view):
            return None
        step = _next_step(user)
        return _redirect(step, request) if step else None


def _next_step(user: User) -> str:
    """Return the name of the page where signing in goes on; empty for people who are in, and for strangers."""
    if not user.is_authenticated or user.is_verified():
        return ""
    second_factor = accounts.second_factor_of(user)
    if second_factor.is_on:
        return "backoffice:code"
    return "backoffice:second_factor" if second_factor.is_required else ""
