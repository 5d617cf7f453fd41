"""A small town for the tests of visitors: three kinds of food near a postcode, and twenty-two of advice far from it."""

from collections.abc import Callable
from datetime import time, timedelta

from django.contrib.gis.geos import Point
from django.utils import timezone

from directory_site.models import DirectoryPage, PublicSite
from directory_site.tests.sites import public_site
from referrals.enums import Weekday
from referrals.models import Category, Network, OpeningHours, Organisation, Postcode, Service, Venue
from referrals.tests import factories as f

POSTCODE = "NW5 2AA"
HOME = Point(-0.1400, 51.5500, srid=4326)
SQUARE = Point(-0.2000, 51.5200, srid=4326)  # where twelve kinds of advice share a house, some three miles off
URGENT = {"when": "Danger to life", "name": "Police, ambulance, fire brigade", "phone": "999", "note": ""}


class Town:
    """`today` is a day of the week on which two of the three kinds of food are open."""

    def __init__(self) -> None:
        self.network: Network = f.NetworkFactory(name="Northside", area__name="Northside")
        self.site = self._site()
        Postcode.objects.create(code=POSTCODE.replace(" ", ""), point=HOME)
        self.today = str(Weekday(timezone.localdate().weekday()).label)
        food, advice = (self._category(name) for name in ("Food", "Advice"))
        kitchen = f.OrganisationFactory(name="Larder Lane", network=self.network)
        parcels = {"cost": "free", "pathways": ["drop_in"], "catchment": f.square(HOME.x, HOME.y)}
        self.parcels = self._service(kitchen, food, "Food parcels", self._near(0.001), **parcels)
        self.lunch = self._service(kitchen, food, "Hot lunch of food", self._near(0.004))
        self.fridge = self._service(kitchen, food, "Fridge with food", self._near(0.008))
        self._open(self.parcels, lambda weekday: True)
        self._open(self.lunch, lambda weekday: True)
        in_three_days = (timezone.localdate() + timedelta(days=3)).weekday()
        self._open(self.fridge, lambda weekday: weekday == in_three_days)
        self._advise(f.OrganisationFactory(name="Law Rooms", network=self.network), advice)

    def _site(self) -> PublicSite:
        site = public_site(self.network)
        site.urgent_help = [("line", URGENT)]
        site.save()
        directory = DirectoryPage(title="Find help", slug="directory", introduction="<p>Say what you need.</p>")
        directory.nothing_found = "<p>Nothing here fits. Ask <b>a person</b>.</p>"
        site.site.root_page.add_child(instance=directory)
        return site

    def _category(self, name: str) -> Category:
        return f.CategoryFactory(network=self.network, name=name, slug=name.lower())

    def _near(self, east: float) -> Point:
        return Point(HOME.x + east, HOME.y, srid=4326)

    def _service(self, by: Organisation, kind: Category, name: str, point: Point, **fields: object) -> Service:
        venue = f.VenueFactory(organisation=by, name=f"House of {name}", point=point)
        given = {"network": self.network, "organisation": by, "activity__name": name, "categories": [kind]}
        return f.ServiceFactory(**given, venue=venue, is_public=True, **fields)

    def _open(self, service: Service, is_open: Callable[[int], bool]) -> None:
        """Round the clock, so that no test is about the hour at which it runs."""
        days = [weekday for weekday in range(7) if is_open(weekday)]
        OpeningHours.objects.bulk_create(
            OpeningHours(service=service, weekday=day, opens=time(), closes=time()) for day in days
        )

    def _advise(self, by: Organisation, kind: Category) -> None:
        house = self._service(by, kind, "Advice 01", SQUARE).venue
        for number in range(2, 23):
            venue = house if number <= 12 else self._room(by, number)
            given = {"network": self.network, "organisation": by, "activity__name": f"Advice {number:02}"}
            f.ServiceFactory(**given, venue=venue, is_public=True, categories=[kind])

    def _room(self, by: Organisation, number: int) -> Venue:
        """Eight stand close together, the last two by themselves."""
        north = 0.02 + number / 20_000 if number <= 20 else -0.018
        return f.VenueFactory(organisation=by, point=Point(SQUARE.x, SQUARE.y + north, srid=4326))
