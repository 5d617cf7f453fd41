from collections.abc import Callable
from contextlib import suppress
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from wagtail import views as wagtail_views
from wagtail.models import Page, Site

from directory_site.caching.page_cache import cacheable
from directory_site.contact.context import show_too_many
from directory_site.models.sites import PublicSite
from directory_site.theme import FOR_ANY_PAGE, brand_css, css_digest
from directory_site.translations import address_of, in_active_language
from referrals import accounts
from referrals.client_address import client_address
from referrals.rate_limits import TooMany
from referrals.view_access import public_site

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


@public_site
@cacheable(reads_query=True)  # the directory's page is one of these
def page(request: HttpRequest, path: str) -> HttpResponse:
    """Show the page of the visitor's language; where it has none at `path`, the page of our own language there, unless
    that is translated elsewhere."""
    site, is_own = Site.find_for_request(request), request.LANGUAGE_CODE == settings.LANGUAGE_CODE
    if site and not is_own and Page.route_for_request(request, path) is None:
        with suppress(Http404):
            route = site.root_page.specific.route(request, list(filter(None, path.split("/"))))
            translated = in_active_language(route.page, request)
            if translated.pk != route.page.pk:
                query = request.META["QUERY_STRING"]
                return HttpResponseRedirect(address_of(translated, request) + (f"?{query}" if query else ""))
            request._wagtail_route_for_request = route  # `Page.route_for_request` looks here first
    return wagtail_views.serve(request, path)


def limit_passwords(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap Wagtail's view that takes the password of a page or document: nobody may go on guessing at it."""

    @wraps(view)
    def limited(request: HttpRequest, *args: int, **kwargs: int) -> HttpResponse:
        if request.method == "POST":
            found = request.resolver_match
            restriction = f"{found.url_name} {next(iter((*args, *kwargs.values())))}"
            try:
                accounts.count_page_password(restriction, client=client_address(request))
            except TooMany as refusal:
                return show_too_many(request, settings.WAGTAIL_PASSWORD_REQUIRED_TEMPLATE, refusal, {})
        return view(request, *args, **kwargs)

    return limited


@public_site
@require_safe
def branding(request: HttpRequest, digest: str) -> HttpResponse:
    """The site's own colours as CSS.

    The content security policy allows no style in a page, so the colours have a URL of their own. It changes with
    them; a page that was cached before the change still gets the new ones.
    """
    try:
        colour = PublicSite.for_request_or_404(request).brand_colour
    except Http404:
        if digest != FOR_ANY_PAGE:
            raise
        colour = ""
    if not colour and digest != FOR_ANY_PAGE:
        raise Http404
    response = HttpResponse(brand_css(colour) if colour else "", content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_GOOD if colour and digest == css_digest(colour) else FOR_A_MINUTE
    return response


@public_site
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for where a page names no icon, such as that of a file."""
    return HttpResponseRedirect(static("referrals/icon.svg"), headers={"Cache-Control": FOR_A_MINUTE})
