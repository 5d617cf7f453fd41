from collections.abc import Iterable

from django import template
from django.contrib.gis.geos import GEOSGeometry, Point

from referrals.catchments.place_map import PlaceMap, draw_map

register = template.Library()


@register.inclusion_tag("referral_form/place_map.html")
def place_map(
    *,
    boundary: GEOSGeometry | None = None,
    catchments: Iterable[GEOSGeometry | None] | None = None,
    person: Point | None = None,
    venues: Iterable[Point | None] | None = None,
    label: str = "",
) -> dict[str, PlaceMap | None]:
    """{% place_map boundary=area.boundary catchments=shapes person=point venues=points label="NW5 2 in Northside" %}

    Every argument may be missing or empty. `label` says in words what the map shows; say the rest beside it.
    """
    shapes = {"boundary": boundary, "catchments": catchments or (), "person": person, "venues": venues or ()}
    return {"map": draw_map(**shapes, label=label)}
