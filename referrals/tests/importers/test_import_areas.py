from io import StringIO

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import CommandError, call_command

from referrals.importers.boundaries import AreaFields, import_areas
from referrals.importers.errors import ImportRefusedError
from referrals.models.geography import Area
from referrals.tests.importers.postcode_samples import write_zip
from referrals.tests.importers.shape_samples import (
    BOW_TIE,
    BRITISH_GRID_WKT,
    CAMDEN_DEGREES,
    CAMDEN_METRES,
    feature,
    polygon,
    write_geojson,
    write_geopackage,
    write_shapefile,
)

pytestmark = pytest.mark.django_db

FIELDS = AreaFields(code="CODE", name="NAME")
CAMDEN = feature("E1", "Camden", polygon(CAMDEN_DEGREES))


@pytest.fixture
def geojson(tmp_path):
    """Return a function that writes features to a file and gives its path."""
    return lambda *features, **options: write_geojson(tmp_path / "areas.geojson", *features, **options)


def extent_of(code: str) -> list[float]:
    return [round(value, 2) for value in Area.objects.get(code=code).boundary.extent]


def test_geojson_is_loaded_as_it_is(geojson):
    report = import_areas(geojson(CAMDEN), FIELDS, source="Drawn by hand", is_simplified=True)
    area = Area.objects.get()
    assert (area.code, area.name, area.source, area.is_simplified) == ("E1", "Camden", "Drawn by hand", True)
    assert area.boundary.equals_exact(MultiPolygon(Polygon(CAMDEN_DEGREES), srid=4326))
    assert (report.created, report.updated, report.mended) == (["E1"], [], {})


def test_several_polygons_are_one_area(geojson):
    shape = {"type": "MultiPolygon", "coordinates": [[CAMDEN_DEGREES], [[[x + 1, y] for x, y in CAMDEN_DEGREES]]]}
    import_areas(geojson(feature("E1", "Two parts", shape)), FIELDS)
    assert len(Area.objects.get().boundary) == 2


def test_heights_are_dropped(geojson):
    import_areas(geojson(feature("E1", "Camden", polygon([[x, y, 100] for x, y in CAMDEN_DEGREES]))), FIELDS)
    assert extent_of("E1") == [-0.2, 51.5, -0.1, 51.6]


def test_a_code_may_be_a_number(geojson):
    import_areas(geojson(feature(7, "Camden", polygon(CAMDEN_DEGREES))), FIELDS)
    assert Area.objects.get().code == "7"


def test_metres_on_the_british_grid_become_degrees(geojson):
    import_areas(geojson(feature("E1", "Camden", polygon(CAMDEN_METRES)), epsg=27700), FIELDS)
    assert extent_of("E1") == [-0.2, 51.5, -0.1, 51.6]


def test_a_geopackage_in_degrees_keeps_its_axes(tmp_path):
    import_areas(write_geopackage(tmp_path / "a.gpkg", layers=("wards",), ring=CAMDEN_DEGREES), FIELDS)
    assert extent_of("E1") == [-0.2, 51.5, -0.1, 51.6]


def test_a_shapefile_on_the_british_grid(tmp_path):
    import_areas(write_shapefile(tmp_path, CAMDEN_METRES, wkt=BRITISH_GRID_WKT), FIELDS)
    assert extent_of("E1") == [-0.2, 51.5, -0.1, 51.6]


def test_a_zipped_shapefile(tmp_path):
    write_shapefile(tmp_path, CAMDEN_METRES, wkt=BRITISH_GRID_WKT)
    members = {f"some folder/{path.name}": path.read_bytes() for path in tmp_path.iterdir()}
    import_areas(write_zip(tmp_path / "area.zip", members), FIELDS)
    assert extent_of("E1") == [-0.2, 51.5, -0.1, 51.6]


def test_a_known_area_keeps_its_key_and_without_a_new_source_its_source(geojson):
    import_areas(geojson(CAMDEN), FIELDS, source="First")
    key = Area.objects.get().pk
    renamed = feature("E1", "Camden Town", polygon(CAMDEN_DEGREES))
    report = import_areas(geojson(renamed, feature("E2", "Brent", polygon(CAMDEN_DEGREES))), FIELDS)
    area = Area.objects.get(pk=key)
    assert (area.code, area.name, area.source) == ("E1", "Camden Town", "First")
    assert (report.created, report.updated) == (["E2"], ["E1"])


def with_people(code: str, people: object, ring: list) -> dict:
    area = feature(code, code, polygon(ring))
    area["properties"]["PEOPLE"] = people
    return area


def shifted(degrees: float) -> list:
    return [[x + degrees, y] for x, y in CAMDEN_DEGREES]


WITH_PEOPLE = AreaFields(code="CODE", name="NAME", population="PEOPLE")


def test_people_are_counted_once_and_stay_when_only_the_boundary_is_loaded_again(geojson):
    import_areas(geojson(with_people("ward", 900, CAMDEN_DEGREES), with_people("far", 40, shifted(1))), WITH_PEOPLE)
    left = [[-0.2, 51.5], [-0.15, 51.5], [-0.15, 51.6], [-0.2, 51.6], [-0.2, 51.5]]
    import_areas(geojson(with_people("small", "1,234", left), with_people("next", 5.0, shifted(0.1))), WITH_PEOPLE)
    import_areas(geojson(feature("small", "Small", polygon(left))), FIELDS)
    people = dict(Area.objects.values_list("code", "population"))
    assert people == {"ward": None, "far": 40, "small": 1234, "next": 5}


