"""Files of all kinds are read as their cells say, or refused in words and in little memory."""

import io
import zipfile

import pytest
from openpyxl import Workbook
from tablib import Dataset

from backoffice.tests.tables import HEADS, imported, upload, venue_line, venues
from referrals import models as m
from referrals.import_export.reading import Unreadable, read_table
from referrals.tests.memory import megabytes_at_most

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_letters_are_read_in_the_encodings_that_spreadsheets_write(encoding, ours, signed_in):
    content = venues(venue_line("", "Ours pantry", "Café Zoë")).decode().encode(encoding)
    imported(signed_in(ours.insider), m.Venue, content)
    assert m.Venue.objects.filter(name="Café Zoë").exists()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_between_the_usual_marks(mark, ours):
    content = f"Name{mark}iD\nBarn{mark}7\n{mark}\n\nHall{mark}\n".encode()
    assert read_table(content, ["ID", "Name"]) == [(2, ["7", "Barn"]), (5, ["", "Hall"])]


def test_a_workbook_is_read_as_its_cells_say(ours):
    sheet = Dataset(["7", "Barn"], [8.0, True], ["", ""], [None, "'=1"], headers=["ID", "Name"])
    expected = [(2, ["7", "Barn"]), (3, ["8", "Yes"]), (5, ["", "=1"])]
    assert read_table(sheet.xlsx, ["ID", "Name"]) == expected


def test_a_wrong_header_names_what_is_missing_unknown_and_there_twice(ours, signed_in):
    response = upload(signed_in(ours.insider), m.Activity, b"ID,Name,Name,Colour\n")
    assert response.context["form"].errors["file"] == [
        "The first row must name the columns of the template: “Organisation” is missing; “Colour” is not known here; "
        "“Name” is there twice."
    ]
    assert not m.UploadedTable.objects.exists()


@pytest.mark.parametrize(
    ("merged", "is_refused"), [("A1:B1", False), ("B3:B4", True), ("A3:B3", True), ("A5:B5", False)]
)
def test_a_workbook_whose_merged_cells_hide_values_is_refused_with_their_names(merged, is_refused):
    book, content = Workbook(), io.BytesIO()
    for row in (["Our venues"], ["ID", "Name"], ["7", "Barn"], ["8", ""]):
        book.active.append(row)
    book.active.merge_cells(merged)
    book.save(content)
    if is_refused:
        with pytest.raises(Unreadable, match=rf"Some cells are merged \({merged}\)"):
            read_table(content.getvalue(), ["ID", "Name"])
    else:
        assert [number for number, _ in read_table(content.getvalue(), ["ID", "Name"])] == [3, 4]


def test_a_workbook_of_several_sheets_says_which_was_read():
    book, content = Workbook(), io.BytesIO()
    book.active.title = "Notes"
    book.active.append(["Our venues, June"])
    book.create_sheet("Venues").append(["ID", "Name"])
    book.save(content)
    with pytest.raises(Unreadable, match=r"has other columns than the template.* Only the first sheet .* “Notes”"):
        read_table(content.getvalue(), ["ID", "Name"])


def workbook_of(size: int, part: str) -> bytes:
    content = io.BytesIO(Dataset(["7"], headers=["ID"]).xlsx)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, b" " * size)
    return content.getvalue()


def workbook_with_merged(cells: bytes) -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(Dataset(["7"], headers=["ID"]).xlsx)) as book,
        zipfile.ZipFile(content, "w") as changed,
    ):
        for part in book.namelist():
            merged = b'</sheetData><mergeCells><mergeCell ref="%b"/></mergeCells>' % cells
            changed.writestr(part, book.read(part).replace(b"</sheetData>", merged))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "“ID” is missing"),
        (b"ID\n\x81\x8d\xff\x9d1", "The letters of this file cannot be read for certain."),
        (b"PK\x03\x04 and then nothing", "cannot be read as an Excel workbook"),
        (b"\xd0\xcf\x11\xe0", "a workbook of an older kind"),
        (b'ID\n"' + b"x" * 200_000, "cannot be read as CSV"),
        (b"ID\n" + b"7\n" * 5001, "more than 5,000 rows"),
        (b"x" * 5_242_881, "larger than 5 MB"),
        (workbook_of(30_000_000, "xl/worksheets/sheet2.xml"), "far more than a table of its size"),
        (workbook_of(3_000_000, "xl/styles2.xml"), "far more than a table of its size"),
        (workbook_with_merged(b"AAAA1:B2"), "cannot be read as an Excel workbook"),
    ],
    ids=["empty", "bytes", "damaged", "old", "one cell", "rows", "size", "bomb", "styles", "merged"],
)
def test_what_is_no_table_is_refused_in_words(content, told):
    with pytest.raises(Unreadable, match=told):
        read_table(content, ["ID"])


def test_a_large_file_is_refused_on_its_page(ours, signed_in):
    response = upload(signed_in(ours.insider), m.Venue, b"x" * 5_242_881)
    assert response.context["form"].errors["file"] == ["This file is larger than 5 MB."]


def bomb(part: str, size: int) -> bytes:
    content = io.BytesIO(Dataset([""] * len(HEADS), headers=HEADS).xlsx)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as book, book.open(part, "w") as file:
        for _ in range(size // 1_000_000):
            file.write(b"<row/>".ljust(1_000_000))
    return content.getvalue()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet2.xml", "xl/sharedStrings2.xml", "xl/media/picture.png"])
def test_a_workbook_that_unpacks_to_far_more_is_refused_in_little_memory(part):
    content = bomb(part, 100_000_000)
    assert len(content) < 5 * 1024**2

    def read() -> None:
        with pytest.raises(Unreadable, match="far more than a table of its size"):
            read_table(content, HEADS)

    assert megabytes_at_most(read) < 20
