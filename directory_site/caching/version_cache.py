"""What every page of a site reads and few people ever change, remembered in this process while the mark is the same.

The mark of a request (referrals.public_changes) is read by `kept_pages`; without one, as in a preview, things are
remembered for that request alone. What is remembered is shared between requests: it is read, and never changed.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.http import HttpRequest

MOST = 200  # things: a few for each site and language

Made = TypeVar("Made")
_remembered: dict[Hashable, tuple[str, object]] = {}


def remembered(request: HttpRequest, what: Hashable, make: Callable[[], Made]) -> Made:
    """Return `what` as it was made under the request's mark, else make it and remember it for those who come after."""
    mark = getattr(request, "public_mark", "")
    if not mark and not hasattr(request, "remembered"):
        request.remembered = {}
    memory = _remembered if mark else request.remembered
    kept = memory.get(what)
    if kept is None or kept[0] != mark:
        kept = (mark, make())
        if len(memory) >= MOST:
            memory.clear()
        memory[what] = kept
    return kept[1]  # type: ignore[return-value]
