"""Coverage equals a slow computation over random worlds; what a change does; where one more service helps most."""

import uuid
from datetime import date, time
from math import cos, pi, sin
from random import Random

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from referrals.enums import Weekday
from referrals.models import Assignment, NetworkMembership, OpeningHours, Postcode, Service, Strand
from referrals.network.coverage import (
    Close,
    Grow,
    Moment,
    Open,
    PartOfDay,
    SetCapacity,
    choose_services,
    measure_coverage,
    middle_of,
    offers_of,
    suggest_sites,
)
from referrals.network.coverage.sites import hexagons_to_try
from referrals.network.hexagons import choose_grid
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all
from referrals.tests.network.slow_coverage import slow_points, slow_services, slow_tallies

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)
WEST, SOUTH, EAST, NORTH = -0.22, 51.50, -0.10, 51.58


def star(random: Random, reach: float) -> MultiPolygon:
    """Return a shape of some corners round a point in or about the area."""
    x, y = random.uniform(WEST - 0.02, EAST + 0.02), random.uniform(SOUTH - 0.01, NORTH + 0.01)
    corners = random.randint(3, 12)
    ring = [
        (x + 1.6 * far * cos(2 * pi * n / corners), y + far * sin(2 * pi * n / corners))
        for n in range(corners)
        for far in [reach * random.uniform(0.3, 1)]
    ]
    return MultiPolygon(Polygon([*ring, ring[0]]), srid=4326)


def box(west, south, east, north) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


class RandomWorld:
    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.network = f.NetworkFactory()
        self.points = [
            Point(random.uniform(WEST - 0.01, EAST + 0.01), random.uniform(SOUTH - 0.01, NORTH + 0.01))
            for _ in range(60)
        ]
        codes = random.sample([f"NW{a}{b}{c}{d}" for a in "135" for b in "127" for c in "ABD" for d in "EFGHJ"], 60)
        Postcode.objects.bulk_create(
            Postcode(code=code, point=point, terminated="202001" if random.random() < 0.1 else "")
            for code, point in zip(codes, self.points, strict=True)
        )
        if seed % 3:
            self.add_small_areas()
        self.named = [f.AreaFactory(name=f"Ward {n}", boundary=star(random, 0.03)) for n in range(4)]
        top = f.CategoryFactory(network=self.network)
        self.categories = [top, f.CategoryFactory(network=self.network, parent=top)]
        self.categories += [f.CategoryFactory(network=self.network, parent=self.categories[1])]
        self.categories += [
            f.CategoryFactory(network=self.network, parent=top),
            f.CategoryFactory(network=self.network),
        ]
        self.services = [self.add_service() for _ in range(9)]

    def add_small_areas(self) -> None:
        # They stand over the edge of the network's area, and one more lies over two of them.
        step_x, step_y = (EAST - WEST) / 4, (NORTH - SOUTH) / 4
        corners = [(WEST - 0.01 + x * step_x, SOUTH - 0.01 + y * step_y) for x in range(5) for y in range(5)]
        shapes = [box(x, y, x + step_x, y + step_y) for x, y in self.random.sample(corners, 22)]
        for number, shape in enumerate(
            [*shapes, box(-0.17, 51.53, -0.13, 51.55), box(-0.1502, 51.54, -0.1501, 51.5401)]
        ):
            f.AreaFactory(name=f"Small {number:03}", boundary=shape, population=self.random.randint(0, 2500))

    def add_service(self) -> Service:
        random = self.random
        service = f.ServiceFactory(
            network=self.network,
            catchment=star(random, random.choice([0.01, 0.03, 0.06])) if random.random() < 0.85 else None,
            capacity=random.choice([0, 1, 5, 20]),
            paused_at=timezone.now() if random.random() < 0.1 else None,
            archived_at=timezone.now() if random.random() < 0.1 else None,
            categories=random.sample(self.categories, random.choice([0, 1, 2])),
        )
        if random.random() < 0.15:
            NetworkMembership.objects.filter(organisation=service.organisation).update(status="suspended")
        for weekday in random.sample(range(7), random.choice([0, 2, 5])):
            times = [time(0), time(5, 30), time(11, 10), time(12), time(17, 59), time(21), time(23)]
            opens, closes = random.choice(times), random.choice(times)
            season = random.choice([{}, {}, {"valid_from": date(2026, 12, 24)}, {"valid_to": date(2026, 12, 31)}])
            OpeningHours.objects.create(service=service, weekday=weekday, opens=opens, closes=closes, **season)
        for _ in range(random.choice([0, 1, 1, 6])):
            load(service)
        return service

    def changes(self) -> list:
        random = self.random
        one, two, three = (service.pk for service in random.sample(self.services, 3))
        x, y = random.uniform(WEST, EAST), random.uniform(SOUTH, NORTH)
        every = [Grow(one, 700), Close(two), SetCapacity(three, 30), SetCapacity(one, 3), Open(x, y, 1500, 12)]
        return random.sample(every, random.randint(1, 5))


