"""Where services and organisations stand on the public site. The number finds them: a new name breaks no link."""

from django.urls import reverse
from django.utils.text import slugify

from referrals.models import Organisation, Service


def service_path(service: Service) -> str:
    """Return the path of a service's page. Reads its activity and organisation."""
    return path_of(service.pk, f"{service.activity.name}, {service.organisation.name}")


def path_of(key: int, title: str) -> str:
    """Return the path of the service `key`; `title` is activity and organisation, as listings have it."""
    return reverse("public_service", args=[key, slugify(title) or "service"])


def organisation_path(organisation: Organisation) -> str:
    return reverse("public_organisation", args=[organisation.pk, slugify(organisation.name) or "organisation"])
