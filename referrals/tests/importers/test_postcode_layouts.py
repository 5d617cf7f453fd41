import pytest

from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcode_files import find_csv_files
from referrals.importers.postcode_layouts import copy_chunks, recognise_layout
from referrals.tests.importers.postcode_samples import (
    CAMDEN,
    ONSPD_HEADERS,
    code_point_csv,
    code_point_row,
    onspd_csv,
    write,
)


def layout_of(tmp_path, content: bytes):
    return recognise_layout(find_csv_files([write(tmp_path / "table", content)])[0])


@pytest.mark.parametrize("vintage", [*ONSPD_HEADERS, "2014-10"])
def test_every_vintage_of_onspd_gives_the_same_picked_row(tmp_path, vintage):
    [file] = find_csv_files(
        [write(tmp_path / "table", onspd_csv(vintage, {"NW1 2DB": {**CAMDEN, "doterm": "202001"}}))]
    )
    layout = recognise_layout(file)
    [line] = "".join(copy_chunks(file, layout, lambda amount: None)).splitlines()
    row = dict(zip(layout.columns, line.split(","), strict=True))
    assert row.pop("postcode").replace(" ", "") == "NW12DB"
    position = {} if vintage == "2014-10" else {"latitude": "51.529", "longitude": "-0.127"}
    assert row == {
        "terminated": "202001",
        "district": "E09000007",
        "ward": "E05000143",
        "easting": "530000",
        "northing": "0182800",
        "country": "E92000001",
        **position,
    }
    assert layout.unknown_columns == ()


def test_header_names_may_be_in_capitals_and_after_a_byte_order_mark(tmp_path):
    content = onspd_csv("2025-11", {"NW1 2DB": CAMDEN})
    header, _, rows = content.partition(b"\r\n")
    assert layout_of(tmp_path, b"\xef\xbb\xbf" + header.upper() + b"\r\n" + rows).title == "ONSPD"


def test_unknown_columns_are_skipped_and_reported(tmp_path):
    content = onspd_csv("2025-11", {"NW1 2DB": CAMDEN}).replace(b"pcd7,", b"objectid,pcd7,", 1)
    assert layout_of(tmp_path, content).unknown_columns == ("objectid",)


@pytest.mark.parametrize("width", [10, 4])
def test_code_point_open_is_known_by_its_rows(tmp_path, width):
    layout = layout_of(
        tmp_path, code_point_csv([["no postcode", 10, 1, 1, *"123456"][:width], code_point_row("NW1 2DB")[:width]])
    )
    assert (layout.title, layout.width, layout.has_header) == ("Code-Point Open", width, False)


def test_code_point_open_may_have_its_header_row(tmp_path):
    header = b"PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\r\n"
    layout = layout_of(tmp_path, header + code_point_csv([code_point_row("NW1 2DB")]))
    assert (layout.title, layout.has_header) == ("Code-Point Open", True)


def test_a_wrong_onspd_header_names_the_missing_and_the_unexpected(tmp_path):
    content = onspd_csv("2025-11", {"NW1 2DB": CAMDEN})
    content = content.replace(b"lad25cd", b"laua25").replace(b"doterm", b"ended").replace(b"east1m", b"x")
    with pytest.raises(ImportRefusedError) as refusal:
        layout_of(tmp_path, content)
    assert str(refusal.value).endswith(
        "does not have the header of ONSPD. Missing: doterm, oslaua or ladNNcd, oseast1m or east1m. "
        "Unexpected: ended, laua25, x."
    )


def test_a_wrong_code_point_header_names_the_missing_and_the_unexpected(tmp_path):
    with pytest.raises(ImportRefusedError, match=r"Missing: NO, DC\. Unexpected: north, district\.$"):
        layout_of(tmp_path, b"PC,PQ,EA,north,CY,RH,LH,CC,district,WC\r\nNW1 2DB,10,1,1,,,,,,\r\n")


def test_two_columns_for_the_same_thing_are_refused(tmp_path):
    content = onspd_csv("2025-11", {"NW1 2DB": CAMDEN}).replace(b"ced25cd", b"lad24cd")
    with pytest.raises(ImportRefusedError, match="two columns for the same thing: lad24cd, lad25cd"):
        layout_of(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        ("Straße,1\n".encode("latin-1"), "not a CSV in UTF-8"),
        ("NW1 2DB,10,530000,182800\n".encode("utf-16"), "not a CSV in UTF-8"),
        (b"NW1 2DB,10,530000\n", "Its 3 columns begin NW1 2DB, 10, 530000"),
        (b"name,address\nLibrary,1 High Street\n", "not a table of postcodes that we know"),
    ],
)
def test_a_file_that_is_not_a_table_of_postcodes_is_refused(tmp_path, content, message):
    with pytest.raises(ImportRefusedError, match=message):
        layout_of(tmp_path, content)


def test_a_row_of_another_width_is_refused_with_its_line(tmp_path):
    content = onspd_csv("2025-11", {"NW1 2DB": CAMDEN, "NW1 2DD": CAMDEN}) + b"NW1 2DE,,\r\n"
    [file] = find_csv_files([write(tmp_path / "table", content)])
    with pytest.raises(ImportRefusedError, match="near line 4 has 3 columns; its first row has 53"):
        list(copy_chunks(file, recognise_layout(file), lambda amount: None))
