"""Which grid an area gets, and how many catchments lie over each of its hexagons."""

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from referrals.models import Service
from referrals.network.hexagons import CELLS_AT_MOST, Grid, choose_grid, overlap_counts
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def box(west, south, east, north):
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


@pytest.mark.parametrize(
    ("boundary", "grid"),
    [
        (box(-0.22, 51.50, -0.10, 51.58), Grid(27700, 200)),  # a borough
        (box(-2.9, 52.2, -2.35, 52.55), Grid(27700, 400)),  # a county
        (box(-7.7, 54.5, -7.0, 54.9), Grid(29902, 450)),  # in Northern Ireland
        (box(-6.0, 55.5, -5.5, 55.8), Grid(27700, 350)),  # Kintyre
        (box(-5.0, 50.0, 1.5, 55.0), Grid(27700, 4900)),
    ],
)
def test_a_larger_area_gets_larger_hexagons_on_the_grid_of_its_island(boundary, grid):
    chosen = choose_grid(boundary)
    assert chosen == grid
    assert boundary.transform(chosen.srid, clone=True).area / (2.598 * chosen.side**2) <= CELLS_AT_MOST


def test_a_hexagon_counts_the_catchments_over_its_middle():
    network = f.NetworkFactory()
    for catchment in (f.square(-0.15, 51.54), f.square(-0.145, 51.54), None):
        f.ServiceFactory(network=network, catchment=catchment)
    f.ServiceFactory(network=f.NetworkFactory())
    cells = overlap_counts(network, Service.objects.filter(network=network))
    assert {cell.count for cell in cells} == {1, 2, 3}
    for cell in cells:
        corners = Polygon((*cell.ring, cell.ring[0]))
        middle = Point(corners.centroid.coords)
        half = f.square(-0.15, 51.54), f.square(-0.145, 51.54)
        if all(abs(shape.boundary.distance(middle)) > 1e-5 for shape in half):
            assert cell.count == 1 + sum(shape.contains(middle) for shape in half)
    boundary = network.area.boundary
    assert sum(Polygon((*cell.ring, cell.ring[0])).area for cell in cells) > boundary.area
    assert len(cells) == len({(cell.i, cell.j) for cell in cells})
