"""When a session ends: some time after the last click, and some time after signing in."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

STARTED, SEEN, PROVED = "signed_in_at", "seen_at", "proved_at"
WRITTEN_EVERY = 60  # seconds, so that not every click writes to the database
RECENT = 10 * 60  # seconds for which a password, once typed, opens the settings of the account


def _now() -> int:
    return int(timezone.now().timestamp())


@receiver(user_logged_in)
def start(sender: object, request: HttpRequest, **kwargs: object) -> None:
    request.session.update({STARTED: _now(), SEEN: _now(), PROVED: _now()})


def prove(session: SessionBase) -> None:
    """Record that the password has just been typed."""
    session[PROVED] = _now()


def is_proved(session: SessionBase) -> bool:
    return _now() - session.get(PROVED, 0) < RECENT


def seconds_left(session: SessionBase) -> int:
    """Return how long the session lasts without another click: 0 if it is over or nobody is signed in."""
    if SESSION_KEY not in session:
        return 0
    idle = session.get(SEEN, 0) + settings.SESSION_IDLE_MINUTES * 60
    in_all = session.get(STARTED, 0) + settings.SESSION_HOURS * 3600
    return max(min(idle, in_all) - _now(), 0)


def touch(session: SessionBase) -> None:
    if SESSION_KEY in session and _now() - session.get(SEEN, 0) >= WRITTEN_EVERY:
        session[SEEN] = _now()


def end_if_over(request: HttpRequest) -> str:
    """Sign the user out if the time is over. Return "idle" or "long", or "" if it is not over."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""  # do not even read the session, so that public pages stay the same for everybody
    session = request.session
    if SESSION_KEY not in session or seconds_left(session):
        return ""
    was_idle = _now() - session.get(SEEN, 0) >= settings.SESSION_IDLE_MINUTES * 60
    logout(request)
    return "idle" if was_idle else "long"
