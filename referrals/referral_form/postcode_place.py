from dataclasses import dataclass
from functools import cached_property

from django.contrib.gis.db.models.functions import Area as SizeOf
from django.contrib.gis.geos import Point

from referrals.models import Area, Network
from referrals.models.geography import postcode_in_words
from referrals.places import FoundPostcode, find_postcode

NOWHERE = FoundPostcode("")


@dataclass(frozen=True)
class PostcodePlace:
    """A typed postcode, or a part of one, and where it lies for the network. `typed` is empty when none was given."""

    network: Network
    typed: str = ""
    found: FoundPostcode = NOWHERE

    @property
    def postcode(self) -> str:
        return self.found.name

    @property
    def point(self) -> Point | None:
        return self.found.point

    @property
    def in_words(self) -> str:
        return postcode_in_words(self.postcode)

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
        if self.other_area is None:
            return f"{self.postcode} lies outside {self.network.area.name}."
        there = self.other_area.name
        return (
            f"{self.postcode} lies in {there}, outside {self.network.area.name}. Organisations here may not be able to "
            f"help: the council of {there} knows who does."
        )

    @property
    def caption(self) -> str:
        if self.point is None:
            return f"{self.found.problem} So it is not on the map." if self.postcode else ""
        lies = f"lies {'in' if self.is_inside else 'outside'} {self.network.area.name}."
        if not self.found.is_part:
            return f"{self.postcode} {lies}"
        middle = self.in_words
        return f"{middle[0].upper()}{middle[1:]} {lies} We use it, since we do not know the whole postcode."


def find_place(text: str, network: Network) -> PostcodePlace:
    return (
        PostcodePlace(network, text, find_postcode(text, network=network, corrects=True))
        if text
        else PostcodePlace(network)
    )
