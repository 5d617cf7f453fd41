"""Paths of services and organisations on the public site. The number in them counts, so a new name breaks no link."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify

from referrals.models import Network, Organisation, Service


def service_path(service: Service) -> str:
    """Return the path of a service's page. Reads its activity and organisation."""
    return _reverse_for_service("public_service", service)


def service_path_from_title(key: int, title: str) -> str:
    """Return the path of a service without reading it; `title` is "activity, organisation", as in PublicListing."""
    return reverse("public_service", args=[key, slugify(title) or "service"])


def short_service_path(service: Service) -> str:
    """Return a path short enough to type from a printed sheet; it redirects to the page."""
    [path] = short_paths([service.pk])
    return path


def short_paths(keys: Iterable[int]) -> list[str]:
    """Calls `reverse` only once, which matters on a map of hundreds."""
    before, after = reverse("public_service", args=[0]).rsplit("0", 1)
    return [f"{before}{key}{after}" for key in keys]


def send_path(service: Service) -> str:
    return _reverse_for_service("public_send", service)


def qr_path(service: Service) -> str:
    return _reverse_for_service("public_qr", service)


def correction_path(service: Service) -> str:
    return _reverse_for_service("public_correction", service)


def _reverse_for_service(name: str, service: Service) -> str:
    return reverse(
        name, args=[service.pk, slugify(f"{service.activity.name}, {service.organisation.name}") or "service"]
    )


def form_path(network: Network, **query: object) -> str:
    path = reverse("referral_form", args=[network.slug])
    return form_in_language(path + (f"?{urlencode(query)}" if query else ""))


def form_in_language(address: str) -> str:
    """Let the address of a referral form open it in the active language; other addresses come back as they are.

    A network that does not offer the language shows its form in English.
    """
    language = translation.get_language()
    if not address.startswith("/refer/") or language == settings.LANGUAGE_CODE:
        return address
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def refer_path(service: Service) -> str:
    return form_path(service.network, service=service.pk)


def organisation_path(organisation: Organisation) -> str:
    return organisation_path_from_name(organisation.pk, organisation.name)


def organisation_path_from_name(number: int, name: str) -> str:
    return reverse("public_organisation", args=[number, slugify(name) or "organisation"])
