import gzip
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcode_checks import Fault
from referrals.importers.postcodes import import_postcodes
from referrals.models.geography import Postcode, PostcodeDistrict
from referrals.tests.importers.postcode_samples import (
    BELFAST,
    CAMDEN,
    NOWHERE,
    ONSPD_HEADERS,
    code_point_csv,
    code_point_row,
    many_code_point_rows,
    onspd_csv,
    write,
    write_zip,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """Return a function that imports one made-up CSV."""

    def load_content(content: bytes, **options):
        return import_postcodes([write(tmp_path / "table.csv", content)], **options)

    return load_content


def stored() -> dict[str, tuple]:
    rows = Postcode.objects.order_by("code").values_list(
        "code", "district_code", "ward_code", "country_code", "terminated"
    )
    return {code: rest for code, *rest in rows}


def placed(code: str) -> tuple[float, float] | None:
    point = Postcode.objects.get(code=code).point
    return point and (round(point.y, 3), round(point.x, 3))


def test_districts_are_in_the_middle_of_their_postcodes_in_use(load):
    near = [code_point_row(f"NW1 {number}AA", easting=530000 + 100 * number) for number in range(3)]
    load(code_point_csv([*near, code_point_row("NW1 9ZZ", easting=580000), code_point_row("N1C4AG", 90, 0, 0)]))
    districts = PostcodeDistrict.objects.all()
    assert [(district.code, district.postcodes) for district in districts] == [("NW1", 4)]
    assert placed("NW11AA")[1] < round(districts[0].point.x, 4) < placed("NW12AA")[1]
    load(code_point_csv([code_point_row("W1A 1AA")]), replace=True)
    assert [district.code for district in PostcodeDistrict.objects.all()] == ["W1A"]


def test_code_point_open_loads_from_its_archive(tmp_path):
    archive = write_zip(
        tmp_path / "codepo_gb.zip",
        {
            "Data/CSV/nw.csv": code_point_csv(
                [
                    code_point_row("NW1 2DB", 10, 530000, 182800, country="E92000001", district="E09000007"),
                    code_point_row("N1C4AG ", 90, 0, 0),
                ]
            ),
            "Data/CSV/zz.csv": code_point_csv([code_point_row("W1A  1AA", 50, 529000, 181600)]),
            "Doc/headers.csv": b"PC,PQ\r\nPostcode,Quality\r\n",
        },
    )
    report = import_postcodes([archive])
    [part] = report.parts
    assert (part.title, part.rows, part.loaded, part.without_position, part.refused) == ("Code-Point Open", 3, 3, 1, 0)
    assert report.total == 3
    assert stored() == {
        "N1C4AG": ["", "", "", ""],
        "NW12DB": ["E09000007", "", "E92000001", ""],
        "W1A1AA": ["", "", "", ""],
    }
    assert placed("NW12DB") == (51.529, -0.127)


def test_a_position_of_quality_90_is_not_used_wherever_it_lies(load):
    load(code_point_csv([code_point_row("NW1 2DB", 90, 530000, 182800)]))
    assert Postcode.objects.find("nw1 2db").point is None


@pytest.mark.parametrize("vintage", [*ONSPD_HEADERS, "2014-10"])
def test_every_vintage_of_onspd_loads(load, vintage):
    report = load(
        onspd_csv(vintage, {"NW1 2DB": CAMDEN, "BT1 5GS": {**BELFAST, "doterm": "201907"}, "IM1 1AA": NOWHERE})
    )
    [part] = report.parts
    assert (part.loaded, part.without_position, part.terminated, part.refused) == (3, 1, 1, 0)
    assert stored() == {
        "BT15GS": ["N09000003", "N08000313", "N92000002", "201907"],
        "IM11AA": ["", "", "M83000003", ""],
        "NW12DB": ["E09000007", "E05000143", "E92000001", ""],
    }
    assert placed("NW12DB") == (51.529, -0.127)
    assert placed("IM11AA") is None


@pytest.mark.parametrize("country", ["N92000002", ""])
def test_northern_ireland_is_on_the_irish_grid(load, country):
    load(onspd_csv("2025-11", {"BT1 5GS": {**BELFAST, "country": country}}))
    assert placed("BT15GS") == (54.597, -5.931)


def test_a_grid_reference_is_enough_for_a_position(load):
    load(onspd_csv("2025-11", {"NW1 2DB": {**CAMDEN, "lat": "", "long": ""}}))
    assert placed("NW12DB") == (51.529, -0.127)


def test_latitude_99_means_no_position_though_there_is_a_grid_reference(load):
    load(onspd_csv("2025-11", {"NW1 2DB": {**CAMDEN, "lat": "99.999999", "long": "0.000000"}}))
    assert placed("NW12DB") is None


def test_four_columns_and_gzip_load_from_a_folder(tmp_path):
    write(tmp_path / "nw.csv.gz", code_point_csv([code_point_row("NW1 2DB")[:4]]))
    write(tmp_path / "w.csv.gz", code_point_csv([code_point_row("W1A 1AA")[:4]]))
    assert import_postcodes([tmp_path]).total == 2


def test_other_codes_stay_and_the_same_codes_are_replaced(load):
    load(onspd_csv("2025-11", {"NW1 2DB": {**CAMDEN, "doterm": "202001"}, "BT1 5GS": BELFAST}))
    report = load(code_point_csv([code_point_row("NW1 2DB", 10, 529000, 181600)]))
    assert (report.parts[0].kept, report.total) == (1, 2)
    assert sorted(stored()) == ["BT15GS", "NW12DB"]
    assert Postcode.objects.get(code="NW12DB").terminated == ""
    assert placed("NW12DB") == (51.519, -0.142)


def test_area_codes_stay_where_the_new_source_has_none(load):
    load(onspd_csv("2025-11", {"NW1 2DB": CAMDEN}))
    load(code_point_csv([code_point_row("NW1 2DB", district="E09000033")]))
    assert stored() == {"NW12DB": ["E09000033", "E05000143", "E92000001", ""]}


def test_replace_makes_the_file_the_whole_table(load):
    load(onspd_csv("2025-11", {"NW1 2DB": CAMDEN, "BT1 5GS": BELFAST}))
    report = load(code_point_csv([code_point_row("NW1 2DB")]), replace=True)
    assert (report.parts[0].kept, report.total) == (0, 1)
    assert stored() == {"NW12DB": ["", "", "", ""]}


def test_a_later_source_replaces_an_earlier_one_in_the_same_import(tmp_path):
    first = write(tmp_path / "onspd.csv", onspd_csv("2018-05", {"NW1 2DB": {**CAMDEN, "ward": "E05000001"}}))
    second = write(tmp_path / "newer.csv", onspd_csv("2025-11", {"NW1 2DB": CAMDEN, "BT1 5GS": BELFAST}))
    third = write(tmp_path / "codepo.csv", code_point_csv([code_point_row("W1A 1AA")]))
    report = import_postcodes([first, second, third])
    assert [(part.title, part.loaded, part.kept) for part in report.parts] == [
        ("ONSPD", 1, 0),
        ("ONSPD", 2, 0),
        ("Code-Point Open", 1, 2),
    ]
    assert report.total == 3
    assert stored()["NW12DB"] == ["E09000007", "E05000143", "E92000001", ""]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (code_point_row("QQ", 10), "not a postcode"),
        (code_point_row("W1A 1AA", 70), "unknown positional quality"),
        (code_point_row("W1A 1AA", 10, "east", 182800), "easting or northing is not a whole number"),
        (code_point_row("W1A 1AA", 10, "", 182800), "easting or northing is not a whole number"),
        (code_point_row("W1A 1AA", 10, 0, 0), "position is outside its grid"),
        (code_point_row("W1A 1AA", 10, 530000, 9999999), "position is outside its grid"),
        (code_point_row("W1A 1AA", district="E09000007-1"), "area code over nine characters"),
        (code_point_row("nw3 0aa"), "the same code came earlier"),
    ],
)
def test_a_row_that_cannot_be_used_is_counted_by_its_reason(load, row, reason):
    report = load(code_point_csv([*many_code_point_rows(100), row]))
    [part] = report.parts
    example = " ".join(str(row[position]) for position in (0, 2, 3, 1) if row[position] != "")
    assert part.faults == (Fault(reason, 1, (example,)),)
    assert (part.rows, part.loaded, part.refused, report.total) == (101, 100, 1, 100)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ({**CAMDEN, "doterm": "2020-01"}, "date of termination is not a year and month"),
        ({**CAMDEN, "lat": "north"}, "latitude or longitude is not a number"),
        ({**CAMDEN, "lat": "9" * 400}, "latitude or longitude is not a number"),
        ({**CAMDEN, "long": ""}, "latitude or longitude is not a number"),
        (
            {**CAMDEN, "easting": "182800", "northing": "530000"},
            "latitude and longitude disagree with the grid reference",
        ),
        ({**BELFAST, "country": "E92000001"}, "latitude and longitude disagree with the grid reference"),
    ],
)
def test_a_row_of_onspd_that_cannot_be_used_is_counted_by_its_reason(load, place, reason):
    good = {row[0]: CAMDEN for row in many_code_point_rows(100)}
    [part] = load(onspd_csv("2025-11", {**good, "W1A 1AA": place})).parts
    assert [(fault.reason, fault.count) for fault in part.faults] == [(reason, 1)]


