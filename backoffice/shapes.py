"""Shapes in forms: drawn on a map or given as GeoJSON, which are equals; and shown without either.

django-leaflet brings Leaflet and its drawing tools; its own widget writes scripts into the page, so it is not used.
"""

import json
from collections.abc import Iterable, Iterator

from django.contrib.gis.forms.widgets import BaseGeometryWidget
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.db.models import Field, Model
from django.forms import Media
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from referrals.models import Area

SIMPLIFIED = 0.0004  # degrees, about 40 metres: enough to see where an area ends


class ShapeWidget(BaseGeometryWidget):
    """A GeoJSON field that a script turns into a map; without the script it stays what it is.

    around: areas drawn in grey behind the shape, so that the map says where one is without tiles.
    """

    template_name = "backoffice/shape_widget.html"
    around: list[GEOSGeometry] = []

    @property
    def media(self) -> Media:
        return Media(
            css={"all": ["leaflet/leaflet.css", "leaflet/draw/leaflet.draw.css"]},
            js=["leaflet/leaflet.js", "leaflet/draw/leaflet.draw.js", "backoffice/shape.js"],
        )

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        serialized = value if isinstance(value, str) else self.serialize(value)
        return {
            "widget": {"name": name, "value": serialized, "attrs": self.build_attrs(attrs or {})},
            "is_point": self.attrs["geom_type"] == "POINT",
            "around": json.dumps([json.loads(shape.geojson) for shape in self.around]),
        }

    def serialize(self, value: GEOSGeometry | None) -> str:
        return value.geojson if value else ""

    def deserialize(self, value: str) -> GEOSGeometry | None:
        """Read GeoJSON: one geometry, a feature, or a collection of either. Its coordinates are longitude, latitude."""
        try:
            shapes = [_geometry(one) for one in _geometries(json.loads(value))]
        except (AttributeError, GEOSException, KeyError, RecursionError, TypeError, ValueError):
            return None
        if self.attrs["geom_type"] == "POINT":
            return shapes[0] if len(shapes) == 1 else None
        polygons = [polygon for shape in shapes for polygon in ([shape] if isinstance(shape, Polygon) else shape)]
        return MultiPolygon(polygons, srid=4326) if polygons else None


def _geometries(data: dict) -> Iterator[dict]:
    if data["type"] == "FeatureCollection":
        for feature in data["features"]:
            yield from _geometries(feature)
    elif data["type"] == "Feature":
        yield from _geometries(data["geometry"])
    else:
        yield data


def _geometry(data: dict) -> GEOSGeometry:
    """Only type and coordinates are handed on: whatever coordinate system the sender names is not believed."""
    return GEOSGeometry(json.dumps({"type": data["type"], "coordinates": data["coordinates"]}), srid=4326)


def outlines(areas: Iterable[Area]) -> list[GEOSGeometry]:
    return [area.boundary.simplify(SIMPLIFIED, preserve_topology=True) for area in areas]


class ReadOnlyShape:
    """Shows a geometry of a row as a small map."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.name = self.__name__ = field.name
        self.short_description = capfirst(field.verbose_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReadOnlyShape) and other.field == self.field

    def __hash__(self) -> int:
        return hash(self.field)

    def __call__(self, obj: Model) -> SafeString | str:
        shape = getattr(obj, self.field.name)
        if shape is None:
            return "-"
        network = getattr(obj, "network", None)
        is_point = shape.geom_type == "Point"
        drawn = {
            "boundary": network.area.boundary if network else None,
            "catchments": [] if is_point else [shape],
            "venues": [shape] if is_point else [],
            "label": f"{capfirst(self.field.verbose_name)} of {obj}",
        }
        return render_to_string("backoffice/shape.html", drawn)
