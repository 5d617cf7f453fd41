"""A listed service with everything that its page can say, for tests of what the public site shows."""

from datetime import date, time

from referrals.models import Network, OpeningException, OpeningHours, Service
from referrals.tests import factories as f

ADDRESS = "https://help.example.org"


def listed_service(network: Network, **options: object) -> Service:
    """Return a service of Larder Lane: Tuesdays, by drop-in, at 2 Larder Lane; `options` change it."""
    venue = {
        "name": "Larder Lane Hall",
        "address": "2 Larder Lane\nKilburn",
        "postcode": "NW6 4BT",
        "access": "Level entrance",
        "facilities": "Fridge and freezer",
    }
    organisation = options.pop("organisation", None) or f.OrganisationFactory(name="Larder Lane", network=network)
    values = {
        "activity__name": "Members' pantry",
        "summary": "Groceries for £4.50 a week.",
        "description": "You *choose*.",
        "phone": "020 7946 0107",
        "email": "hello@larderlane.example",
        "website": "https://larderlane.example/",
        "pathways": ["drop_in"],
        "is_public": True,
        "catchment": f.square(-0.15, 51.54),
        "venue": f.VenueFactory(organisation=organisation, **venue),
        "last_confirmed_on": date(2026, 10, 20),
    }
    service = f.ServiceFactory(network=network, organisation=organisation, **values | options)
    OpeningHours.objects.create(service=service, weekday=1, opens=time(10), closes=time(13))
    OpeningException.objects.create(
        service=service, first_day=date(2026, 12, 24), last_day=date(2027, 1, 1), note="Christmas"
    )
    return service
