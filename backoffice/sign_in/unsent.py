"""What somebody sent after their session had ended.

It waits in the session of the browser that sent it, for an hour, until the same user has signed in again. Then it is
shown until they send or discard it: nothing is ever sent by itself. See
docs/decisions/0035-sent-after-the-session-ended.md.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from backoffice.requests import is_cms
from backoffice.responses import own_path
from backoffice.secret_fields import is_secret
from referrals.models import User

KEY = "unsent"  # in the session
KEPT_SECONDS = 3600
MAX_REQUESTS, MAX_CHARACTERS = 5, 300_000  # characters of one request

# The cookie names who last signed in with this browser: after the session, a page still open is theirs. A page from
# before they signed in fails the CSRF check.
COOKIE, COOKIE_SECONDS = "signed_in_as", 7 * 24 * 3600
KEY_FIELD = "unsent_key"  # the field in which a form names the kept request that it sends again
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", KEY_FIELD})
_FREE_TEXT = re.compile(r"[^\[{].*\s", re.DOTALL)  # contains a space: neither a key nor a shape
_TECHNICAL_NAMES = re.compile(r"_|(?:next|version)$|.*_FORMS$")  # buttons, the redirect target, counts of forms ...


@dataclass(frozen=True, slots=True)
class Unsent:
    """A request that was not carried out. `fields` is None for one that is secret or too long to be kept.

    is_legible: whether the page that shows it can say everything that would be sent. It cannot where something was
    chosen from a list by a key, such as whom to ask. In the CMS nothing is lost by sending: versions are kept.
    """

    key: str
    path: str
    back: str
    fields: list[list[str]] | None
    files: list[str]
    is_legible: bool

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        sent = [(name, values) for name, values in request.POST.lists() if name not in _NOT_KEPT]
        is_kept = not any(is_secret(name) for name, _ in sent) and sum(map(len, map(str, sent))) < MAX_CHARACTERS
        fields = [[name, value] for name, values in sent for value in values] if is_kept else None
        files = [file.name for _, files in request.FILES.lists() for file in files]
        is_legible = is_cms(request) or not any(value.isdigit() for _, value in _choices(fields or ()))
        return cls(secrets.token_hex(8), request.get_full_path(), return_path(request), fields, files, is_legible)

    @property
    def is_button_alone(self) -> bool:
        return self.fields is not None and not any(value for _, value in self.fields) and not self.files

    @property
    def is_file_alone(self) -> bool:
        return bool(self.files) and self.fields is not None and not any(value for _, value in self.fields)

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """Return (name, label, text) of what was written, which can still be changed."""
        return [(name, _label(name), value) for name, value in self.fields or () if _FREE_TEXT.match(value)]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return (label, value) of everything else that means something: what was ticked, chosen, or a single word."""
        return [(_label(name), value.replace("_", " ")) for name, value in _choices(self.fields or ())]

    @property
    def others(self) -> list[list[str]]:
        return [[name, value] for name, value in self.fields or () if not _FREE_TEXT.match(value)]


def _choices(fields: Iterable[list[str]]) -> list[list[str]]:
    return [
        [name, value]
        for name, value in fields
        if value and not _FREE_TEXT.match(value) and not _TECHNICAL_NAMES.match(name)
    ]


def _label(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def return_path(request: HttpRequest) -> str:
    """Return where to go after signing in: this page or, since a POST cannot be repeated, the page of its form."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    path = own_path(f"{referer.path}?{referer.query}" if referer.query else referer.path)
    return path if path and referer.netloc == request.get_host() else reverse(settings.LOGIN_REDIRECT_URL)


def refuse_script(request: HttpRequest, words: str) -> HttpResponse:
    """Answer a script of ours in the form that it shows: htmx plain text, others JSON."""
    if request.htmx:
        return HttpResponse(words, content_type="text/plain; charset=utf-8", status=403)
    return JsonResponse({"problem": words}, status=403)


def remember_user(request: HttpRequest, response: HttpResponse) -> None:
    """After somebody has signed in, set the cookie that says who it was."""
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
    others = _still_kept(request.session)[1 - MAX_REQUESTS :]
    whose = {"user": user_id, "at": int(timezone.now().timestamp())}
    request.session[KEY] = [*others, asdict(Unsent.of(request)) | whose]
    request.session.set_expiry(KEPT_SECONDS)
    return True


def _still_kept(session: SessionBase) -> list[dict]:
    oldest = timezone.now().timestamp() - KEPT_SECONDS
    return [one for one in session.get(KEY, []) if one["at"] > oldest]


def of_user(session: SessionBase, user: User) -> list[dict]:
    return [one for one in _still_kept(session) if one["user"] == str(user.pk)]


def drop_others(request: HttpRequest, user: User) -> None:
    """When `user` signs in, drop what other people had sent from this browser."""
    request.signed_in_now = user.pk
    request.session.set_expiry(None)
    if KEY in request.session:
        _keep_only(request.session, of_user(request.session, user))


def forget(session: SessionBase, key: str | None = None) -> None:
    """Drop what has been sent again or discarded, and whatever has been kept for an hour."""
    if KEY in session:
        _keep_only(session, [one for one in _still_kept(session) if one["key"] != key])


def _keep_only(session: SessionBase, kept: list[dict]) -> None:
    if not kept:
        del session[KEY]
    elif kept != session[KEY]:
        session[KEY] = kept


def find(session: SessionBase) -> list[Unsent]:
    return [Unsent(**{name: one[name] for name in Unsent.__slots__}) for one in _still_kept(session)]
