"""Names on maps: none over another, the most important kept, nothing of a network's own area."""

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.models import PostcodeDistrict
from referrals.places.labels import AIR, LETTER, LINE, Label, labels_for_live_map, labels_in, place_labels, read_box
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all

BOX = (-0.20, 51.50, -0.10, 51.58)
WIDTH = 800
UNIT = WIDTH / 0.1  # pixels a degree of longitude; of latitude, more


def box(west, south, east, north):
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


def district(code, x, y, postcodes):
    return PostcodeDistrict.objects.create(code=code, point=Point(x, y, srid=4326), postcodes=postcodes)


labels = st.lists(
    st.builds(
        Label,
        st.text("abc ", min_size=1, max_size=20),
        st.floats(-0.22, -0.08),
        st.floats(51.48, 51.6),
        st.sampled_from(["area", "district"]),
    ),
    max_size=40,
)
marks = st.lists(st.tuples(st.floats(-0.2, -0.1), st.floats(51.5, 51.58)), max_size=5)


@settings(max_examples=gate_or_all(25, 1000))
@given(labels, marks, st.integers(0, 10))
def test_no_name_lies_over_another_and_none_is_left_out_without_a_reason(given, avoid, limit):
    kept = place_labels(given, BOX, limit, width=WIDTH, avoid=avoid)
    assert len(kept) <= limit
    assert kept == [label for label in given if any(label is one for one in kept)][: len(kept)]
    for number, one in enumerate(kept):
        for other in kept[:number]:
            apart_x = abs(one.longitude - other.longitude) * UNIT
            apart_y = abs(one.latitude - other.latitude) * UNIT * 1.6  # a degree of latitude is at least this long
            assert apart_x >= (len(one.name) + len(other.name)) * LETTER / 2 + AIR - 1e-6 or apart_y >= LINE - 1e-6
    first = next((label for label in given if place_labels([label], BOX, 1, width=WIDTH, avoid=avoid)), None)
    if limit and first:
        assert kept[0] is first


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "1,0,0,1", "0,1,1,0", "200,0,210,1"])
def test_a_box_that_is_none_is_not_read(text):
    assert read_box(text) is None
    assert labels_for_live_map({"box": text, "width": "800"}) is None


@pytest.mark.parametrize("width", ["", "0", "-5", "²", "1e3", "99999"])
def test_a_width_that_is_none_is_not_read(width):
    assert labels_for_live_map({"box": "0,0,1,1", "width": width}) is None


@pytest.mark.django_db
class TestNames:
    def test_areas_by_what_is_seen_of_them_then_districts_by_their_postcodes(self, django_assert_num_queries):
        f.AreaFactory(name="Small", boundary=box(-0.19, 51.51, -0.17, 51.53))
        f.AreaFactory(name="Mostly elsewhere", boundary=box(-0.9, 51.54, -0.17, 51.57))
        f.AreaFactory(name="Large", boundary=box(-0.16, 51.51, -0.11, 51.55))
        f.AreaFactory(name="Elsewhere", boundary=box(-0.09, 51.51, -0.01, 51.55))
        f.AreaFactory(name="Camden 012B", boundary=box(-0.19, 51.555, -0.11, 51.575))
        district("NW9", -0.12, 51.57, 10)
        district("NW5", -0.15, 51.57, 20)
        district("NW1", -0.3, 51.57, 30)
        with django_assert_num_queries(1):
            found = labels_in(BOX, 40, width=WIDTH)
        assert [label.name for label in found] == ["Large", "Mostly elsewhere", "Small", "NW5", "NW9"]
        assert -0.20 < found[1].longitude < -0.17

    def test_a_networks_own_area_is_not_named(self):
        network = f.NetworkFactory(area=f.AreaFactory(name="Borough", boundary=box(*BOX)))
        assert labels_in(BOX, 40, width=WIDTH) == []
        network.delete()
        assert [label.name for label in labels_in(BOX, 40, width=WIDTH)] == ["Borough"]

    def test_a_speck_and_a_crowd_are_not_named(self):
        f.AreaFactory(name="Speck", boundary=box(-0.15, 51.54, -0.1495, 51.5405))
        district("NW5", -0.15, 51.56, 20)
        assert [label.name for label in labels_in(BOX, 40, width=WIDTH)] == ["NW5"]
        assert labels_in((-4, 50, 1, 55), 40, width=WIDTH) == []

    def test_the_drawn_map_names_places_and_its_scale(self):
        f.AreaFactory(name="Gospel <Oak>", boundary=box(-0.16, 51.54, -0.13, 51.56))
        district("NW3", -0.17, 51.52, 20)
        drawn = Template("{% load place_map %}{% place_map boundary=boundary person=person %}").render(
            Context({"boundary": f.NORTHSIDE, "person": Point(-0.17, 51.52)})
        )
        assert 'class="map-name area"' in drawn
        assert "Gospel &lt;Oak&gt;" in drawn
        assert "NW3" not in drawn  # the person is there
        assert "miles</text>" in drawn
        assert "tiles" not in drawn
