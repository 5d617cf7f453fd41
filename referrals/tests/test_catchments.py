"""Catchments as people give them: good, bad and enormous."""

import json
import tracemalloc
from io import BytesIO
from math import cos, pi, sin
from random import Random
from time import monotonic

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals import models as m
from referrals.catchments import (
    UnusableShape,
    areas_to_start_from,
    circle,
    cut,
    join,
    read_catchment,
    read_upload,
    write_catchment,
)
from referrals.tests.factories import AreaFactory, NetworkFactory, UserFactory, square

CAMDEN = m.Area(name="Camden", boundary=square(-0.15, 51.54, half=0.05))
INSIDE = [[-0.16, 51.53], [-0.14, 51.53], [-0.14, 51.55], [-0.16, 51.55], [-0.16, 51.53]]


def geojson(*rings: list, kind: str = "Polygon") -> str:
    return json.dumps({"type": kind, "coordinates": [*rings]})


def moved(ring: list, x: float = 0, y: float = 0) -> list:
    return [[one[0] + x, one[1] + y] for one in ring]


def wavy(corners: int, *, middle: tuple[float, float] = (-0.15, 51.54), radius: float = 0.02) -> list:
    """Return a closed ring with bays, as a coast has."""
    ring = []
    for corner in range(corners):
        angle = 2 * pi * corner / corners
        away = radius * (1 + 0.2 * sin(12 * angle) + 0.002 * sin(900 * angle))
        ring.append([round(middle[0] + away * cos(angle), 8), round(middle[1] + away * sin(angle), 8)])
    return [*ring, ring[0]]


def refusal(text: str) -> str:
    with pytest.raises(UnusableShape) as refused:
        read_catchment(text, CAMDEN)
    return str(refused.value)


def test_a_good_shape_comes_back_as_it_was():
    read = read_catchment(geojson(INSIDE), CAMDEN)
    assert read.shape.coords == (((tuple(map(tuple, INSIDE))),),)
    assert (read.shape.srid, read.changes) == (4326, ())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda shape: {"type": "Feature", "properties": None, "geometry": shape},
        lambda shape: {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": shape}]},
        lambda shape: {"type": "GeometryCollection", "geometries": [shape]},
        lambda shape: {"type": "MultiPolygon", "coordinates": [shape["coordinates"]]},
        lambda shape: {**shape, "crs": {"type": "name", "properties": {"name": "EPSG:27700"}}},
        lambda shape: {**shape, "coordinates": [[[*corner, 35.5] for corner in shape["coordinates"][0]]]},
        lambda shape: {**shape, "coordinates": [shape["coordinates"][0][:-1]]},
    ],
    ids=["feature", "features", "collection", "multipolygon", "another system named", "heights", "not closed"],
)
def test_the_same_shape_is_read_however_it_is_wrapped(wrap):
    text = json.dumps(wrap(json.loads(geojson(INSIDE))))
    assert read_catchment(text, CAMDEN) == read_catchment(geojson(INSIDE), CAMDEN)


def test_features_without_a_shape_are_skipped_and_points_are_reported():
    point = {"type": "Point", "coordinates": [-0.15, 51.54]}
    geometries = [None, point, json.loads(geojson(INSIDE))]
    features = [{"type": "Feature", "geometry": geometry} for geometry in geometries]
    read = read_catchment(json.dumps({"type": "FeatureCollection", "features": features}), CAMDEN)
    assert len(read.shape) == 1
    assert read.changes == ("Points and lines were left out: only areas count.",)


@pytest.mark.django_db
def test_a_bow_tie_is_mended_and_the_place_is_reported():
    bow_tie = [[-0.16, 51.53], [-0.14, 51.55], [-0.14, 51.53], [-0.16, 51.55], [-0.16, 51.53]]
    read = read_catchment(geojson(bow_tie), CAMDEN)
    assert read.shape.valid
    assert len(read.shape) == 2
    assert read.changes == (
        "The shape crossed itself near longitude -0.1500, latitude 51.5400 and was mended. "
        "Please check that it is still what you mean.",
    )
    m.Postcode.objects.create(code="NW52AA", point=Point(-0.151, 51.541, srid=4326))
    assert "near NW5 2AA and was mended" in read_catchment(geojson(bow_tie), CAMDEN).changes[0]


@pytest.mark.django_db
def test_areas_that_overlap_are_joined_without_a_hole():
    shape = geojson([INSIDE], [moved(INSIDE, 0.01)], kind="MultiPolygon")
    read = read_catchment(shape, CAMDEN)
    assert len(read.shape) == 1
    assert read.shape.area == pytest.approx(0.03 * 0.02)
    assert read.changes == ("Areas that overlapped or touched were joined.",)


