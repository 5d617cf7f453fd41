from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse

from backoffice.error_pages import refuse


class NullCharacterMiddleware:
    """Answer 400 where somebody has sent a NUL that reached the database, which no text in it can hold.

    Forms refuse it by themselves. What is used beside a form or after it was refused (a key in an address, a query, a
    field read by hand) comes here, once for all views.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DataError) and "NUL (0x00)" in str(exception):
            return refuse(request, 400)
        return None
