"""Reads and writes GeoJSON (RFC 7946). Positions are longitude, latitude; further numbers are dropped."""

import json
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.files import File

_DEPTH_OF_COLLECTIONS = 20
# Lists and objects, of which each corner is one. They take far more memory than the text they are written with.
_PARTS_AT_MOST = 400_000
_RINGS_AT_MOST = 10_000  # each takes GEOS a moment
_OTHER_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString")
_WKB_POLYGON = 3
# West, south, east, north of the British National Grid in metres; its origin is south-west of Scilly.
_NATIONAL_GRID = (0, 0, 700_000, 1_300_000)
_WEB_MERCATOR = 20_037_509

Ring = array  # of "d": x, y, x, y, ...


class UnusableShape(ValueError):  # noqa: N818 - says what is wrong with the input
    """A shape that cannot be a catchment. Its text is for the person who gave it."""


@dataclass(frozen=True)
class WrittenShapes:
    """The rings of each polygon as written, outer ring first; and how many points and lines were left out."""

    polygons: list[list[Ring]]
    left_out: int


def write_catchment(shape: MultiPolygon | Polygon) -> str:
    """Round-trips every float; `shape.geojson` would not, as GDAL keeps 15 of 17 digits."""
    return json.dumps({"type": shape.geom_type, "coordinates": shape.coords}, allow_nan=False)


def read_upload(file: File) -> str:
    """Raises UnusableShape for a file that is too large, before reading it."""
    if file.size > settings.UPLOADED_SHAPE_BYTES:
        raise _too_large("file", file.size)
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableShape(
            "This file is not GeoJSON, which is text. A shapefile, GeoPackage or zip has to be saved as GeoJSON first, "
            "for instance with QGIS or mapshaper.org."
        ) from error


def parse_shapes(text: str) -> WrittenShapes:
    size = len(text) if text.isascii() else len(text.encode())
    if size > settings.UPLOADED_SHAPE_BYTES:
        raise _too_large("text", size)
    if text.count("[") + text.count("{") > _PARTS_AT_MOST:
        raise UnusableShape(
            f"This shape has more than {_PARTS_AT_MOST:,} corners. Simplify it first, for instance with mapshaper.org."
        )
    found = list(_geometries(_parse(text), _DEPTH_OF_COLLECTIONS))
    polygons = [rings for kind, coordinates in found for rings in _polygons(kind, coordinates)]
    if sum(map(len, polygons)) > _RINGS_AT_MOST:
        raise UnusableShape(
            f"This shape is in more than {_RINGS_AT_MOST:,} pieces. Simplify it first, for instance with mapshaper.org."
        )
    left_out = sum(kind in _OTHER_KINDS for kind, _ in found)
    if not polygons:
        raise UnusableShape("There is no area in this, only points or lines." if left_out else "This shape is empty.")
    return WrittenShapes(polygons, left_out)


def polygon_of(rings: list[Ring]) -> Polygon | None:
    """Return the polygon, closing its rings if necessary; None when its outer ring has fewer than 3 corners."""
    closed = [ring for ring in map(_closed, rings) if len(ring) >= 8]
    if not closed or len(_closed(rings[0])) < 8:
        return None
    packed = [struct.pack("=I", len(ring) // 2) + ring.tobytes() for ring in closed]
    head = struct.pack("=bII", struct.pack("=H", 1)[0], _WKB_POLYGON, len(closed))
    return GEOSGeometry(memoryview(head + b"".join(packed)), srid=4326)


def _too_large(what: str, size: int) -> UnusableShape:
    at_most = settings.UPLOADED_SHAPE_BYTES / 1024**2
    return UnusableShape(
        f"This {what} is {size / 1024**2:.0f} MB; at most {at_most:.0f} MB can be read. "
        "Simplify it first, for instance with mapshaper.org."
    )


def _parse(text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise UnusableShape(f"This shape has {constant} where a number should be.")

    try:
        return json.loads(text, parse_int=float, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise UnusableShape(
            f"This is not GeoJSON: it cannot be read from line {error.lineno}, character {error.colno} on."
        ) from error
    except RecursionError as error:
        raise UnusableShape("This shape is nested too deeply.") from error


def _geometries(data: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield type and coordinates of every geometry. Features without one are skipped, as the standard allows."""
    if depth == 0:
        raise UnusableShape("This shape is nested too deeply.")
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "Feature":
        if data.get("geometry") is not None:
            yield from _geometries(data["geometry"], depth - 1)
    elif kind in ("FeatureCollection", "GeometryCollection"):
        for part in _list_of(data.get("features" if kind == "FeatureCollection" else "geometries")):
            yield from _geometries(part, depth - 1)
    elif kind in ("Polygon", "MultiPolygon", *_OTHER_KINDS):
        yield kind, data.get("coordinates")
    else:
        raise UnusableShape(
            "This is not GeoJSON of an area: it should be a Polygon, a MultiPolygon, or a collection of these."
        )


def _polygons(kind: str, coordinates: Any) -> Iterator[list[Ring]]:
    if kind in _OTHER_KINDS:
        return
    for polygon in [coordinates] if kind == "Polygon" else _list_of(coordinates):
        if rings := [_ring(ring) for ring in _list_of(polygon)]:
            yield rings


def _ring(positions: Any) -> Ring:
    numbers = array("d")
    for position in _list_of(positions):
        if len(_list_of(position)) < 2 or type(position[0]) is not float or type(position[1]) is not float:
            raise UnusableShape("A corner of this shape does not have two numbers, longitude and latitude.")
        numbers.append(position[0])
        numbers.append(position[1])
    return numbers


def _list_of(value: Any) -> list:
    if not isinstance(value, list):
        raise UnusableShape("This is not GeoJSON: a list is missing.")
    return value


def _closed(ring: Ring) -> Ring:
    return ring if ring[:2] == ring[-2:] else ring + ring[:2]


def extent_of(polygons: list[list[Ring]]) -> tuple[float, float, float, float]:
    """Return lowest x and y, highest x and y. Raises UnusableShape unless they are degrees."""
    rings = [ring for rings in polygons for ring in rings if ring]
    if not rings:
        raise UnusableShape("This shape is empty.")
    xs, ys = [ring[0::2] for ring in rings], [ring[1::2] for ring in rings]
    west, south, east, north = min(map(min, xs)), min(map(min, ys)), max(map(max, xs)), max(map(max, ys))
    if not all(map(isfinite, (west, south, east, north))):
        raise UnusableShape("This shape has a number in it that is too large to be a coordinate.")
    if max(-west, east, -south, north) > 180 or (max(-west, east) > 90 and max(-south, north) > 90):
        raise _describe_not_degrees((west, south, east, north))
    return west, south, east, north


def _describe_not_degrees(extent: tuple[float, float, float, float]) -> UnusableShape:
    west, south, east, north = extent
    remedy = "Save it with longitude and latitude first (WGS 84, also called EPSG:4326)."
    grid = _NATIONAL_GRID
    if grid[0] <= west and east <= grid[2] and grid[1] <= south and north <= grid[3]:
        return UnusableShape(f"This shape is in metres of the British National Grid (EPSG:27700). {remedy}")
    if max(-west, east, -south, north) <= _WEB_MERCATOR:
        return UnusableShape(f"This shape is in metres, not in longitude and latitude. {remedy}")
    return UnusableShape(f"This shape has a number in it that is too large to be a coordinate. {remedy}")
