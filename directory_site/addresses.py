"""Where services and organisations stand on the public site. The number finds them: a new name breaks no link."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import slugify
from wagtail.models import Site

from referrals.models import Organisation, Service


def service_path(service: Service) -> str:
    """Return the path of a service's page. Reads its activity and organisation, as all paths of a service do."""
    return _of_service("public_service", service)


def correction_path(service: Service) -> str:
    return _of_service("public_correction", service)


def send_path(service: Service) -> str:
    return _of_service("public_send", service)


def qr_path(service: Service) -> str:
    return _of_service("public_qr", service)


def _of_service(name: str, service: Service) -> str:
    words = slugify(f"{service.activity.name} {service.organisation.name}") or "service"
    return reverse(name, args=[service.pk, words])


def organisation_path(organisation: Organisation) -> str:
    return reverse("public_organisation", args=[organisation.pk, slugify(organisation.name) or "organisation"])


def site_address(request: HttpRequest) -> str:
    """Return what the addresses of the visited site start with, for use outside of its pages.

    It is never made of what the browser said: whoever asks under another name would have it written into e-mails.
    """
    site = Site.find_for_request(request)
    return settings.PUBLIC_URL if site is None or site.is_default_site else site.root_url
