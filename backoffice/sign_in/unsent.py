"""What somebody sent after their session had ended.

It waits in the session of the browser that sent it, for an hour at most, until the same user has signed in again. Then
it is shown once with a button: nothing is ever sent by itself. See docs/decisions/0035-sent-after-the-session-ended.md.
"""

import re
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from backoffice.headers import is_cms
from referrals.models import User

KEY = "unsent"  # in the session
KEPT_SECONDS = 3600
MOST, LONGEST = 5, 300_000  # requests, and characters of one

# Whose page a browser shows when its session is gone: the last who signed in there. Older pages fail the CSRF check.
COOKIE, COOKIE_SECONDS = "signed_in_as", 7 * 24 * 3600
_SECRET = re.compile(r"password|^(again|code)$")
_WORDS = re.compile(r"[^\[{].*\s", re.DOTALL)  # what a person has written, and neither a key nor a shape


@dataclass(frozen=True, slots=True)
class Unsent:
    """A request that was not carried out. `fields` is None for one that is secret or too long to be kept."""

    path: str
    back: str
    fields: list[list[str]] | None
    files: list[str]

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        sent = [(name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"]
        is_kept = not any(_SECRET.search(name) for name, _ in sent) and sum(map(len, map(str, sent))) < LONGEST
        fields = [[name, value] for name, values in sent for value in values] if is_kept else None
        files = [file.name for file in request.FILES.values()]
        return cls(request.get_full_path(), return_path(request), fields, files)

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """Return (name, label, text) of what was written, which can still be changed."""
        return [(name, _label(name), value) for name, value in self.fields or () if _WORDS.match(value)]

    @property
    def others(self) -> list[list[str]]:
        return [[name, value] for name, value in self.fields or () if not _WORDS.match(value)]


def _label(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def return_path(request: HttpRequest) -> str:
    """Return where to go after signing in: this page or, since a POST cannot be repeated, the page of its form."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host():
        return reverse(settings.LOGIN_REDIRECT_URL)
    return f"{referer.path}?{referer.query}" if referer.query else referer.path


def is_staff_area(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("backoffice:index")) or is_cms(request)


def is_by_script(request: HttpRequest) -> bool:
    """Whether a script of a page sent it, which cannot show a page of its own."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" or bool(
        request.htmx or request.headers.get("X-Requested-With")
    )


def is_from_own_page(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin)[:2] == (request.scheme, request.get_host())


def refuse_script(request: HttpRequest, words: str) -> HttpResponse:
    """Answer a script of ours in the form that it shows: htmx plain text, others JSON."""
    if request.htmx:
        return HttpResponse(words, content_type="text/plain; charset=utf-8", status=403)
    return JsonResponse({"problem": words}, status=403)


def remember_user(request: HttpRequest, response: HttpResponse) -> None:
    """After somebody has signed in, write down in the browser who it was."""
    if user_id := getattr(request, "signed_in_now", None):
        response.set_signed_cookie(
            COOKIE,
            user_id,
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def keep(request: HttpRequest) -> bool:
    """Keep what was sent for the user who was signed in. Return False if it is not known who that was."""
    user_id = request.get_signed_cookie(COOKIE, None, max_age=COOKIE_SECONDS)
    if user_id is None:
        return False
    kept = request.session.get(KEY, [])
    request.session[KEY] = [*kept[1 - MOST :], asdict(Unsent.of(request)) | {"user": user_id}]
    request.session.set_expiry(KEPT_SECONDS)
    return True


def of_user(session: SessionBase, user: User) -> list[dict]:
    return [one for one in session.get(KEY, []) if one["user"] == str(user.pk)]


def hand_over(request: HttpRequest, user: User) -> None:
    """When `user` signs in, drop what others had sent from this browser."""
    request.signed_in_now = user.pk
    if KEY not in request.session:
        return
    request.session.set_expiry(None)
    request.session[KEY] = of_user(request.session, user)


def take(session: SessionBase) -> list[Unsent]:
    return [Unsent(one["path"], one["back"], one["fields"], one["files"]) for one in session.pop(KEY, [])]
