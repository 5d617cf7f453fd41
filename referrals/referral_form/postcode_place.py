from dataclasses import dataclass
from functools import cached_property

from django.contrib.gis.db.models.functions import Area as SizeOf
from django.contrib.gis.geos import Point
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from referrals.models import Area, Network
from referrals.models.geography import outcode_of, place_in_words
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
    def mark(self) -> str:
        """The same in every language, to remember what was warned of."""
        return self.postcode or self.area_name

    @property
    def in_words(self) -> str:
        is_near_by = self.found.problem and self.found.point
        return place_in_words(outcode_of(self.postcode) if is_near_by else self.postcode, self.area_name)

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
            return _("%(place)s lies outside %(area)s.") % {"place": name, "area": self.network.area.name}
        return _(
            "%(place)s lies in %(there)s, outside %(area)s. Organisations here may not be able to help: the council of "
            "%(there)s knows who does."
        ) % {"place": name, "there": self.other_area.name, "area": self.network.area.name}

    @property
    def caption(self) -> str:
        if self.point is None:
            unmapped = _("So it is not on the map.")
            return f"{self.found.problem} {unmapped}" if self.postcode else ""
        if self.found.problem and not self.area:
            near_by = _("The map shows where %(place)s lies, which we use instead.")
            return " ".join([self.found.problem, near_by % {"place": outcode_of(self.postcode)}])
        is_whole = self.postcode and not self.found.is_part
        place = {"place": self.postcode if is_whole else capfirst(self.in_words), "area": self.network.area.name}
        lies = (_("%(place)s lies in %(area)s.") if self.is_inside else _("%(place)s lies outside %(area)s.")) % place
        why = _("We use it, since we do not know the whole postcode.")
        return lies if is_whole else f"{lies} {why}"


def find_place(text: str, network: Network) -> PostcodePlace:
    if "\0" in text or not text or says_no_home(text):  # a NUL is refused at the field, and PostgreSQL takes none
        return PostcodePlace(network)
    found = find_postcode(text, network=network, corrects=True, approximates=True)
    area = None if found.name else find_area(text, network=network)
    return PostcodePlace(network, text, found, area)
