"""Decorators for views that open before sign-in is complete.

They only mark a view; `backoffice.middleware.sign_in` reads the marks. Other views need a full sign-in, including the
second factor if one is due.
"""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable)


def open_to_signed_out(view: View) -> View:
    view.is_open_to_signed_out = True
    return view


def open_while_signing_in(view: View) -> View:
    """Open to people who have given their password but not yet their second factor."""
    view.is_open_while_signing_in = True
    return view


def public(view: View) -> View:
    """Open to everyone, so nothing is lost when a session ends or is incomplete."""
    return open_to_signed_out(open_while_signing_in(view))


def public_site(view: View) -> View:
    """Public; a user who still owes the second factor is treated as signed out."""
    view.is_of_public_site = True
    return public(view)


def is_open_to_signed_out(view: Callable) -> bool:
    return getattr(view, "is_open_to_signed_out", False)


def is_open_while_signing_in(view: Callable) -> bool:
    return getattr(view, "is_open_while_signing_in", False)


def is_of_public_site(view: Callable) -> bool:
    return getattr(view, "is_of_public_site", False)