def load(service: Service) -> None:
    referral = f.ReferralFactory(network=service.network, submission_key=uuid.uuid4())
    strand = Strand.objects.create(referral=referral, network=service.network, status="seeking")
    Assignment.objects.create(
        strand=strand,
        service=service,
        organisation=service.organisation,
        position=0,
        status="offered",
        offered_at=timezone.now(),
    )


def as_numbers(tally) -> list[float]:
    names = ("postcodes", "people", "reached_postcodes", "reached_people", "room_postcodes", "room_people", "served")
    return [getattr(tally, name) for name in names]


@pytest.mark.parametrize("seed", range(gate_or_all(3, 60)))
def test_coverage_equals_a_slow_computation(seed):
    world = RandomWorld(seed)
    category = world.random.choice([None, *world.categories])
    moment = world.random.choice(
        [None, Moment(world.random.choice(list(Weekday)), world.random.choice(list(PartOfDay)))]
    )
    changes, grid = world.changes(), choose_grid(world.network.area.boundary)
    services = Service.objects.filter(network=world.network, archived_at=None).by_active_members()
    chosen = choose_services(services, category=category, moment=moment, today=TODAY)
    coverage = measure_coverage(world.network, offers_of(chosen, changes), named=world.named, compares=True)

    points = slow_points(world.network, grid, world.named)
    assert coverage.has_people is bool(seed % 3)
    for state, applied in (("now", []), ("then", changes)):
        cells, places = slow_tallies(points, slow_services(world.network, category, moment, TODAY, applied, grid))
        got = {(cell.i, cell.j): getattr(cell, state) for cell in coverage.cells}
        assert got.keys() == cells.keys()
        for at, tally in cells.items():
            assert as_numbers(got[at]) == pytest.approx(as_numbers(tally)), (state, at)
            assert got[at].plain_rate == pytest.approx(sum(tally.rates) / len(tally.rates))
        got = {place.place: getattr(place, state) for place in coverage.places}
        assert got.keys() == places.keys()
        for name, tally in places.items():
            assert as_numbers(got[name]) == pytest.approx(as_numbers(tally)), (state, name)
    alone = measure_coverage(world.network, offers_of(chosen), named=world.named)
    assert [as_numbers(cell.now) for cell in alone.cells] == [
        pytest.approx(as_numbers(cell.now)) for cell in coverage.cells
    ]


@pytest.fixture
def town():
    """A network with a postcode in the middle of each of 20 by 10 hexagons or so."""
    network = f.NetworkFactory()
    points = [Point(-0.2 + 0.004 * x, 51.51 + 0.003 * y) for x in range(20) for y in range(20)]
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    Postcode.objects.bulk_create(
        Postcode(code=f"NW1{n % 10}{letters[n // 20]}{letters[n % 20]}", point=point) for n, point in enumerate(points)
    )
    return network


def measure(network, *changes, **asked):
    chosen = choose_services(Service.objects.filter(network=network).by_active_members(), today=TODAY, **asked)
    return measure_coverage(network, offers_of(chosen, changes), compares=True)


def test_one_small_service_for_many_is_a_cold_spot_beside_well_served_people(town):
    west, east = box(-0.22, 51.50, -0.161, 51.58), box(-0.161, 51.50, -0.10, 51.58)
    f.ServiceFactory(network=town, catchment=west, capacity=2)
    f.ServiceFactory(network=town, catchment=east, capacity=200)
    coverage = measure(town)
    total = coverage.total.now
    assert (total.postcodes, total.reached_postcodes, round(total.served)) == (400, 400, 202)
    steps = {coverage.spread.step(cell.now.rate) for cell in coverage.cells}
    assert steps == {-1, 1}
    assert coverage.worst_tenth("now") == pytest.approx(1000 * 2 / 200)


