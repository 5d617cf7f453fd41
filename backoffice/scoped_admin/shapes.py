"""Maps in forms and pages: placing a point, and showing a shape without any script.

django-leaflet ships Leaflet and its drawing tools. Its widget writes scripts into the page, so it is not used.
"""

import json
from typing import Any

from django.contrib.gis.forms.widgets import BaseGeometryWidget
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.db.models import Model
from django.forms import Media
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from backoffice.scoped_admin.field_display import FieldDisplay
from referrals.catchments import write_catchment
from referrals.catchments.map_tiles import allowed_tiles
from referrals.models import Area

SIMPLIFIED = 0.0004  # degrees, about 40 metres: enough to see where an area ends
MAP_STYLES = {"all": ["leaflet/leaflet.css", "leaflet/draw/leaflet.draw.css", "backoffice/maps.css"]}


def map_scripts(*own: str) -> list[str]:
    return [
        "leaflet/leaflet.js",
        "leaflet/draw/leaflet.draw.js",
        "referrals/map_labels.js",
        "backoffice/maps.js",
        *(f"backoffice/{name}" for name in own),
    ]


class PointWidget(BaseGeometryWidget):
    """GeoJSON of a point, which a script turns into a pin on a map. Without the script it is a text box.

    around: areas drawn in grey behind the pin, so that people can place it on a map without tiles.
    """

    template_name = "backoffice/point_widget.html"
    around: list[GEOSGeometry] = []

    @property
    def media(self) -> Media:
        return Media(css=MAP_STYLES, js=map_scripts("pin.js"))

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        serialized = value if isinstance(value, str) else self.serialize(value)
        return {
            "widget": {"name": name, "value": serialized, "attrs": self.build_attrs(attrs or {})},
            "around": json.dumps([json.loads(shape.geojson) for shape in self.around]),
            "find": reverse("backoffice:find_postcode"),
            "labels": reverse("backoffice:map_labels"),
            "tiles": allowed_tiles(),
        }

    def serialize(self, value: GEOSGeometry | None) -> str:
        return write_catchment(value) if value else ""

    def deserialize(self, value: str) -> GEOSGeometry | None:
        """Read the GeoJSON of a point or of a feature with one, longitude first."""
        try:
            data = json.loads(value)
            return _point(data["geometry"] if data["type"] == "Feature" else data)
        except (AttributeError, GEOSException, KeyError, RecursionError, TypeError, ValueError):
            return None


def _point(data: dict[str, Any]) -> GEOSGeometry:
    """Use only type and coordinates, and ignore any coordinate system that the sender names."""
    if data["type"] != "Point" or len(data["coordinates"]) > 3:
        raise ValueError
    return GEOSGeometry(json.dumps({"type": data["type"], "coordinates": data["coordinates"]}), srid=4326)


def outlines(areas: "list[Area]") -> list[GEOSGeometry]:
    return [area.boundary.simplify(SIMPLIFIED, preserve_topology=True) for area in areas]


class ReadOnlyShape(FieldDisplay):
    """Shows a geometry of a row as a small map."""

    def __call__(self, obj: Model) -> SafeString | str:
        shape = getattr(obj, self.field.name)
        if shape is None:
            return ""
        network = getattr(obj, "network", None)
        is_point = shape.geom_type == "Point"
        drawn = {
            "boundary": network.area.boundary if network else None,
            "catchments": [] if is_point else [shape],
            "venues": [shape] if is_point else [],
            "label": f"{capfirst(self.field.verbose_name)} of {obj}",
        }
        return render_to_string("backoffice/shape.html", drawn)
