from django.http import Http404, HttpRequest

from directory_site.models import PublicSite


def visited_site(request: HttpRequest) -> PublicSite:
    """Return the public site that a request is for. Raises Http404 where no site of the CMS has this
    name and none is the default."""
    try:
        return PublicSite.for_request(request)
    except PublicSite.DoesNotExist as error:
        raise Http404 from error
