"""Refuses input that makes Wagtail's own views fail: keys that are not numbers, and forms that cannot be read."""

from collections.abc import Callable
from traceback import walk_tb

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
        elif _is_unreadable(exception):
            errors, status = (KeyError, ValueError), 400
        if not isinstance(exception, errors):
            return None
        response = get_resolver().resolve_error_handler(status)(request, exception=exception)
        # Where a page failed while it was rendered, nothing renders the one in its place.
        return response.render() if hasattr(response, "render") else response


def _is_unreadable(exception: Exception) -> bool:
    """Whether it comes from reading a sent form: a number of blocks that is missing or not a number."""
    return any(frame.f_code.co_name == "value_from_datadict" for frame, _ in walk_tb(exception.__traceback__))
