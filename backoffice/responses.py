"""The responses that all screens of the back office use."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from referrals.refusals import AlreadyDone, Refusal


def render_page(request: HttpRequest, template: str, *, status: int = 200, **context: object) -> TemplateResponse:
    """Render a template that extends `admin/base_site.html`."""
    request.current_app = admin.site.name
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def render_refusal(request: HttpRequest, template: str, *, status: int, **context: object) -> TemplateResponse:
    """Render an error page with as few queries as possible: its header shows no counts."""
    request.is_refused = True
    return render_page(request, template, status=status, **context)


def not_found(request: HttpRequest) -> TemplateResponse:
    """Give the same answer whether there is no such row or it belongs to somebody else."""
    return render_refusal(request, "backoffice/not_found.html", status=404, title="Page not found")


def perform(request: HttpRequest, verb: Callable[[], Any], success: str | Callable[[Any], str]) -> bool:
    """Call a verb of the domain and show its outcome as a message. Return whether it was done.

    `success` is the message, or a function that makes it from what the verb returned. A refusal has its own text.
    """
    try:
        result = verb()
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, success if isinstance(success, str) else success(result))
        return True
    return False


def own_path(target: str) -> str:
    """Return `target` if it is a path on this site, else "", so that no crafted link sends people elsewhere."""
    return target if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""
