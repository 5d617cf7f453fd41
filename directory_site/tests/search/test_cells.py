"""The map's counts by square, which triggers keep: they say what the listings say, whatever has changed."""

from collections import Counter
from itertools import product
from math import floor
from random import Random
from threading import Thread

import pytest
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone

from directory_site.search import Filters, Search, Vocabulary, clusters, parse_words, statement
from directory_site.search.results import Cluster
from directory_site.tests.search.asking import MOMENTS, at
from referrals.models import ListingCell, Network, NetworkMembership, PublicListing, Service, Venue
from referrals.models.listings import CELLS, SUM_SCALE
from referrals.public_changes import add_up_cells
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases

WORLD, ISLAND = (-180, -90, 180, 90), (-9, 49.5, 2.5, 61)
# Corners of the world, places on the very edge of squares of all sizes, and places close together.
FAR = [(-180, -90), (180, 90), (180, -85), (-180, 86), (0, 0), (-90, 0), (-11.25, 51.5), (11.25, 51.5)]


class ChangingPlaces:
    """Two networks with services at places drawn from a seed, and ways to change where somebody is listed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.networks = [f.NetworkFactory() for _ in range(2)]
        for _ in range(30):
            self.add()

    def change(self) -> None:
        ways = [self.add, self.move, self.hide, self.show, self.pause, self.suspend, self.keep_secret, self.share]
        self.random.choice([*ways, self.hand_over, self.delete, add_up_cells])()

    def point(self) -> Point:
        near = (round(self.random.gauss(-0.1, 0.01), 4), round(self.random.gauss(51.5, 0.01), 4))
        across = (self.random.uniform(-8, 2), self.random.uniform(50, 58))
        return Point(*self.random.choice([near, near, near, across, self.random.choice(FAR)]), srid=4326)

    def some(self, rows):
        keys = sorted(rows.values_list("pk", flat=True))
        return rows.filter(pk__in=self.random.sample(keys, min(len(keys), self.random.randint(1, 4))))

    def add(self) -> None:
        network = self.random.choice(self.networks)
        organisation = f.OrganisationFactory(network=network)
        venue = f.VenueFactory(organisation=organisation, point=self.point())
        f.ServiceFactory(network=network, organisation=organisation, venue=venue, is_public=True)

    def move(self) -> None:
        for venue in self.some(Venue.objects.all()):
            venue.point = self.random.choice([self.point(), Point(venue.point.x / 1.0001, venue.point.y, srid=4326)])
            venue.save()

    def hide(self) -> None:
        self.some(Service.objects.all()).update(is_public=False)

    def show(self) -> None:
        Service.objects.update(is_public=True, paused_at=None)
        NetworkMembership.objects.update(status="active")

    def pause(self) -> None:
        self.some(Service.objects.all()).update(paused_at=timezone.now())

    def suspend(self) -> None:
        self.some(NetworkMembership.objects.all()).update(status="suspended")

    def keep_secret(self) -> None:
        self.some(Venue.objects.all()).update(is_confidential=True)

    def share(self) -> None:
        Venue.objects.update(is_confidential=False)

    def hand_over(self) -> None:
        """Put services into the other network, which their organisation has joined."""
        for service in self.some(Service.objects.all()):
            other = next(network for network in self.networks if network.pk != service.network_id)
            NetworkMembership.objects.get_or_create(network=other, organisation=service.organisation)
            Service.objects.filter(pk=service.pk).update(network=other)

    def delete(self) -> None:
        self.some(Service.objects.all()).delete()

    def end(self, network: Network) -> None:
        Service.objects.filter(network=network).delete()
        network.delete()


def counted() -> dict[tuple[int, int, int], tuple[int, int, int]]:
    sums: dict[tuple, list[int]] = {}
    for row in ListingCell.objects.all():
        held = sums.setdefault((row.network_id, row.east_cell, row.south_cell), [0, 0, 0])
        for place, number in enumerate((row.number, row.east_sum, row.south_sum)):
            held[place] += number
    return {cell: tuple(held) for cell, held in sums.items() if any(held)}


def listed() -> dict[tuple[int, int, int], tuple[int, int, int]]:
    sums: dict[tuple, list[int]] = {}
    for row in PublicListing.objects.filter(is_listed=True, point__isnull=False):
        cell = (row.network_id, floor(row.east * CELLS), floor(row.south * CELLS))
        held = sums.setdefault(cell, [0, 0, 0])
        for place, number in enumerate((1, floor(row.east * SUM_SCALE), floor(row.south * SUM_SCALE))):
            held[place] += number
    return {cell: tuple(held) for cell, held in sums.items()}


def on_map(networks: list[Network], zoom: int, box: tuple) -> list[Cluster]:
    keys = [network.pk for network in networks]
    words = parse_words("", keys, Vocabulary.of())
    return clusters(Search(), networks, Filters.of(keys), words, None, now=at(MOMENTS[2]), zoom=zoom, box=box)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", draw_cases("changing places", range(20), share=0.15))
def test_cells_and_listings_give_the_same_map_whatever_has_changed(seed, monkeypatch):
    places = ChangingPlaces(seed)
    for _ in range(25):
        places.change()
        assert counted() == listed()
    places.show()
    places.share()
    asked = [*product([places.networks, places.networks[:1]], (0, 3, 6, 8), (WORLD, ISLAND, (-0.12, 51.49, 0.3, 51.6)))]
    from_cells = [on_map(*each) for each in asked]
    assert {bool(cluster.services) for answer in from_cells for cluster in answer} == {True, False}
    assert sum(cluster.number for cluster in from_cells[0]) == sum(number for number, *_ in listed().values())
    monkeypatch.setattr(statement, "CELLS", 0)
    assert [on_map(*each) for each in asked] == from_cells
    places.end(places.networks[0])
    assert counted() == listed()
    assert {cell[0] for cell in counted()} == {places.networks[1].pk}


@pytest.mark.django_db
def test_cells_are_emptied_when_the_listings_are():
    ChangingPlaces(1)
    assert ListingCell.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE referrals_publiclisting")
    assert not ListingCell.objects.exists()


@pytest.mark.django_db
def test_adding_up_leaves_a_row_for_each_cell_that_has_services():
    places = ChangingPlaces(2)
    for _ in range(10):
        places.move()
    before = counted()
    assert ListingCell.objects.count() > len(before)
    add_up_cells()
    assert counted() == before
    assert Counter(ListingCell.objects.values_list("network_id", "east_cell", "south_cell")) == Counter([*before])
    places.end(places.networks[0])
    places.end(places.networks[1])
    add_up_cells()
    assert not ListingCell.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_what_is_being_added_up():
    """Services come and move within their square, and another adds that up, while the first has not committed."""
    places = ChangingPlaces(3)

    def gather(east: float) -> None:
        Venue.objects.update(point=Point(east, 51.5, srid=4326))

    def meanwhile() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        gather(-0.1)
        gather(-0.12)
        add_up_cells()
        places.add()
        done.append(True)
        connection.close()

    gather(-0.14)
    gather(-0.15)
    done: list[bool] = []
    with transaction.atomic():
        add_up_cells()
        other = Thread(target=meanwhile)
        other.start()
        other.join()
    assert done
    assert counted() == listed()
    add_up_cells()
    assert counted() == listed()
    assert ListingCell.objects.count() == len(listed())


@pytest.mark.django_db
@pytest.mark.parametrize("zoom", [8, 9])
def test_a_square_is_whole_however_the_map_is_dragged(zoom):
    network = f.NetworkFactory()
    organisation = f.OrganisationFactory(network=network)
    for east in (0.02, 0.15):
        venue = f.VenueFactory(organisation=organisation, point=Point(east, 51.5, srid=4326))
        f.ServiceFactory(network=network, organisation=organisation, venue=venue, is_public=True)
    [whole] = on_map([network], zoom, (-1, 51, 1, 52))
    assert whole.number == len(whole.services) == 2
    assert on_map([network], zoom, (0.1, 51, 1, 52)) == on_map([network], zoom, (-1, 51, 0.1, 52)) == [whole]
    assert on_map([network], zoom, (0.4, 51, 1, 52)) == []
