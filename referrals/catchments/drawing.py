"""Shapes to start a catchment from, and ways to add to them or cut from them."""

from collections.abc import Iterator
from math import cos, pi, radians, sin
from typing import Any

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Point, Polygon
from django.db.models import QuerySet

from referrals.access import visible_to
from referrals.models import Area, Network
from referrals.words import METRES_PER_MILE

METRES_PER_DEGREE = 111_195  # of latitude, on a sphere of 6,371 km: 0.3 per cent off at most
CORNERS_OF_CIRCLE = 48


def circle(point: Point, miles: float) -> Polygon:
    """Ignores the earth's curvature: over a borough, that is out by metres."""
    north = miles * METRES_PER_MILE / METRES_PER_DEGREE
    east = north / cos(radians(point.y))
    angles = [2 * pi * corner / CORNERS_OF_CIRCLE for corner in range(CORNERS_OF_CIRCLE)]
    corners = [(point.x + east * cos(angle), point.y + north * sin(angle)) for angle in angles]
    return Polygon([*corners, corners[0]], srid=4326)


def whole_area(area: Area) -> MultiPolygon:
    return as_multipolygon(area.boundary)


def join(*shapes: GEOSGeometry) -> MultiPolygon:
    """`shapes` must be valid."""
    return as_multipolygon(
        MultiPolygon([polygon for shape in shapes for polygon in polygons_of(shape)], srid=4326).unary_union
    )


def cut(shape: GEOSGeometry, away: GEOSGeometry) -> MultiPolygon:
    """Both shapes must be valid; what is left may be empty."""
    return as_multipolygon(shape.difference(away))


def as_multipolygon(shape: GEOSGeometry) -> MultiPolygon:
    """Drop the points and lines that are left where shapes touch."""
    return shape if isinstance(shape, MultiPolygon) else MultiPolygon(list(polygons_of(shape)), srid=4326)


def polygons_of(shape: GEOSGeometry) -> Iterator[Polygon]:
    if isinstance(shape, Polygon):
        if not shape.empty:
            yield shape
    elif isinstance(shape, GeometryCollection):
        for part in shape:
            yield from polygons_of(part)


def areas_to_start_from(user: Any, network: Network) -> QuerySet:
    """Return wards and the like in the network's area, judged by a point inside each."""
    here = visible_to(user, Area).filter(boundary__bboverlaps=network.area.boundary).exclude(pk=network.area_id)
    return here.annotate(middle=PointOnSurface("boundary")).filter(middle__coveredby=network.area.boundary)
