"""What of the public site is no page of the CMS."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from directory_site.models import PublicSite
from directory_site.theme import brand_css, digest_of

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


@require_safe
def branding(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the site's own colours. The policy allows no style in a page, so they have an address, and that has
    the colours in it. A page that was kept from before a change still gets the new ones."""
    try:
        colour = PublicSite.for_request(request).brand_colour
    except PublicSite.DoesNotExist as error:
        raise Http404 from error
    if not colour:
        raise Http404
    response = HttpResponse(brand_css(colour), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_GOOD if digest == digest_of(colour) else FOR_A_MINUTE
    return response
