"""Finds the place that a search names: "NW5 2AA", "NW5", "Kilburn" or "near me"."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Centroid, PointOnSurface
from django.contrib.gis.geos import Point
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from directory_site.search.query import Search
from referrals.models import Area, Network, Postcode
from referrals.models.geography import format_postcode, parse_postcode

# Royal Mail's PAF guide: the outward half of a postcode, and perhaps the sector's digit behind it.
_PART_OF_POSTCODE = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)(?:\s+([0-9]))?$")


@dataclass(frozen=True, slots=True)
class Place:
    """A point (longitude, latitude) and its name."""

    point: Point
    name: str


def find_place(search: Search, network_ids: Collection[int]) -> Place | None:
    """Return the place of a search; None where it names none, or one that is not known. At most two queries.

    An area counts only if it is public reference data or belongs to one of the site's networks.
    """
    if search.place:
        return _postcode(search.place) or (_area(search.place, network_ids) if network_ids else None)
    if search.near:
        latitude, longitude = map(float, search.near.split(","))
        return Place(Point(longitude, latitude, srid=4326), _("where you are"))
    return None


def is_postcode(text: str) -> bool:
    """Whether the text has the form of a postcode or of its first half, known or not."""
    return bool(parse_postcode(text) or _part_of_postcode(text))


def _part_of_postcode(text: str) -> re.Match[str] | None:
    return _PART_OF_POSTCODE.match(" ".join(text.upper().split()))


def _postcode(text: str) -> Place | None:
    if code := parse_postcode(text):
        found = Postcode.objects.located().filter(pk=code).first()
        return Place(found.point, format_postcode(code)) if found else None
    part = _part_of_postcode(text)
    if part is None:
        return None
    outward, sector = part[1], part[2] or ""
    inside = Postcode.objects.located().filter(
        code__startswith=f"{outward}{sector}", code__regex=_unit_of(outward, sector)
    )
    middle = inside.aggregate(middle=Centroid(Collect("point")))["middle"]
    return Place(middle, f"{outward} {sector}".strip()) if middle else None


def _unit_of(outward: str, sector: str) -> str:
    """Return a pattern that keeps NW11 1AA out of NW1."""
    return f"^{outward}{sector or '[0-9]'}[A-Z]{{2}}$"


def _area(text: str, network_ids: Collection[int]) -> Place | None:
    """Find an area by its name. Of several, prefer one that a network of this site covers."""
    ours = Network.objects.filter(pk__in=network_ids)
    of_ours = Exists(ours.filter(area=OuterRef("pk")))
    of_a_network = Exists(Network.objects.filter(area=OuterRef("pk")))
    found = (
        Area.objects.filter(of_ours | ~of_a_network, name__iexact=text)
        .annotate(is_here=Exists(ours.filter(area__boundary__intersects=OuterRef("boundary"))))
        .annotate(middle=PointOnSurface("boundary"))
        .order_by("-is_here", "name", "pk")
        .values_list("middle", "name")
        .first()
    )
    return Place(*found) if found else None
