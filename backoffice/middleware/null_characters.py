from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse

from backoffice.error_pages import refuse


class NullCharacterMiddleware:
    """Answers 400 if a NUL character reaches the database, which cannot store one.

    Forms refuse it themselves. This is for what a view reads without a form: a key in the URL, the query string, a
    single field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DataError) and "NUL (0x00)" in str(exception):
            return refuse(request, 400)
        return None
