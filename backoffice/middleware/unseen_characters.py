from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict

from backoffice.secret_fields import is_secret
from referrals.user_input.text import strip_invisible


class UnseenCharactersMiddleware:
    """Drops invisible characters from pasted text before any form reads it: they would be refused, or stored unnoticed.

    Passwords are left alone: one that was set with such a character must still work. The forms for codes drop such
    characters themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        request.GET = _cleaned(request.GET)
        if request.method == "POST":
            request.POST = _cleaned(request.POST)


def _cleaned(given: QueryDict) -> QueryDict:
    changed = {
        name: cleaned
        for name, values in given.lists()
        if not is_secret(name) and (cleaned := [strip_invisible(value) for value in values]) != values
    }
    if not changed:
        return given
    given = given.copy()
    for name, values in changed.items():
        given.setlist(name, values)
    return given
