"""What somebody looks for among people, kept in the session: the address has a key to it, never a name.

Addresses stand in the browser's history and in the logs of whatever is between. See
docs/decisions/0056-no-name-in-an-address.md.
"""

import secrets

from django.contrib.sessions.backends.base import SessionBase

KEY = "searches"  # in the session: pairs of a key and the text, oldest first
PARAMETER = "find"  # in addresses
MOST_KEPT, MOST_LETTERS = 30, 200


def keep_search(session: SessionBase, text: str) -> str:
    """Return the key of this text, "" if there is nothing in it."""
    text = text.replace("\0", "").strip()[:MOST_LETTERS]
    if not text:
        return ""
    kept = session.get(KEY, [])
    key = next((key for key, before in kept if before == text), None) or secrets.token_urlsafe(9)
    others = [[one, before] for one, before in kept if one != key]
    session[KEY] = [*others[1 - MOST_KEPT :], [key, text]]
    return key


def find_search(session: SessionBase, key: str) -> str | None:
    """Return the text, "" for no key. None: it is no longer kept, or was another session's."""
    return next((text for one, text in session.get(KEY, []) if one == key), None) if key else ""
