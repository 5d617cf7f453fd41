"""Services in a short list of the public site: their cards, and where their pages are."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from directory_site.details.addresses import service_path
from referrals.services.public_card import PublicCard, card_of, with_card_rows


@dataclass(frozen=True, slots=True)
class ListedService:
    card: PublicCard
    address: str


def listed(services: QuerySet, *, now: datetime) -> list[ListedService]:
    """Return what a page chose of `PublicSite.shown_services`, at `now`, in as many queries for ten as for one."""
    return [
        ListedService(card=card_of(service, now=now), address=service_path(service))
        for service in with_card_rows(services)
    ]
