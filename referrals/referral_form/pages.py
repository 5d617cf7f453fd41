"""How the form's pages are answered: to whom they are open, who may frame them, and what takes their place."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from referrals.models import Network
from referrals.project_functions import project_function
from referrals.referral_form.addresses import page_query
from referrals.referral_form.entry import FormEntry, allow_framing, is_embedded
from referrals.referral_form.errors import FormUnavailable
from referrals.referral_form.languages import LanguageChoice, choose_language, offered_languages
from referrals.translations import is_in_english
from referrals.view_access import public

# The licences of the postcodes ask that their year is named on the page. The table does not know how old its rows are,
# so change this when postcodes of a later year are loaded.
POSTCODE_DATA_YEAR = 2026

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Turn off indexing and every cache but the browser's own, and show FormUnavailable as a page.

    The browser keeps its pages for its Back button: docs/decisions/0046-the-browser-keeps-the-form.md.

    Exempt from Django's CSRF check, which needs a cookie that an embedded form does not have. There is no session for
    another site to misuse, and the form refuses what a browser says was sent from elsewhere.
    """

    @public
    @csrf_exempt
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        with translation.override(choose_language(request)):  # until the network is known, which may not offer it
            try:
                response = view(request, **kwargs)
            except FormUnavailable as error:
                template = f"referral_form/unavailable/{error.name}.html"
                response = render_page(request, error.entry, template, {}, error.status)
            response["Content-Language"] = translation.get_language()
        patch_vary_headers(response, ["Accept-Language"])
        response["Cache-Control"] = "private, no-cache"
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapper


def _brand() -> Mapping[str, str]:
    find_brand = project_function("FORM_BRAND")
    return find_brand() if find_brand else {}


def _other_pages(request: HttpRequest, network: Network | None) -> list[LanguageChoice]:
    """Return this page in each language that the network offers; none where it offers but one."""
    offered = offered_languages(network) if network else []
    embedded = is_embedded(request)
    return [
        LanguageChoice(code, name, request.path + page_query(embedded=embedded, language=code))
        for code, name in offered
    ] * (len(offered) > 1)


def render_page(
    request: HttpRequest, entry: FormEntry | None, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    network = entry and entry.network
    general = {
        "entry": entry,
        "network": network,
        "embedded": is_embedded(request),
        "data_year": POSTCODE_DATA_YEAR,
        "brand": _brand(),
        "languages": _other_pages(request, network),
        "lang_of_organisations": "" if is_in_english() else format_html(' lang="{}"', settings.LANGUAGE_CODE),
    }
    response = render(request, template, general | context, status=status)
    allow_framing(response, entry)
    return response
