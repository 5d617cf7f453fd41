"""Where one more service would help most."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from django.contrib.gis.geos import Point

from referrals.network.coverage.measures import Coverage, Part
from referrals.network.hexagons import Grid

FINENESS = 10  # sites tried are at most about a tenth of the reach apart, or neighbours


@dataclass(frozen=True, slots=True)
class Site:
    """The middle of a hexagon, and what a service there adds: `useful_places` go to people who have less than their
    share; `people` are within its reach, `new_people` are reached by no service yet. All by hexagons.
    """

    place: str
    longitude: float
    latitude: float
    useful_places: float
    people: float
    new_people: float


def suggest_sites(coverage: Coverage, *, places: int, metres: int, count: int = 5) -> list[Site]:
    """Return up to `count` sites, the best first and each on top of those before it (greedy).

    A share is what everybody would have if all places, with the new ones, were spread evenly over the people. Of a new
    service's places, those count that lift somebody towards that. What it adds can only get less as others are added,
    so that after the first round few hexagons have to be looked at again. With a long reach not every hexagon is tried:
    that would take ten seconds, and neighbours are hardly different.
    """
    cells = coverage.cells
    people = [cell.then.people for cell in cells]
    total = sum(people)
    if not total or places < 1:
        return []
    rates = [cell.then.rate for cell in cells]
    share = (sum(cell.then.served for cell in cells) + places) / total
    around = _hexagons_around(hexagons_to_try(cells, coverage.grid, metres), cells, coverage.grid, metres)

    def gain(at: int) -> float:
        within = around[at]
        demand = sum(people[one] for one in within)
        added = places / demand if demand else 0.0
        return sum(people[one] * min(added, share - rates[one]) for one in within if rates[one] < share)

    gains = [(-gain(at), at) for at in around]
    heapq.heapify(gains)
    sites: list[Site] = []
    reached = [cell.then.reached_share for cell in cells]
    while gains and len(sites) < count:
        _, at = heapq.heappop(gains)
        current = gain(at)
        if gains and current < -gains[0][0] - 1e-12:
            heapq.heappush(gains, (-current, at))
            continue
        if current <= 1e-9 * places:
            break
        within = around[at]
        demand = sum(people[one] for one in within)
        longitude, latitude = _middle_in_degrees(cells[at], coverage.grid)
        sites.append(
            Site(
                cells[at].place,
                longitude,
                latitude,
                useful_places=current,
                people=demand,
                new_people=sum(people[one] * (1 - reached[one]) for one in within),
            )
        )
        for one in within:
            rates[one] += places / demand
            reached[one] = 1.0
    return sites


def middle_of(cell: Part, grid: Grid) -> tuple[float, float]:
    """Return where the grid's hexagon is, in its metres; as ST_Hexagon has it."""
    return 1.5 * grid.side * cell.i, sqrt(3) * grid.side * (cell.j + 0.5 * (cell.i % 2))


def _middle_in_degrees(cell: Part, grid: Grid) -> tuple[float, float]:
    point = Point(middle_of(cell, grid), srid=grid.srid)
    point.transform(4326)
    return round(point.x, 5), round(point.y, 5)


def hexagons_to_try(cells: Sequence[Part], grid: Grid, metres: int) -> list[int]:
    """Return one hexagon of each block of so many by so many, by number."""
    step = max(1, metres // grid.side // FINENESS)
    return list({(cell.i // step, cell.j // step): number for number, cell in enumerate(cells)}.values())


def _hexagons_around(numbers: Iterable[int], cells: Sequence[Part], grid: Grid, metres: int) -> dict[int, list[int]]:
    """Return, for each of these hexagons, those with their middle within so many metres of its own, by number."""
    at = {(cell.i, cell.j): number for number, cell in enumerate(cells)}
    reach = ceil(metres / grid.side)
    offsets = {}
    for odd in (0, 1):
        x, y = 1.5 * odd, sqrt(3) * 0.5 * odd
        offsets[odd] = [
            (i - odd, j)
            for i in range(odd - reach, odd + reach + 1)
            for j in range(-reach - 1, reach + 2)
            if (1.5 * i - x) ** 2 + (sqrt(3) * (j + 0.5 * (i % 2)) - y) ** 2 <= (metres / grid.side) ** 2
        ]
    return {
        number: [at[key] for di, dj in offsets[cell.i % 2] if (key := (cell.i + di, cell.j + dj)) in at]
        for number in numbers
        for cell in [cells[number]]
    }
