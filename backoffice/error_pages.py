"""Error pages: with the back office's header for those signed in there, plain for the public."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from backoffice.requests import is_staff_area
from backoffice.responses import not_found, render_refusal
from backoffice.sign_in.steps import pending_step

DESCRIBED = frozenset({400, 403, 405, 413, 429})  # in refused_words.html


def _words(status: int, part: str) -> str:
    return render_to_string("refused_words.html", {"status": status, "part": part}).strip()


def refuse(request: HttpRequest, status: int) -> HttpResponse:
    title, reason = _words(status, "title"), _words(status, "reason")
    if _may_show_header(request):
        return render_refusal(request, "backoffice/refused.html", status=status, title=title, reason=reason).render()
    return HttpResponse(render_to_string("refused.html", {"title": title, "reason": reason}), status=status)


def _may_show_header(request: HttpRequest) -> bool:
    """Whether there is a user for the header: an early failure comes before the middleware that sets one."""
    return (
        hasattr(request, "user")
        and hasattr(request, "htmx")
        and is_staff_area(request)
        and not pending_step(request.user)
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return not_found(request) if _may_show_header(request) else defaults.page_not_found(request, exception)
