"""Where a request comes from, and what part of the project it is for."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse


def is_cms(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("wagtailadmin_home"))


def is_staff_area(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("backoffice:index")) or is_cms(request)


def is_by_script(request: HttpRequest) -> bool:
    """Whether one of our scripts sent it, which cannot show a whole page."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" or bool(
        request.htmx or request.headers.get("X-Requested-With")
    )


def is_from_own_page(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin)[:2] == (request.scheme, request.get_host())
