"""Finds the place that a search names: "NW5 2AA", "NW5", "Kilburn" or "near me"."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Point
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from directory_site.search.query import Search
from referrals.models import Area, Network
from referrals.places import find_postcode


@dataclass(frozen=True, slots=True)
class Place:
    """A point (longitude, latitude) and its name."""

    point: Point
    name: str


def find_place(search: Search, network_ids: Collection[int]) -> Place | None:
    """Return the place of a search; None where it names none, or one that is not known.

    An area counts only if it is public reference data or belongs to one of the site's networks.
    """
    if search.place:
        found = find_postcode(search.place, corrects=True)
        if found.point:
            return Place(found.point, found.name)
        return _area(search.place, network_ids) if network_ids else None
    if search.near:
        latitude, longitude = map(float, search.near.split(","))
        return Place(Point(longitude, latitude, srid=4326), _("where you are"))
    return None


def place_problem(text: str) -> str:
    """Return why a place of this name was not found, as a sentence or two; empty if it was not read as a postcode."""
    found = find_postcode(text)
    return found.problem if found.name or found.similar else ""


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
