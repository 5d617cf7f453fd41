"""Names on maps that have no tiles: areas such as wards and localities, and postcode districts."""

from collections.abc import Iterable, Mapping, Sequence
from math import cos, isfinite, radians
from typing import NamedTuple

from django.db import connection

Bounds = tuple[float, float, float, float]  # west, south, east, north, in degrees
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom, in pixels

# Pixels: how wide a letter is and how high a line, at 12 pixels and in a wide font; and what is free beside a name.
LETTER, LINE, AIR = 8.6, 16.0, 6.0
MARK = 12.0  # pixels that a name stays away from the middle of a mark
FINEST_WITHOUT_DISTRICTS = 0.0012  # degrees of longitude a pixel: about zoom 10, where districts would be a crowd

MOST_ON_LIVE_MAP = 40
WIDEST_LIVE_MAP = 4_000  # pixels
# Pixels from the left and, if negative, from the bottom.
_ZOOM_BUTTONS = [(x, y) for x in (15, 35) for y in (20, 45, 70)]
_SCALE = [(x, -15) for x in (15, 40, 65, 90)]


class Label(NamedTuple):
    name: str
    longitude: float
    latitude: float
    kind: str  # "area" or "district"


# An area is named in the middle of what is seen of it. Only those largest by their box are clipped: a map of a country
# would else read every coastline. Areas with a network are its own affair; census areas ("Camden 012B") are numbered,
# and nobody knows their numbers.
_NAMES = """
WITH box AS MATERIALIZED (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box),
large AS MATERIALIZED (
    SELECT name, boundary FROM referrals_area area, box
    WHERE boundary && box AND name !~ '[0-9]'
    AND NOT EXISTS (SELECT FROM referrals_network network WHERE network.area_id = area.id)
    ORDER BY ST_Area(box2d(boundary)::geometry) DESC, id LIMIT %(candidates)s
), named AS (
    SELECT name, ST_PointOnSurface(part) AS point, 'area' AS kind, 0 AS rank, ST_Area(part) AS size
    FROM large, box CROSS JOIN LATERAL (SELECT ST_ClipByBox2D(boundary, box::box2d) AS part) seen
    WHERE ST_Area(part) >= %(smallest)s
    UNION ALL
    (SELECT code, point, 'district', 1, postcodes FROM referrals_postcodedistrict, box
     WHERE %(with_districts)s AND point && box ORDER BY postcodes DESC, code LIMIT %(candidates)s)
)
SELECT name, ST_X(point), ST_Y(point), kind FROM named WHERE point IS NOT NULL ORDER BY rank, size DESC, name
"""


def read_box(text: str) -> Bounds | None:
    """Read "west,south,east,north" in degrees, as the scripts of maps send it; None if it is not that."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not all(map(isfinite, (west, south, east, north))):
        return None
    west, south, east, north = max(west, -180), max(south, -90), min(east, 180), min(north, 90)
    return (west, south, east, north) if west < east and south < north else None


def labels_for_live_map(query: Mapping[str, str]) -> list[Label] | None:
    """Return the names for a map that says its `box`, and its `width` in pixels; None if it says neither properly."""
    box, width = read_box(query.get("box", "")), query.get("width", "")
    if box is None or not (
        width.isascii() and width.isdigit() and len(width) < 5 and 0 < int(width) <= WIDEST_LIVE_MAP
    ):
        return None
    west, south, east, north = box
    pixel = (east - west) / int(width)
    down = pixel * cos(radians((south + north) / 2))
    avoid = [(west + x * pixel, (north if y > 0 else south) - y * down) for x, y in _ZOOM_BUTTONS + _SCALE]
    return labels_in(box, MOST_ON_LIVE_MAP, width=int(width), avoid=avoid)


def labels_in(bounds: Bounds, limit: int, *, width: float, avoid: Iterable[tuple[float, float]] = ()) -> list[Label]:
    """Return names that fit on a map of these bounds, the most important first: areas by what is seen of them, then
    districts by their postcodes. One query.

    width: of the map, in pixels, with letters of 12 pixels. avoid: marks, as longitude and latitude.
    """
    west, south, east, north = bounds
    pixel = (east - west) / width
    parameters = {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "candidates": 3 * limit,
        "smallest": (pixel * LINE) ** 2,  # square degrees
        "with_districts": pixel < FINEST_WITHOUT_DISTRICTS,
    }
    with connection.cursor() as cursor:
        found = [Label(*row) for row in cursor.execute(_NAMES, parameters).fetchall()]
    return place_labels(found, bounds, limit, width=width, avoid=avoid)


def place_labels(
    labels: Sequence[Label],
    bounds: Bounds,
    limit: int,
    *,
    width: float,
    avoid: Iterable[tuple[float, float]] = (),
) -> list[Label]:
    """Keep each label that is wholly on the map and touches neither a mark nor a label kept before it."""
    marks = [_rectangle(bounds, width, longitude, latitude, MARK, MARK) for longitude, latitude in avoid]
    height = _rectangle(bounds, width, bounds[2], bounds[1], 0, 0)[3]
    wanted = [
        _rectangle(bounds, width, label.longitude, label.latitude, (len(label.name) * LETTER + AIR) / 2, LINE / 2)
        for label in labels
    ]
    return [labels[number] for number in keep_apart(wanted, width, height, limit, taken=marks)]


def keep_apart(
    wanted: Iterable[Rectangle], width: float, height: float, limit: int, *, taken: Iterable[Rectangle] = ()
) -> list[int]:
    """Return the numbers of the rectangles that lie wholly in the picture and overlap neither `taken` nor one kept."""
    taken, kept = list(taken), []
    for number, one in enumerate(wanted):
        is_inside = one[0] >= 0 and one[1] >= 0 and one[2] <= width and one[3] <= height
        if len(kept) < limit and is_inside and not any(_overlap(one, other) for other in taken):
            taken.append(one)
            kept.append(number)
    return kept


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _rectangle(
    bounds: Bounds, width: float, longitude: float, latitude: float, half_width: float, half_height: float
) -> Rectangle:
    west, south, east, north = bounds
    unit = width / (east - west)
    x, y = (longitude - west) * unit, (north - latitude) * unit / max(0.01, cos(radians((south + north) / 2)))
    return x - half_width, y - half_height, x + half_width, y + half_height
