"""How well an area is covered: by hexagon, by place and in all; now and, if asked, after changes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from django.db import connection
from django.db.models import Sum

from referrals.catchments.drawing import CORNERS_OF_CIRCLE
from referrals.models import Area, Network, PostcodeDistrict
from referrals.network.coverage.services import Offer, columns_of
from referrals.network.coverage.statement import COUNT_SMALL_AREAS, coverage_sql
from referrals.network.hexagons import Grid, choose_grid

PEOPLE_OF_A_WARD = 4_000  # on average; smaller areas have codes for names, such as Camden 001A
FARTHEST_STEP = 3
WORST_SHARE = 0.1
POSTCODES_AT_MOST = 300_000  # London has 180,000, which take some seconds


@dataclass(frozen=True, slots=True)
class Tally:
    """What is reached of the postcodes and people somewhere. `served`: the sum over people of places for each."""

    postcodes: int
    people: float
    reached_postcodes: int
    reached_people: float
    room_postcodes: int
    room_people: float
    served: float
    plain_rate: float = 0.0  # the mean over points, for where nobody lives

    @property
    def rate(self) -> float:
        """Places per person."""
        return self.served / self.people if self.people else self.plain_rate

    @property
    def per_thousand(self) -> float:
        return 1000 * self.rate

    @property
    def unreached_postcodes(self) -> int:
        return self.postcodes - self.reached_postcodes

    @property
    def unreached_people(self) -> float:
        return max(0.0, self.people - self.reached_people)

    @property
    def reached_share(self) -> float:
        return _share(self.reached_postcodes, self.postcodes, self.reached_people, self.people)

    @property
    def room_share(self) -> float:
        return _share(self.room_postcodes, self.postcodes, self.room_people, self.people)


def _share(postcodes: int, of_postcodes: int, people: float, of_people: float) -> float:
    if of_postcodes:
        return postcodes / of_postcodes
    return people / of_people if of_people else 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A hexagon, at `i` and `j` of the grid, or a place by name. Without changes, `then` is `now`."""

    place: str
    now: Tally
    then: Tally
    gained_postcodes: int = 0
    lost_postcodes: int = 0
    i: int = 0
    j: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """Of places per person over the hexagons, weighted by people."""

    mean: float
    deviation: float

    def step(self, rate: float) -> int:
        """Return by how many standard deviations `rate` differs from the mean, from -3 to 3."""
        if self.deviation <= 1e-9 * max(self.mean, 1e-12):
            return 0
        return max(-FARTHEST_STEP, min(FARTHEST_STEP, round((rate - self.mean) / self.deviation)))


@dataclass(frozen=True)
class Coverage:
    """`small_areas`: how many say how many people live here. Without any, each postcode counts as one person."""

    grid: Grid
    cells: Sequence[Part]
    places: Sequence[Part]
    small_areas: int

    @property
    def has_people(self) -> bool:
        return self.small_areas > 0

    @cached_property
    def total(self) -> Part:
        """The whole area, without a name."""
        return add_up(self.cells)

    @cached_property
    def spread(self) -> Spread:
        """How places per person differ now; what would be is measured by the same steps."""
        people = sum(cell.now.people for cell in self.cells)
        if not people:
            return Spread(0.0, 0.0)
        mean = sum(cell.now.served for cell in self.cells) / people
        squares = sum(cell.now.people * (cell.now.rate - mean) ** 2 for cell in self.cells)
        return Spread(mean, sqrt(squares / people))

    def worst_tenth(self, state: str) -> float:
        """Return the most places per thousand people that any of the worst-served tenth of people have."""
        rates = sorted((tally.per_thousand, tally.people) for cell in self.cells for tally in [getattr(cell, state)])
        left = WORST_SHARE * sum(people for _, people in rates)
        for rate, people in rates:
            left -= people
            if people and left <= 0:
                return rate
        return 0.0


def add_up(parts: Iterable[Part]) -> Part:
    parts = list(parts)
    return Part(
        "",
        *(_add_tallies([getattr(part, state) for part in parts]) for state in ("now", "then")),
        gained_postcodes=sum(part.gained_postcodes for part in parts),
        lost_postcodes=sum(part.lost_postcodes for part in parts),
    )


def _add_tallies(tallies: Sequence[Tally]) -> Tally:
    fields = [name for name in Tally.__slots__ if name != "plain_rate"]
    return Tally(**{name: sum(getattr(tally, name) for tally in tallies) for name in fields})


def is_too_large(network: Network) -> bool:
    """Whether measuring the network's coverage would keep a page waiting for too long, judged by its districts."""
    districts = PostcodeDistrict.objects.filter(point__coveredby=network.area.boundary)
    return (districts.aggregate(total=Sum("postcodes"))["total"] or 0) > POSTCODES_AT_MOST


def choose_naming_areas(areas: Iterable[Area], network: Network) -> list[Area]:
    """Return those of `areas` by which people would call a place: not most of the network's area, nor small areas."""
    most = network.area.boundary.area / 2
    areas = [area for area in areas if area.boundary.area < most]
    people = [area.population for area in areas if area.population is not None]
    if people and sum(people) / len(people) < PEOPLE_OF_A_WARD:
        return [area for area in areas if area.population is None]
    return areas


def measure_coverage(
    network: Network, offers: Sequence[Offer], *, named: Collection[Area] = (), compares: bool = False
) -> Coverage:
    """Return how the network's area is covered by `offers`; with `compares`, also how it would be after the changes.

    named: areas by which places are called; what lies in none of them is called by its postcode district. The smallest
    counts where several overlap. Without any postcode or small area there are no cells.
    """
    grid = choose_grid(network.area.boundary)
    with connection.cursor() as cursor:
        [(small_areas,)] = cursor.execute(COUNT_SMALL_AREAS, {"area": network.area_id}).fetchall()
    parameters = {
        "area": network.area_id,
        "has_people": small_areas > 0,
        "srid": grid.srid,
        "side": grid.side,
        "named": [area.pk for area in named],
        "quarter": CORNERS_OF_CIRCLE // 4,
        **columns_of(offers),
    }
    states = ("now", "then") if compares else ("now",)
    with connection.cursor() as cursor:
        rows = cursor.execute(coverage_sql(states), parameters).fetchall()
    cells = [_read_part(row, compares=compares) for row in rows if row[0] is not None]
    places = [_read_part(row, compares=compares) for row in rows if row[0] is None]
    places.sort(key=lambda part: (-part.now.unreached_postcodes, -part.now.postcodes, part.place))
    return Coverage(grid, cells, places, small_areas)


def _read_part(row: Sequence, *, compares: bool) -> Part:
    i, j, place, postcodes, people, *rest = row
    now = Tally(postcodes, people, *rest[:6])
    then = Tally(postcodes, people, *rest[6:12]) if compares else now
    gained, lost = rest[12:14] if compares else (0, 0)
    return Part(place, now, then, gained, lost, i or 0, j or 0)
