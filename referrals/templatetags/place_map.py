from collections.abc import Iterable

from django import template
from django.contrib.gis.geos import GEOSGeometry, Point

from referrals.catchments.place_map import PlaceMap, draw_map
from referrals.places.labels import labels_in

register = template.Library()

MOST_NAMES = 14
LETTERS = 14  # units: how large the template writes; names are placed for letters of 12
FEW_VENUES = 12  # with more, no name would find a place beside them
SCALE_HEIGHT, SCALE_WORDS = 14, 90  # units of the view box that the scale takes at the bottom, besides its bar


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


@register.simple_tag
def names_on(drawn: PlaceMap) -> list[tuple[str, float, float, str]]:
    """Return what is written on the map: text, x and y of its middle, and kind. One query."""
    bar = range(int(drawn.width - drawn.scale.length) - SCALE_WORDS, int(drawn.width), SCALE_HEIGHT)
    marks = [
        *(drawn.venues if len(drawn.venues) <= FEW_VENUES else ()),
        *((x, drawn.height - SCALE_HEIGHT / 2) for x in bar),
    ]
    if drawn.person:
        marks.append(drawn.person)
    avoid = [drawn.projection.unproject(x, y) for x, y in marks]
    labels = labels_in(drawn.bounds, MOST_NAMES, width=drawn.width * 12 / LETTERS, avoid=avoid)
    return [(label.name, *drawn.projection.project(label.longitude, label.latitude), label.kind) for label in labels]
