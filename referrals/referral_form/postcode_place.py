from dataclasses import dataclass
from functools import cached_property

from django.contrib.gis.geos import Point

from referrals.models import Network, Postcode
from referrals.models.geography import format_postcode, parse_postcode, postcode_sector


@dataclass(frozen=True)
class PostcodePlace:
    """A postcode as usually written, and its point if known."""

    network: Network
    postcode: str = ""
    is_known: bool = False
    point: Point | None = None

    @property
    def sector(self) -> str:
        return postcode_sector(self.postcode)

    @cached_property
    def is_inside(self) -> bool:
        """Reads the boundary: one query the first time."""
        return self.point is not None and self.network.area.boundary.covers(self.point)

    @property
    def caption(self) -> str:
        area = self.network.area.name
        if not self.postcode:
            return ""
        if not self.is_known:
            return f"We do not know {self.postcode}, so it is not on the map."
        if self.point is None:
            return f"We know {self.postcode}, but not where it lies."
        return f"{self.postcode} lies in {area}." if self.is_inside else f"{self.postcode} lies outside {area}."


def find_place(text: str, network: Network) -> PostcodePlace:
    """Return an empty place unless `text` is a whole postcode."""
    compact = parse_postcode(text)
    if not compact:
        return PostcodePlace(network)
    row = Postcode.objects.find(compact)
    return PostcodePlace(network, format_postcode(compact), row is not None, row.point if row else None)