def test_latitude_first_is_swapped():
    read = read_catchment(geojson([[y, x] for x, y in INSIDE]), CAMDEN)
    assert read.shape == read_catchment(geojson(INSIDE), CAMDEN).shape
    assert read.changes == ("Latitude came before longitude in this shape; they were swapped.",)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "This is not GeoJSON: it cannot be read from line 1, character 1 on."),
        ('{"type": "Polygon",', "cannot be read from line 1, character 20 on"),
        ("[]", "should be a Polygon"),
        ('{"type": "Circle"}', "should be a Polygon"),
        ('{"type": ["Polygon"]}', "should be a Polygon"),
        ('{"type": "FeatureCollection"}', "a list is missing"),
        ('{"type": "FeatureCollection", "features": []}', "This shape is empty."),
        ('{"type": "Polygon", "coordinates": []}', "This shape is empty."),
        ('{"type": "MultiPolygon", "coordinates": [[]]}', "This shape is empty."),
        ('{"type": "Polygon", "coordinates": [[]]}', "This shape is empty."),
        ('{"type": "Polygon"}', "a list is missing"),
        ('{"type": "Point", "coordinates": [-0.15, 51.54]}', "no area in this, only points or lines"),
        (geojson([[-0.15], [1], [2]]), "does not have two numbers"),
        (geojson([["-0.15", "51.54"]]), "does not have two numbers"),
        (geojson([[True, False]] * 4), "does not have two numbers"),
        (geojson([[-0.15, 51.54], [-0.16, 51.54]]), "encloses nothing"),
        (geojson([[-0.15, 51.54], [-0.16, 51.55], [-0.17, 51.56]]), "encloses nothing"),
        (geojson([[-0.15, 51.54]] * 5), "encloses nothing"),
        (geojson([[float("nan"), 51.54]] * 4), "NaN where a number should be"),
        (geojson([[float("inf"), 51.54]] * 4), "Infinity where a number should be"),
        ('{"type": "Polygon", "coordinates": [[[1e999, 51], [0, 51], [0, 52]]]}', "too large to be a coordinate"),
        ('{"type": "Polygon", "coordinates": [[[1e300, 51], [0, 51], [0, 52]]]}', "too large to be a coordinate"),
        (
            '{"type": "Polygon", "coordinates": [[[' + "9" * 5000 + ", 51], [0, 51], [0, 52]]]}",
            "too large to be a coordinate",
        ),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"type":"GeometryCollection","geometries":[' * 200 + "]}" * 200, "nested too deeply"),
        ('{"type":"Polygon","coordinates":' + "[" * 200_000, "nested too deeply"),
        ('{"type": "Polygon", "coordinates": [' + "[]," * 400_001 + "[]]}", "more than 400,000 corners"),
        ('{"type": "Polygon", "coordinates": [' + "[]," * 10_001 + "[]]}", "more than 10,000 pieces"),
        (geojson([[529000, 181000], [530000, 181000], [530000, 182000]]), "metres of the British National Grid"),
        (geojson([[-16700, 6713000], [-15000, 6713000], [-15000, 6714000]]), "in metres, not in longitude"),
    ],
)
def test_an_unusable_shape_is_refused_with_the_reason(text, words):
    assert words in refusal(text)


@pytest.mark.parametrize(
    ("ring", "far"),
    [
        (moved(INSIDE, 0, -1.2), "about 79 miles"),
        (moved(INSIDE, 0.15, -51.54), "about 3,545 miles"),
        (moved(INSIDE, 100), "about 3,940 miles"),
        (moved(INSIDE, 0.065), "less than a mile"),
    ],
    ids=["in the sea", "at 0/0", "on another continent", "next door"],
)
@pytest.mark.django_db
def test_a_shape_elsewhere_is_refused_with_its_distance(ring, far):
    assert refusal(geojson(ring)) == (
        f"This shape lies outside Camden, {far} from it. Please check where it is meant to be."
    )


def test_too_large_a_file_is_refused_before_it_is_read():
    class Unreadable(ContentFile):
        def read(self, *args):
            raise AssertionError("it was read")

    with pytest.raises(UnusableShape, match=r"This file is 20 MB; at most 8 MB can be read. Simplify it first"):
        read_upload(Unreadable(b" " * 20 * 1024**2))
    assert "This text is 20 MB" in refusal(" " * 20 * 1024**2)


def test_a_file_that_is_not_text_is_refused():
    with pytest.raises(UnusableShape, match="not GeoJSON, which is text"):
        read_upload(ContentFile(b"PK\x03\x04\xff\xfe"))


def test_a_file_with_a_byte_order_mark_is_read():
    text = geojson(INSIDE)
    assert read_upload(ContentFile(BytesIO(text.encode("utf-8-sig")).getvalue())) == text


