"""Coverage and places per person, computed by hand: point by point with shapely, from the same rows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from referrals.models import Area, Network, OpeningHours, Postcode, Service
from referrals.network.coverage import Close, Grow, Moment, Open, PartOfDay, SetCapacity
from referrals.network.hexagons import Grid

SPANS = {PartOfDay.MORNING: (6, 12), PartOfDay.AFTERNOON: (12, 17), PartOfDay.EVENING: (17, 22)}


@dataclass
class SlowPoint:
    shape: shapely.Point
    place: str
    people: float
    is_postcode: bool = True
    cell: tuple[float, float] = (0, 0)


@dataclass
class SlowTally:
    postcodes: int = 0
    people: float = 0
    reached_postcodes: int = 0
    reached_people: float = 0
    room_postcodes: int = 0
    room_people: float = 0
    served: float = 0
    rates: list[float] = field(default_factory=list)


def shape_of(geometry) -> BaseGeometry:
    return shapely.from_wkb(bytes(geometry.wkb))


def slow_points(network: Network, grid: Grid, named: Sequence[Area]) -> list[SlowPoint]:
    boundary = shape_of(network.area.boundary)
    live = [(one.code, shape_of(one.point)) for one in Postcode.objects.filter(terminated="", point__isnull=False)]
    small = [
        (one, shape_of(one.boundary))
        for one in Area.objects.exclude(population=None).order_by("pk")
        if shape_of(one.boundary).intersects(boundary)
    ]
    homes = {code: next((one for one, shape in small if shape.covers(point)), None) for code, point in live}
    sharers = Counter(home.pk for home in homes.values() if home)
    names = sorted(
        ((shape_of(one.boundary).area, one.name, shape_of(one.boundary)) for one in named), key=lambda x: x[:2]
    )

    def place(point: shapely.Point, otherwise: str) -> str:
        return next((name for _, name, shape in names if shape.covers(point)), otherwise)

    points = []
    for code, point in live:
        if boundary.covers(point):
            home = homes[code]
            people = 1 if not small else home.population / sharers[home.pk] if home else 0
            points.append(SlowPoint(point, place(point, code[:-3]), people))
    for one, _ in small:
        middle = shape_of(one.boundary.point_on_surface)
        if not sharers[one.pk] and boundary.covers(middle):
            points.append(SlowPoint(middle, place(middle, one.name), one.population, is_postcode=False))
    project = Transformer.from_crs(4326, grid.srid, always_xy=True).transform
    for point in points:
        point.cell = nearest_middle(*project(point.shape.x, point.shape.y), grid.side)
    return points


def nearest_middle(x: float, y: float, side: float) -> tuple[int, int]:
    """A hexagon is where its own middle is the nearest."""
    i, j = round(x / (1.5 * side)), round(y / (sqrt(3) * side))
    near = [(i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)]
    return min(near, key=lambda at: (1.5 * side * at[0] - x) ** 2 + (sqrt(3) * side * (at[1] + at[0] % 2 / 2) - y) ** 2)


def is_open(service: Service, moment: Moment, today) -> bool:
    """Count the open minutes of the part of the day one by one."""
    if moment.part == PartOfDay.NIGHT:
        wanted = {(moment.weekday, minute) for minute in range(22 * 60, 24 * 60)}
        wanted |= {((moment.weekday + 1) % 7, minute) for minute in range(6 * 60)}
    else:
        first, last = SPANS[moment.part]
        wanted = {(moment.weekday, minute) for minute in range(first * 60, last * 60)}
    found = set()
    for spell in OpeningHours.objects.filter(service=service):
        if (spell.valid_from and spell.valid_from > today) or (spell.valid_to and spell.valid_to < today):
            continue
        starts, ends = (one.hour * 60 + one.minute for one in (spell.opens, spell.closes))
        ends += 0 if ends > starts else 24 * 60
        found |= {((spell.weekday + minute // 1440) % 7, minute % 1440) for minute in range(starts, ends)}
    return len(found & wanted) >= 60


def helps_with(service: Service, category) -> bool:
    def line(one):
        return [one, *(line(one.parent) if one.parent else [])]

    return any(category in line(one) or one in line(category) for one in service.categories.all())


def slow_services(network: Network, category, moment, today, changes, grid: Grid) -> list[tuple]:
    """Return (shape or None, places, has room) of each service, after the changes."""
    found = []
    to_grid = Transformer.from_crs(4326, grid.srid, always_xy=True).transform
    to_degrees = Transformer.from_crs(grid.srid, 4326, always_xy=True).transform

    def widen(shape: BaseGeometry, metres: float, **options) -> BaseGeometry:
        wide = shapely.transform(shape, to_grid, interleaved=False).buffer(metres, **options)
        return shapely.transform(wide, to_degrees, interleaved=False)

    for service in Service.objects.filter(network=network):
        member = service.organisation.memberships.get(network=network)
        if member.status != "active" or service.archived_at or service.paused_at:
            continue
        if (category and not helps_with(service, category)) or (moment and not is_open(service, moment, today)):
            continue
        places, shape = service.capacity, service.catchment and shape_of(service.catchment)
        for change in changes:
            if isinstance(change, SetCapacity) and change.service == service.pk:
                places = change.places
            if isinstance(change, Grow) and change.service == service.pk and shape:
                shape = widen(shape, change.metres, quad_segs=8)
        if Close(service.pk) in changes:
            places = 0
        load = service.assignments.filter(status__in=("accepted", "offered")).count()
        found.append((shape, places, places > load))
    for change in changes:
        if isinstance(change, Open):
            shape = widen(shapely.Point(change.longitude, change.latitude), change.metres, quad_segs=12)
            found.append((shape, change.places, change.places > 0))
    return [one for one in found if one[1] > 0]


def slow_tallies(points: Sequence[SlowPoint], services: Sequence[tuple]) -> tuple[dict, dict]:
    """Return the tallies by hexagon and by place."""
    rates = []
    for shape, places, _ in services:
        demand = sum(point.people for point in points if shape is None or shape.covers(point.shape))
        rates.append(places / demand if demand else 0)
    cells, by_place = defaultdict(SlowTally), defaultdict(SlowTally)
    for point in points:
        reaching = [n for n, (shape, _, _) in enumerate(services) if shape is None or shape.covers(point.shape)]
        has_room = any(services[n][2] for n in reaching)
        rate = sum(rates[n] for n in reaching)
        for tally in (cells[point.cell], by_place[point.place]):
            tally.postcodes += point.is_postcode
            tally.people += point.people
            tally.reached_postcodes += point.is_postcode and bool(reaching)
            tally.reached_people += point.people if reaching else 0
            tally.room_postcodes += point.is_postcode and has_room
            tally.room_people += point.people if has_room else 0
            tally.served += point.people * rate
            tally.rates.append(rate)
    return cells, by_place
