"""Refuses what Wagtail's own views fail on: keys that are not numbers, and forms without the fields of their page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, reverse

# By the name of the view: what it raises, and the answer instead. All are faults of Wagtail 7.4.
_FAULTS: dict[str, tuple[tuple[type[Exception], ...], int]] = {
    # No address at all.
    "wagtailadmin_choose_page_external_link": ((AttributeError,), 400),
    # Fields that are missing or not signed by us.
    "wagtailredirects:process_import": ((KeyError, AttributeError), 400),
}
_NOT_A_KEY = "expected a number but got"  # Django's words


class InputGuardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        errors, status = _FAULTS.get(request.resolver_match.view_name, ((), 0))
        if isinstance(exception, ValueError) and _NOT_A_KEY in str(exception):
            errors, status = (ValueError,), 404
        if not isinstance(exception, errors):
            return None
        return get_resolver().resolve_error_handler(status)(request, exception=exception)
