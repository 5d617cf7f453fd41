"""When a session ends: some time after the last click, and some time after signing in."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from backoffice.sign_in import unsent
from referrals.models import User

# Keys in the session.
SIGNED_IN_AT, LAST_SEEN_AT, PASSWORD_TYPED_AT = "signed_in_at", "seen_at", "proved_at"
WRITE_INTERVAL = 60  # seconds, so that not every click writes to the database
PASSWORD_GOOD_FOR = 10 * 60  # seconds in which the settings of the account do not ask for it again


def _now() -> int:
    return int(timezone.now().timestamp())


@receiver(user_logged_in)
def start(sender: object, request: HttpRequest, user: User, **kwargs: object) -> None:
    request.session.update({SIGNED_IN_AT: _now(), LAST_SEEN_AT: _now(), PASSWORD_TYPED_AT: _now()})
    unsent.drop_others(request, user)


def record_password_typed(session: SessionBase) -> None:
    session[PASSWORD_TYPED_AT] = _now()


def was_password_typed_recently(session: SessionBase) -> bool:
    return _now() - session.get(PASSWORD_TYPED_AT, 0) < PASSWORD_GOOD_FOR


def seconds_left(session: SessionBase) -> int:
    """Return how long the session lasts without another click: 0 if it has expired or nobody is signed in."""
    if SESSION_KEY not in session:
        return 0
    idle = session.get(LAST_SEEN_AT, 0) + settings.SESSION_IDLE_MINUTES * 60
    absolute = session.get(SIGNED_IN_AT, 0) + settings.SESSION_HOURS * 3600
    return max(min(idle, absolute) - _now(), 0)


def touch(session: SessionBase) -> None:
    if SESSION_KEY in session and _now() - session.get(LAST_SEEN_AT, 0) >= WRITE_INTERVAL:
        session[LAST_SEEN_AT] = _now()


def end_if_expired(request: HttpRequest) -> str:
    """Sign the user out of an expired session. Return why, "idle" or "long", or "" if it has not expired."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""  # do not even read the session, so that public pages stay the same for everybody
    session = request.session
    if SESSION_KEY not in session or seconds_left(session):
        return ""
    was_idle = _now() - session.get(LAST_SEEN_AT, 0) >= settings.SESSION_IDLE_MINUTES * 60
    logout(request)
    return "idle" if was_idle else "long"
