"""Keeps secrets in URLs, rows quoted by database errors and what people typed out of the log, and keeps strangers
from forging entries with line breaks."""

import logging
import re

from django.utils.encoding import escape_uri_path

_LEFT_OUT = (
    (re.compile(r"(/join/|/summaries/|/password-reset/|/refer/(?:link|sent|try)/)[^\s\"']+"), r"\1..."),
    (re.compile(r"^DETAIL:.*$", re.MULTILINE), "DETAIL: left out"),
)
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class LineFormatter(logging.Formatter):
    """Indents all lines of an entry but its first, so that every line at the margin begins an entry."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for pattern, instead in _LEFT_OUT:
            line = pattern.sub(instead, line)
        line = _CONTROL_CHARACTERS.sub(lambda found: found[0].encode("unicode_escape").decode(), line)
        return line.replace("\n", "\n  ")


class RequestFilter(logging.Filter):
    """Shortens a refused request to one line: status, method, path and user. Drops the 503 of the health page."""

    def filter(self, record: logging.LogRecord) -> bool:
        request, status = getattr(record, "request", None), getattr(record, "status_code", None)
        if request is None or status is None:
            return True
        if status == 503 and getattr(request, "path", "") == "/healthz":
            return False
        if status < 500:
            user = getattr(request, "_cached_user", None)  # no query only to write the log
            record.msg = "%s %s %s user %s"
            record.args = (status, request.method, escape_uri_path(request.path), user.pk if user else None)
            record.exc_info = record.exc_text = None
        return True
