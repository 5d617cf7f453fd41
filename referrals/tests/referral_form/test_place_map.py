"""The map without tiles: what it shows, where, and that nothing unescaped gets into the page."""

import re
from math import cos, radians

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.template import Context, Template
from django.utils import translation

from referrals.catchments.place_map import draw_map
from referrals.tests.factories import INSIDE, NORTHSIDE, square


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_the_boundary_fills_the_map_and_points_are_inside():
    map = draw_map(boundary=NORTHSIDE, person=INSIDE)
    xs, ys = numbers(map.boundary)[0::2], numbers(map.boundary)[1::2]
    west, south, east, north = NORTHSIDE.extent
    across, down = (INSIDE.x - west) / (east - west), (north - INSIDE.y) / (north - south)
    assert map.person[0] == pytest.approx(min(xs) + across * (max(xs) - min(xs)), abs=0.2)
    assert map.person[1] == pytest.approx(min(ys) + down * (max(ys) - min(ys)), abs=0.2)
    assert 0 < min(xs) < max(xs) < map.width
    assert 0 < min(ys) < max(ys) < map.height


def test_a_metre_is_as_long_to_the_east_as_to_the_north():
    latitude = 57.15  # Aberdeen, where a degree east is half a degree north
    map = draw_map(boundary=square(-2.1, latitude, half=0.05))
    xs, ys = numbers(map.boundary)[0::2], numbers(map.boundary)[1::2]
    shape = (max(xs) - min(xs)) / (max(ys) - min(ys))
    assert shape == pytest.approx(cos(radians(latitude)), rel=0.01)


def test_catchments_and_venues_are_drawn_with_the_person():
    map = draw_map(
        boundary=NORTHSIDE, catchments=[square(-0.15, 51.54), square(-0.18, 51.55)], person=INSIDE, venues=[INSIDE]
    )
    assert len(map.catchments) == 2
    assert map.venues == [map.person]


def test_a_point_far_away_is_left_out_rather_than_shrinking_the_area():
    near, far = draw_map(boundary=NORTHSIDE), draw_map(boundary=NORTHSIDE, person=Point(-2.23, 53.48))
    assert far.person is None
    assert far.boundary == near.boundary


def test_a_person_just_outside_is_on_the_map():
    map = draw_map(boundary=NORTHSIDE, person=Point(-0.25, 51.54))
    assert 0 < map.person[0] < min(numbers(map.boundary)[0::2])


def test_points_alone_and_nothing_at_all():
    alone = draw_map(person=INSIDE)
    assert alone.person == pytest.approx((alone.width / 2, alone.height / 2), abs=0.2)
    assert draw_map() is None
    assert draw_map(boundary=MultiPolygon(), person=Point()) is None


def test_invisible_detail_is_left_out():
    ring = [(-0.2 + step / 10_000, 51.5 + (step % 2) / 1_000_000) for step in range(1000)]
    jagged = Polygon([*ring, (-0.1, 51.58), (-0.2, 51.58), ring[0]])
    assert len(numbers(draw_map(boundary=jagged).boundary)) < 20


def test_holes_are_rings_of_their_own():
    outer = Polygon.from_bbox((-0.2, 51.5, -0.1, 51.58))
    holed = outer.difference(Polygon.from_bbox((-0.16, 51.53, -0.14, 51.55)))
    assert draw_map(boundary=holed).boundary.count("M") == 2


def render(**context: object) -> str:
    template = "{% load place_map %}{% place_map boundary=b catchments=c person=p venues=v label=l %}"
    return Template(template).render(Context(context))


@pytest.mark.django_db
def test_the_tag_draws_with_a_label_that_is_escaped():
    html = render(b=NORTHSIDE, c=[None, square(-0.15, 51.54)], p=INSIDE, v=[INSIDE, None], l='NW5 "2" <b>')
    assert 'role="img"' in html
    assert 'aria-label="NW5 &quot;2&quot; &lt;b&gt;"' in html
    assert [html.count(f'class="{name}"') for name in ("boundary", "catchment", "venue", "person")] == [1, 1, 1, 1]


def test_the_tag_draws_nothing_where_there_is_nothing():
    assert render(b=None, c=None, p=None, v=None, l="").strip() == ""


@pytest.mark.django_db
def test_figures_have_a_point_whatever_the_language(settings):
    settings.USE_THOUSAND_SEPARATOR = True
    with translation.override("de"):
        html = render(b=NORTHSIDE, c=None, p=INSIDE, v=None, l="")
    assert re.search(r'cx="\d+(\.\d+)?"', html)


def test_a_geometry_of_any_polygonal_kind_will_do():
    polygon = GEOSGeometry("POLYGON((-0.2 51.5, -0.1 51.5, -0.1 51.6, -0.2 51.5))")
    assert draw_map(boundary=polygon).boundary == draw_map(boundary=MultiPolygon(polygon)).boundary