@pytest.mark.parametrize("people", [None, "", -1, 2.5, "many", 10**9])
def test_what_is_no_number_of_people_is_refused(people, geojson):
    with pytest.raises(ImportRefusedError, match=r"^Feature 2 .*PEOPLE should be a whole number of people"):
        import_areas(geojson(with_people("a", 3, CAMDEN_DEGREES), with_people("b", people, shifted(1))), WITH_PEOPLE)
    assert not Area.objects.exists()


def test_a_shape_that_crosses_itself_is_mended_and_reported(geojson):
    report = import_areas(geojson(feature("E1", "Bow tie", polygon(BOW_TIE))), FIELDS)
    boundary = Area.objects.get().boundary
    assert boundary.valid
    assert len(boundary) == 2
    assert list(report.mended) == ["E1"]
    assert report.mended["E1"].startswith("Self-intersection")


def test_several_layers_need_a_choice(tmp_path):
    path = write_geopackage(tmp_path / "a.gpkg", layers=("wards", "boroughs"), ring=CAMDEN_DEGREES)
    with pytest.raises(
        ImportRefusedError, match=r"several layers: choose one with --layer\. Its layers: wards, boroughs"
    ):
        import_areas(path, FIELDS)
    with pytest.raises(ImportRefusedError, match=r"has no layer streets\. Its layers: wards, boroughs"):
        import_areas(path, AreaFields("CODE", "NAME", layer="streets"))
    import_areas(path, AreaFields("CODE", "NAME", layer="boroughs"))
    assert Area.objects.count() == 1


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([], "has no features"),
        ([CAMDEN, CAMDEN], "Codes that occur more than once: E1"),
        ([feature(None, "Camden", polygon(CAMDEN_DEGREES))], r"Feature 1 \(CODE empty\): CODE should have 1 to 40"),
        ([feature("E1", " ", polygon(CAMDEN_DEGREES))], "NAME should have 1 to 200 characters but has 0"),
        ([feature("E1" * 30, "Camden", polygon(CAMDEN_DEGREES))], "CODE should have 1 to 40 characters but has 60"),
        ([feature("E1", "Camden", {"type": "Point", "coordinates": [0, 51]})], "is a Point, not a polygon"),
        ([feature("E1", "Camden", None)], r"Feature 1 \(CODE E1\) has no usable shape"),
        ([feature("E1", "Camden", polygon([[0, 51], [0, 52], [0, 51], [0, 51]]))], "encloses nothing"),
        ([feature("E1", "Camden", polygon([[y, x] for x, y in CAMDEN_DEGREES]))], "are its axes swapped"),
        ([feature("E1", "Camden", polygon(CAMDEN_METRES))], "is its reference system not the one the file says"),
    ],
)
def test_unusable_features_are_refused_with_the_reason(geojson, features, message):
    with pytest.raises(ImportRefusedError, match=message):
        import_areas(geojson(*features), FIELDS)
    assert not Area.objects.exists()


def test_one_bad_feature_refuses_them_all(geojson):
    bad = feature("E2", "Brent", {"type": "Point", "coordinates": [0, 51]})
    with pytest.raises(ImportRefusedError, match=r"Feature 2 \(CODE E2\)"):
        import_areas(geojson(CAMDEN, bad), FIELDS)
    assert not Area.objects.exists()


def test_a_file_without_reference_system_is_refused(tmp_path):
    with pytest.raises(ImportRefusedError, match="does not say which reference system"):
        import_areas(write_shapefile(tmp_path, CAMDEN_METRES, wkt=None), FIELDS)


def test_a_missing_field_is_refused_with_the_fields_that_exist(geojson):
    with pytest.raises(ImportRefusedError, match=r"has no field LAD25CD and no LAD25NM\. Its fields: CODE, NAME"):
        import_areas(geojson(CAMDEN), AreaFields("LAD25CD", "LAD25NM"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "There is no file"),
        ("empty.geojson", b"", "is not a GeoJSON, GeoPackage or Shapefile"),
        ("cut.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea', "is not a GeoJSON"),
        ("table.csv", b"CODE,NAME\nE1,Camden\n", "is CSV. Use GeoJSON"),
    ],
)
def test_a_file_without_shapes_is_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportRefusedError, match=message):
        import_areas(tmp_path / name, FIELDS)


def test_a_zip_should_hold_one_file_of_shapes(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"one.geojson": b"{}", "two.geojson": b"{}"})
    with pytest.raises(ImportRefusedError, match=r"it contains: one\.geojson, two\.geojson"):
        import_areas(path, FIELDS)


def test_the_command_reports_and_fails_in_a_sentence(geojson):
    output = StringIO()
    path = geojson(feature("E1", "Bow tie", polygon(BOW_TIE)))
    call_command("import_areas", path, "--code", "CODE", "--name", "NAME", stdout=output)
    made, mended = output.getvalue().splitlines()
    assert made == "1 areas created, 0 updated."
    assert mended.startswith("Mended the shape of E1: Self-intersection")
    with pytest.raises(CommandError, match=r"has no field WARD\. .* Nothing was changed\.$"):
        call_command("import_areas", path, "--code", "WARD", "--name", "NAME")
