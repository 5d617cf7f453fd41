"""What the user of a request may see and change, asked once for a page."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from referrals.access import changeable_by, visible_to


class OutOfReach(PermissionDenied):
    """A row would belong to somebody else once it is saved, so nothing is saved."""


def ask_once(request: HttpRequest, key: tuple, find: Callable[[], bool]) -> bool:
    # A page asks the same thing many times. Admins are shared by all requests, so the answer is kept on the request.
    answers = request.__dict__.setdefault("_permissions", {})
    if key not in answers:
        answers[key] = find()
    return answers[key]


def may_see(request: HttpRequest, model: type[Model], pk: Any = None) -> bool:
    if pk is None and request.user.is_active and request.user.is_superuser:
        return True  # operators open every list, even an empty one
    return ask_once(request, ("see", model, pk), lambda: _exists(visible_to(request.user, model), pk))


def may_change(request: HttpRequest, model: type[Model], pk: Any = None) -> bool:
    return ask_once(request, ("change", model, pk), lambda: _exists(changeable_by(request.user, model), pk))


def _exists(rows: QuerySet, pk: Any) -> bool:
    return (rows if pk is None else rows.filter(pk=pk)).exists()
