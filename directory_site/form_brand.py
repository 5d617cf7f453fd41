from django.urls import reverse

from directory_site.languages import home_path
from directory_site.theme import FOR_ANY_PAGE


def form_brand() -> dict[str, str]:
    """Return the addresses of the site's colours and of its front page, in the active language. No query.

    settings.FORM_BRAND names this function.
    """
    return {"stylesheet": reverse("branding", args=[FOR_ANY_PAGE]), "home": home_path()}
