"""What the pages with a visitor's form share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from directory_site.addresses import correction_path, send_path, service_path
from directory_site.models.sites import PublicSite
from directory_site.search.categories import has_sensitive
from referrals.models import Service
from referrals.rate_limits import TooMany
from referrals.services.public_card import card_of, with_card_rows
from referrals.view_access import public_site

View = Callable[..., HttpResponse]


def form_page(view: View) -> View:
    """Make a view public, and keep it out of caches and search engines, and its form out of error reports."""

    @public_site
    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return answer


def find_service(request: HttpRequest, pk: int) -> Service:
    service = with_card_rows(PublicSite.for_request_or_404(request).shown_services).filter(pk=pk).first()
    if service is None:
        raise Http404
    return service


def service_context(request: HttpRequest, service: Service) -> dict[str, Any]:
    """Return a service's card and paths. Templates never get the row itself, so they cannot show what is not public."""
    return {
        "card": card_of(service, now=timezone.now()),
        "network": service.network,
        "is_sensitive": has_sensitive(request, Service.objects.filter(pk=service.pk)),
        "service_path": service_path(service),
        "correction_path": correction_path(service),
        "send_path": send_path(service),
    }


def show_too_many(request: HttpRequest, template: str, refusal: TooMany, context: dict[str, Any]) -> HttpResponse:
    """Show the form again with everything that was typed, when to try again, and what to do instead."""
    response = render(request, template, {**context, "try_again_at": refusal.until}, status=429)
    seconds = (refusal.until - timezone.now()).total_seconds()
    response["Retry-After"] = str(max(1, round(seconds)))
    return response
