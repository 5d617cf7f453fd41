"""Where services and organisations stand on the public site. The number finds them: a new name breaks no link."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import slugify

from referrals.models import Organisation, Service


def service_path(service: Service) -> str:
    """Return the path of a service's page. Reads its activity and organisation."""
    return _of_service("public_service", service)


def path_of(key: int, title: str) -> str:
    """Return the path of the service `key`; `title` is activity and organisation, as listings have it."""
    return reverse("public_service", args=[key, _words(title)])


def short_service_path(service: Service) -> str:
    """Return what is short enough to be typed off a sheet of paper; it leads to the page."""
    [path] = short_paths([service.pk])
    return path


def short_paths(keys: Iterable[int]) -> list[str]:
    """Return the short path of each service. The pattern is looked up once, which matters to a map of hundreds."""
    before, after = reverse("public_service", args=[0]).rsplit("0", 1)
    return [f"{before}{key}{after}" for key in keys]


def send_path(service: Service) -> str:
    """Return where somebody has a service sent to their own phone or e-mail address."""
    return _of_service("public_send", service)


def qr_path(service: Service) -> str:
    return _of_service("public_qr", service)


def correction_path(service: Service) -> str:
    """Return where somebody says what is wrong or out of date on a service's page."""
    return _of_service("public_correction", service)


def _of_service(name: str, service: Service) -> str:
    return reverse(name, args=[service.pk, _words(f"{service.activity.name}, {service.organisation.name}")])


def _words(title: str) -> str:
    return slugify(title) or "service"


def refer_path(service: Service) -> str:
    """Return the referral form of the service's network, told which service it was opened for."""
    return f"{reverse('referral_form', args=[service.network.slug])}?service={service.pk}"


def organisation_path(organisation: Organisation) -> str:
    return path_of_organisation(organisation.pk, organisation.name)


def path_of_organisation(number: int, name: str) -> str:
    return reverse("public_organisation", args=[number, slugify(name) or "organisation"])
