"""Ends expired sessions, and asks for the second factor before anything else.

Both fail closed: people who are not fully signed in reach only the views that `referrals.view_access` marks.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from backoffice.pictures import media
from backoffice.requests import is_by_script, is_staff_area
from backoffice.sign_in import sessions, unsent
from backoffice.sign_in.steps import pending_step
from referrals.view_access import is_of_public_site, is_open_to_signed_out, is_open_while_signing_in

# Pages poll these by themselves, so they do not show that anybody is there.
BACKGROUND_VIEWS = frozenset({"wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"})

TABLE_PROGRESS = "_progress"  # the end of the name of every page that shows how far an import is

SIGNED_OUT = "You have been signed out. What you typed is still here: sign in again in a new tab, then come back."

GetResponse = Callable[[HttpRequest], HttpResponse]


def _is_background_request(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name
    if name == "backoffice:session":  # a script polls it; "Stay signed in" posts to it
        return request.method != "POST"
    return media.is_media(request) or name in BACKGROUND_VIEWS or name.endswith(TABLE_PROGRESS)


def _redirect(name: str, request: HttpRequest, **query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': unsent.return_path(request), **query})}")


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return _redirect("backoffice:login", request, ended=request.session_ended)
    if is_by_script(request):
        return unsent.refuse_script(request, SIGNED_OUT)
    return _redirect("backoffice:login", request, ended="unsent" if unsent.keep(request) else "lost")


class SessionLimitMiddleware:
    """Ends a session that has been idle or has lasted too long. Background requests do not keep it alive."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_ended = "" if media.is_media(request) else sessions.end_if_expired(request)
        response = self.get_response(request)
        unsent.remember_user(request, response)
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: list, kwargs: dict) -> HttpResponse | None:
        is_post_to_staff = request.method == "POST" and is_staff_area(request)
        if request.session_ended or (is_post_to_staff and not request.user.is_authenticated):
            return None if is_open_to_signed_out(view) else _ask_to_sign_in(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not _is_background_request(request):
            sessions.touch(request.session)
            unsent.forget(request.session, request.POST.get(unsent.KEY_FIELD))
        return None


class SecondFactorMiddleware:
    """Asks for the second factor that the user has or a network requires."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: list, kwargs: dict) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if is_of_public_site(view):  # lazy, since most of its pages never ask who the user is
            request.user = SimpleLazyObject(lambda: AnonymousUser() if pending_step(user) else user)
        if is_open_while_signing_in(view):
            return None
        step = pending_step(user)
        return _redirect(step, request) if step else None
