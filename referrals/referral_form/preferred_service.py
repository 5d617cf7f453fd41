"""The service from whose public page the form was opened: asked first where it suits, and said so where it does not."""

from dataclasses import dataclass
from typing import Self

from django.db.models import QuerySet
from django.http import HttpRequest

from referrals.models import Network, Service
from referrals.referral_form.entry import FormEntry


@dataclass(frozen=True, slots=True)
class PreferredService:
    """What is said of it is public: anybody can put any number into an address."""

    pk: int
    activity: str
    organisation: str
    phone: str
    email: str

    @classmethod
    def of(cls, service: Service) -> Self:
        return cls(service.pk, service.activity.name, service.organisation.name, service.phone, service.email)


def preferred_by(request: HttpRequest, entry: FormEntry) -> int | None:
    """Return the key of the service that the address names, if the public may see it in the entry's own network."""
    asked = request.GET.get("service", "")
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 18:
        return None
    return _listed(entry.network, int(asked)).values_list("pk", flat=True).first()


def find_preferred(network: Network, key: int | None) -> PreferredService | None:
    """Return the service that the form carries, as long as it is still listed. No query without a key."""
    service = _listed(network, key).select_related("activity", "organisation").first() if key else None
    return PreferredService.of(service) if service else None


def _listed(network: Network, key: int) -> QuerySet[Service]:
    return Service.objects.listed().filter(network=network, pk=key)
