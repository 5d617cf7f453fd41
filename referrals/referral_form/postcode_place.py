from dataclasses import dataclass
from functools import cached_property

from django.contrib.gis.db.models.functions import Area as SizeOf
from django.contrib.gis.geos import Point

from referrals.models import Area, Network
from referrals.models.geography import place_in_words
from referrals.places import FoundArea, FoundPostcode, find_area, find_postcode, says_no_home

NOWHERE = FoundPostcode("")


@dataclass(frozen=True)
class PostcodePlace:
    """A typed postcode, a part of one, or an area's name, and where it lies for the network.

    `typed` is empty when none was given. With an `area`, `postcode` is empty.
    """

    network: Network
    typed: str = ""
    found: FoundPostcode = NOWHERE
    area: FoundArea | None = None

    @property
    def postcode(self) -> str:
        return self.found.name

    @property
    def area_name(self) -> str:
        return self.area.name if self.area else ""

    @property
    def point(self) -> Point | None:
        return self.area.point if self.area else self.found.point

    @property
    def in_words(self) -> str:
        return place_in_words(self.postcode, self.area_name)

    @cached_property
    def is_inside(self) -> bool:
        """Reads the boundary: one query the first time."""
        return self.point is not None and self.network.area.boundary.covers(self.point)

    @cached_property
    def other_area(self) -> Area | None:
        """The smallest area known here, other than the network's, in which it lies."""
        if self.point is None or self.is_inside:
            return None
        areas = Area.objects.filter(boundary__covers=self.point).defer("boundary")
        return areas.order_by(SizeOf("boundary"), "pk").first()

    @cached_property
    def other_network(self) -> Network | None:
        """A network whose public form serves that area."""
        area = self.other_area
        return area and Network.objects.filter(area=area, has_public_form=True).order_by("pk").first()

    @property
    def outside_in_words(self) -> str:
        name = self.postcode or self.area_name
        if self.other_area is None:
            return f"{name} lies outside {self.network.area.name}."
        there = self.other_area.name
        return (
            f"{name} lies in {there}, outside {self.network.area.name}. Organisations here may not be able to "
            f"help: the council of {there} knows who does."
        )

    @property
    def caption(self) -> str:
        if self.point is None:
            return f"{self.found.problem} So it is not on the map." if self.postcode else ""
        lies = f"lies {'in' if self.is_inside else 'outside'} {self.network.area.name}."
        if self.postcode and not self.found.is_part:
            return f"{self.postcode} {lies}"
        middle = self.in_words
        return f"{middle[0].upper()}{middle[1:]} {lies} We use it, since we do not know the whole postcode."


def find_place(text: str, network: Network) -> PostcodePlace:
    if "\0" in text or not text or says_no_home(text):  # a NUL is refused at the field, and PostgreSQL takes none
        return PostcodePlace(network)
    found = find_postcode(text, network=network, corrects=True)
    area = None if found.name else find_area(text, network=network)
    return PostcodePlace(network, text, found, area)