@pytest.mark.sampled
def test_many_corners_are_simplified_within_bounded_memory():
    text = geojson(wavy(200_000))
    whole = read_catchment(geojson(wavy(1_900)), CAMDEN).shape
    tracemalloc.start()
    read = read_catchment(text, CAMDEN)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 1024**2
    assert read.shape.valid
    assert read.shape.num_coords <= 2_001
    assert read.changes[0].startswith("This shape had 200,000 corners and now has 151;")
    assert read.changes[0].endswith("it is out by at most about 10 metres.")
    assert read.shape.sym_difference(whole).area < 0.005 * whole.area
    again = read_catchment(write_catchment(read.shape), CAMDEN)
    assert (again.shape.coords, again.changes) == (read.shape.coords, ())


def test_a_shape_of_many_small_pieces_loses_those_that_cannot_be_seen():
    pieces = [[[[-0.15 + x, y], [-0.15 + x + 1e-6, y], [-0.15 + x, y + 1e-6]]] for x, y in dots(1_000)]
    read = read_catchment(geojson([INSIDE], *pieces, kind="MultiPolygon"), CAMDEN)
    assert len(read.shape) == 1


def dots(count: int) -> list[tuple[float, float]]:
    return [(0.02 + 0.00002 * (number % 40), 51.56 + 0.00002 * (number // 40)) for number in range(count)]


@pytest.mark.django_db
def test_a_shape_that_goes_round_twice_has_no_hole():
    twice = [*INSIDE, *moved(INSIDE, 0.001, 0.001)]
    read = read_catchment(geojson(twice), CAMDEN)
    assert [polygon.num_interior_rings for polygon in read.shape] == [0]
    assert read.shape.area > 0.0004


@pytest.mark.django_db
def test_a_noisy_outline_is_simplified_and_mended():
    noise = Random(1)
    ring = [[x + noise.gauss(0, 2e-6), y + noise.gauss(0, 2e-6)] for x, y in wavy(30_000)]
    read = read_catchment(geojson(ring), CAMDEN)
    assert "crossed itself near" in read.changes[0]
    assert read.changes[-1] == "It was simplified on the way; it is out by at most about 5 metres."
    whole = read_catchment(geojson(wavy(1_900)), CAMDEN).shape
    assert read.shape.sym_difference(whole).area < 0.01 * whole.area


@pytest.mark.parametrize("points", [200, 20_000])
def test_a_shape_that_crosses_itself_endlessly_is_refused_at_once(points):
    star = [[-0.15 + 0.02 * cos(number * 3.1), 51.54 + 0.02 * sin(number * 3.1)] for number in range(points)]
    started = monotonic()
    assert "crosses itself so often" in refusal(geojson(star))
    assert monotonic() - started < 10  # of mending nobody knows the end


corner = st.floats(min_value=0, max_value=1, allow_nan=False)


@st.composite
def shapes(draw) -> MultiPolygon:
    """Several polygons in columns of their own, each a circle with a hole in it, at any numbers a float can be."""
    polygons = []
    for column in range(draw(st.integers(1, 4))):
        x = -0.17 + 0.02 * column + 0.005 * draw(corner)
        y = 51.52 + 0.04 * draw(corner)
        ring = circle(Point(x, y), 0.1 + 0.1 * draw(corner))
        hole = circle(Point(x, y), 0.05 * draw(st.floats(0.1, 1)))
        polygons.append(Polygon(ring.shell, *([hole.shell] if draw(st.booleans()) else []), srid=4326))
    return MultiPolygon(polygons, srid=4326)


@settings(max_examples=60)
@given(shapes())
def test_what_is_written_reads_back_to_the_last_digit(shape):
    assert shape.valid
    read = read_catchment(write_catchment(shape), CAMDEN)
    assert read.shape.coords == shape.coords
    assert read.changes == ()


def test_shapes_are_joined_and_cut():
    left, right = square(-0.16, 51.54), square(-0.15, 51.54)
    assert join(left, right).area == pytest.approx(0.03 * 0.02)
    rest = cut(join(left, right), right)
    assert isinstance(rest, MultiPolygon)
    assert rest.equals(Polygon.from_bbox((-0.17, 51.53, -0.16, 51.55)))
    assert cut(left, join(left, right)).empty


@pytest.mark.django_db
def test_wards_within_the_area_are_offered_and_no_other_networks_area():
    network = NetworkFactory(area__boundary=square(-0.15, 51.54, half=0.05))
    inside = AreaFactory(name="Gospel Oak", boundary=square(-0.15, 51.54))
    AreaFactory(name="Elsewhere", boundary=square(-0.3, 51.54))
    AreaFactory(name="Mostly elsewhere", boundary=square(-0.09, 51.54, half=0.015))
    NetworkFactory(area__boundary=square(-0.15, 51.54))
    user = UserFactory()
    assert list(areas_to_start_from(user, network)) == [inside]
