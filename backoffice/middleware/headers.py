"""Headers of every response: the content policy of each part of the site, and browser features that are switched off.

The policies themselves are in the settings.
"""

from collections.abc import Callable

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from backoffice.requests import is_cms

PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in settings.DENIED_FEATURES) + ", geolocation=(self)"


class ContentPolicyMiddleware(CSPMiddleware):
    """Adds a policy for the CMS to django-csp, which knows only one."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponse, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:  # we have no report-only policy
            return parts
        if getattr(request, "is_preview", False):  # a page of the public site, in the editor's own frame
            parts.replace = {**(parts.replace or {}), "frame-ancestors": [SELF]}
        elif is_cms(request):
            parts.replace = {**settings.CMS_POLICY, **(parts.replace or {})}
        return parts


class BrowserFeaturesMiddleware:
    """Switches off features that no page uses, and keeps pages for signed-in users out of every cache.

    Django's `never_cache` covers only its own admin.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if response.has_header("Vary") and "Cookie" in response["Vary"]:
            patch_cache_control(response, no_store=True, private=True)
        return response
