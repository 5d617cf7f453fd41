"""Ends sessions, and holds users until they have given their second factor. Both fail closed: a page that is not
listed here is for users who are fully signed in."""

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

# The public site, which knows nothing of sessions: all its patterns, which a test compares.
PUBLIC_SITE = frozenset(
    {
        "branding",
        "new_services",
        "public_catchment",
        "public_clusters",
        "public_correction",
        "public_correction_thanks",
        "public_ground",
        "public_message",
        "public_message_thanks",
        "public_organisation",
        "public_qr",
        "public_send",
        "public_send_thanks",
        "public_service",
        "robots",
        "sitemap",
        "sitemap_section",
        "wagtail_serve",
    }
)
# Open to anybody, so nothing is lost when a session ends or is not complete.
PUBLIC = PUBLIC_SITE | {
    "backoffice:code",
    "backoffice:login",
    "backoffice:logout",
    "backoffice:recovery",
    "backoffice:session",
    "healthz",
    media.NAME,
    "password_reset",
    "password_reset_confirm",
    "referral_form",
    "referral_form_link",
    "referral_sent",
}
OPEN_TO_INVITED = frozenset({"join"})  # who takes an invitation up signed in, does so signed in in full
OPEN_WHILE_HELD = PUBLIC | {"backoffice:second_factor"}

# What a browser asks for of its own accord, which is no sign of anybody being there.
BACKGROUND = frozenset({media.NAME, "wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"})

TABLE_PROGRESS = "_progress"  # how the page ends that shows how far a large table is, whatever its rows

Answer = Callable[[HttpRequest], HttpResponse]


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _asked_by_browser(request: HttpRequest, name: str) -> bool:
    asks_only = name == "backoffice:session" and request.method != "POST"
    return asks_only or name in BACKGROUND or name.endswith(TABLE_PROGRESS)


def way_back(request: HttpRequest) -> str:
    """Return the page to go to afterwards: the one asked for, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host():
        return reverse(settings.LOGIN_REDIRECT_URL)
    return f"{referer.path}?{referer.query}" if referer.query else referer.path


def _to(name: str, request: HttpRequest, **query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': way_back(request), **query})}")


class SessionLimitMiddleware:
    """Ends sessions in time. Clicks are recorded at most once a minute, and the browser's own requests never."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_ended = "" if media.is_media(request) else sessions.end_if_over(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Answer, args: list, kwargs: dict) -> HttpResponse | None:
        name = _name(request)
        if request.session_ended:
            is_open = name in PUBLIC | OPEN_TO_INVITED
            return None if is_open else _to("backoffice:login", request, ended=request.session_ended)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not _asked_by_browser(request, name):
            sessions.touch(request.session)
        return None


class SecondFactorMiddleware:
    """Hold those who signed in with a password alone, and have a second factor or are asked for one by a network."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Answer, args: list, kwargs: dict) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        name, user = _name(request), request.user
        if name in PUBLIC_SITE:  # some of its pages are for the signed-in alone; most never ask who that is
            request.user = SimpleLazyObject(lambda: AnonymousUser() if _step_missing(user) else user)
        if name in OPEN_WHILE_HELD:
            return None
        step = _step_missing(user)
        return _to(step, request) if step else None


def _step_missing(user: User) -> str:
    """Return the page on which the user goes on signing in; empty for those who are in, and for strangers."""
    if not user.is_authenticated or user.is_verified():
        return ""
    second_factor = accounts.second_factor_of(user)
    if second_factor.is_on:
        return "backoffice:code"
    return "backoffice:second_factor" if second_factor.is_required else ""
