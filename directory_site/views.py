from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from wagtail import views as wagtail_views

from directory_site.caching.page_cache import cacheable
from directory_site.models.sites import PublicSite
from directory_site.theme import brand_css, css_digest
from referrals.view_access import public_site

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


@public_site
@cacheable(reads_query=True)  # the directory's page is one of these
def page(request: HttpRequest, path: str) -> HttpResponse:
    return wagtail_views.serve(request, path)


@public_site
@require_safe
def branding(request: HttpRequest, digest: str) -> HttpResponse:
    """The site's own colours as CSS.

    The content security policy allows no style in a page, so the colours have a URL of their own. It changes with
    them; a page that was cached before the change still gets the new ones.
    """
    colour = PublicSite.for_request_or_404(request).brand_colour
    if not colour:
        raise Http404
    response = HttpResponse(brand_css(colour), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_GOOD if digest == css_digest(colour) else FOR_A_MINUTE
    return response