def test_the_first_row_of_a_repeated_code_counts(load):
    rows = [*many_code_point_rows(100), code_point_row("NW3 0AA", 10, 529000, 181600)]
    load(code_point_csv(rows))
    assert placed("NW30AA") == (51.529, -0.127)


def test_only_the_first_three_examples_are_shown(load):
    bad = [code_point_row(f"QQ{number}") for number in range(5)]
    [part] = load(code_point_csv([*bad, *many_code_point_rows(500)])).parts
    assert part.faults[0].count == 5
    assert [example.split()[0] for example in part.faults[0].examples] == ["QQ0", "QQ1", "QQ2"]


def test_more_than_one_bad_row_in_a_hundred_refuses_the_file(load):
    load(code_point_csv([code_point_row("NW1 2DB")]))
    with pytest.raises(ImportRefusedError, match=r"2 of 102 rows cannot be used.*2 not a postcode \(QQ 530000"):
        load(code_point_csv([*many_code_point_rows(100), code_point_row("QQ"), code_point_row("QQ")]))
    assert sorted(stored()) == ["NW12DB"]


GOOD = code_point_csv(many_code_point_rows(3000))
BROKEN = {
    "empty": (b"", "is empty"),
    "a header alone": (onspd_csv("2025-11", {}), "has a header but no rows"),
    "another header": (onspd_csv("2025-11", {"NW1 2DB": CAMDEN}).replace(b"lad25cd", b"lad"), "Missing: oslaua"),
    "cut off gzip": (gzip.compress(GOOD)[:-500], "cannot be read to its end"),
    "a short row": (GOOD + b'"NW1 2DB",10\r\n', "table.csv line 3001: missing data for column"),
    "a long row": (GOOD + b"NW1 2DB,10,530000,182800,,,,,,,,\r\n", "table.csv line 3001: extra data after last"),
    "an open quotation mark": (GOOD + b'"NW1 2DB,10,530000,182800,,,,,,\r\n', "unterminated CSV quoted field"),
    "another encoding far down": (GOOD + "NW1 2DB,10,1,1,,,,,,Ö\r\n".encode("latin-1"), "invalid byte sequence"),
    "another encoding far down in ONSPD": (
        onspd_csv("2025-11", dict.fromkeys((row[0] for row in many_code_point_rows(3000)), CAMDEN)) + b"\xd6\r\n",
        "can't decode byte 0xd6",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_and_the_old_rows_stay(load, name):
    load(code_point_csv([code_point_row("NW1 2DB")]))
    content, message = BROKEN[name]
    with pytest.raises(ImportRefusedError, match=message):
        load(content)
    assert sorted(stored()) == ["NW12DB"]


def test_a_broken_file_among_good_ones_refuses_them_all(tmp_path):
    good = write(tmp_path / "good.csv", code_point_csv([code_point_row("NW1 2DB")]))
    with pytest.raises(ImportRefusedError, match=r"bad\.csv is empty"):
        import_postcodes([good, write(tmp_path / "bad.csv", b"")])
    assert not Postcode.objects.exists()


def test_the_command_reports_what_it_did(tmp_path):
    path = write(tmp_path / "nw.csv", code_point_csv([*many_code_point_rows(100), code_point_row("QQ")]))
    output = StringIO()
    call_command("import_postcodes", path, stdout=output)
    lines = output.getvalue().splitlines()
    assert lines[:-1] == [
        f"Code-Point Open, 101 rows from {path}:",
        "         100 loaded",
        "           0 of these without a position: the source gives none",
        "           0 of these terminated",
        "           1 refused",
        "             1 not a postcode (QQ 530000 182800 10)",
        "           0 other postcodes kept from before",
    ]
    assert lines[-1].startswith("Postcodes now: 100. Took ")


def test_the_command_says_nothing_when_asked_to(tmp_path, capsys):
    path = write(tmp_path / "nw.csv", code_point_csv([code_point_row("NW1 2DB")]))
    call_command("import_postcodes", path, verbosity=0)
    assert capsys.readouterr() == ("", "")


def test_the_command_fails_in_one_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"^There is no file or folder .*nowhere\. Nothing was changed\.$"):
        call_command("import_postcodes", tmp_path / "nowhere")