def test_places_that_are_the_same_for_all_differ_from_nothing(town):
    f.ServiceFactory(network=town, capacity=4)
    coverage = measure(town)
    assert {coverage.spread.step(cell.now.rate) for cell in coverage.cells} == {0}
    assert {round(cell.now.per_thousand, 6) for cell in coverage.cells} == {10.0}


def test_what_if_counts_what_is_gained_and_lost(town):
    west, middle = box(-0.22, 51.50, -0.161, 51.58), box(-0.17, 51.50, -0.15, 51.58)
    here = f.ServiceFactory(network=town, catchment=west)
    there = f.ServiceFactory(network=town, catchment=middle)
    before = measure(town).total.now
    after = measure(town, Close(here.pk), Grow(there.pk, 1000)).total
    assert after.now == before
    assert after.then.reached_postcodes == before.reached_postcodes + after.gained_postcodes - after.lost_postcodes
    assert after.gained_postcodes > 0
    assert after.lost_postcodes > 0
    opened = measure(town, Open(-0.13, 51.54, 600, 5)).total
    assert (opened.lost_postcodes, opened.then.served - opened.now.served) == (0, pytest.approx(5))
    assert measure(town, SetCapacity(here.pk, 0)).total == measure(town, Close(here.pk)).total


def test_a_new_service_is_suggested_where_nobody_is_reached(town):
    f.ServiceFactory(network=town, catchment=box(-0.22, 51.50, -0.141, 51.58), capacity=40)
    coverage = measure(town)
    sites = suggest_sites(coverage, places=10, metres=900)
    assert len(sites) == 5
    assert all(site.longitude > -0.141 for site in sites[:3])
    assert [site.useful_places for site in sites] == sorted((site.useful_places for site in sites), reverse=True)
    best = sites[0]
    tried = measure(town, Open(best.longitude, best.latitude, 900, 10)).total
    assert tried.gained_postcodes == pytest.approx(best.new_people, rel=0.35)  # each postcode is a person here


def test_no_site_gains_more_than_the_first(town):
    f.ServiceFactory(network=town, catchment=box(-0.22, 51.50, -0.161, 51.58), capacity=3)
    f.ServiceFactory(network=town, catchment=box(-0.15, 51.53, -0.10, 51.55), capacity=9)
    coverage = measure(town)
    first = suggest_sites(coverage, places=8, metres=700, count=1)[0]
    people = sum(cell.now.people for cell in coverage.cells)
    share = (sum(cell.now.served for cell in coverage.cells) + 8) / people
    middles = {id(cell): middle_of(cell, coverage.grid) for cell in coverage.cells}

    def gain(at):
        x, y = middles[id(at)]
        near = [
            cell
            for cell in coverage.cells
            if (middles[id(cell)][0] - x) ** 2 + (middles[id(cell)][1] - y) ** 2 <= 490000
        ]
        demand = sum(cell.now.people for cell in near)
        return sum(cell.now.people * min(8 / demand, max(0, share - cell.now.rate)) for cell in near)

    assert first.useful_places == pytest.approx(max(gain(cell) for cell in coverage.cells))


def test_a_reach_over_the_whole_area_has_few_sites_to_try(town):
    coverage = measure(town)
    tried = hexagons_to_try(coverage.cells, coverage.grid, 20_000)
    assert 0 < len(tried) < len(coverage.cells) / 20
    [site] = suggest_sites(coverage, places=10, metres=20_000)
    assert site.useful_places == pytest.approx(10)
    assert len(hexagons_to_try(coverage.cells, coverage.grid, 800)) == len(coverage.cells)


def test_people_next_door_do_not_say_how_many_live_here(town):
    f.AreaFactory(boundary=box(-0.10, 51.50, -0.05, 51.58), population=900)  # meets the area at its border
    assert not measure(town).has_people
    f.AreaFactory(boundary=box(-0.22, 51.50, -0.10, 51.58), population=500)
    coverage = measure(town)
    assert (coverage.small_areas, round(coverage.total.now.people)) == (1, 500)


def test_without_postcodes_there_is_nothing_to_show():
    coverage = measure(f.NetworkFactory())
    assert (coverage.cells, coverage.places, coverage.has_people) == ([], [], False)
    assert suggest_sites(coverage, places=10, metres=800) == []


def test_coverage_asks_twice_however_many_services_there_are(town, django_assert_num_queries):
    for count in (1, 3):
        while Service.objects.filter(network=town).count() < count:
            f.ServiceFactory(network=town)
        offers = offers_of(Service.objects.filter(network=town))
        with django_assert_num_queries(2):
            measure_coverage(town, offers, named=[town.area])
