"""The service from whose public page the form was opened: asked first if it suits; if not, the page says so."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest

from referrals.models import Network, Service


@dataclass(frozen=True, slots=True)
class PreferredService:
    """Public facts only: anyone can put any key into the address."""

    pk: int
    activity: str
    organisation: str
    phone: str
    email: str


def preferred_id_from(request: HttpRequest, network: Network) -> int | None:
    """Return the key in the address, if the public may see that service in `network`."""
    asked = request.GET.get("service", "")
    # More digits than a bigint has would be an error of the database.
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 18:
        return None
    return _listed(network, int(asked)).values_list("pk", flat=True).first()


def find_preferred(network: Network, key: int | None) -> PreferredService | None:
    """Return the service while it is still listed. No query without a key."""
    service = _listed(network, key).select_related("activity", "organisation").first() if key else None
    if service is None:
        return None
    return PreferredService(service.pk, service.activity.name, service.organisation.name, service.phone, service.email)


def _listed(network: Network, key: int) -> QuerySet[Service]:
    return Service.objects.listed().filter(network=network, pk=key)
