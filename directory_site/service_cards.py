from datetime import datetime

from django.db.models import QuerySet

from directory_site.addresses import service_path
from referrals.models import Service
from referrals.services.public_card import PublicCard, card_of, with_card_rows


def cards_with_paths(services: QuerySet[Service], *, now: datetime) -> list[tuple[PublicCard, str]]:
    """Return the cards of services from `PublicSite.shown_services`, at `now` (aware), with the paths of their pages.

    The number of queries does not grow with the services.
    """
    return [(card_of(service, now=now), service_path(service)) for service in with_card_rows(services)]
