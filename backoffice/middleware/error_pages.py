from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from backoffice.error_pages import DESCRIBED, refuse
from backoffice.requests import is_by_script


class ErrorPageMiddleware:
    """Gives an empty error response a page, such as Django's own for a method that is not allowed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_bare = not response.streaming and response.status_code >= 400 and not response.content
        if not is_bare or request.method == "HEAD" or is_by_script(request) or response.status_code not in DESCRIBED:
            return response
        page = refuse(request, response.status_code)
        for name, value in response.items():
            if name not in ("Content-Type", "Content-Length"):
                page.headers[name] = value  # such as the methods that are allowed
        page.cookies.update(response.cookies)
        return page
