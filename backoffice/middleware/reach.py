from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from referrals.access.reach import keep_reach


class ReachMiddleware:
    """Reads once for each request where the user belongs: a page asks hundreds of times what they may see."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with keep_reach():
            return self.get_response(request)
