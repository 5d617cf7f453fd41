import io

import pytest
from openpyxl import Workbook

from referrals.import_export.reading import read_table

COLUMNS = ["Name", "Postcode"]


def as_workbook(lines: list[list[str]]) -> bytes:
    book = Workbook()
    for number, line in enumerate(lines, start=1):
        for column, cell in enumerate(line, start=1):
            book.active.cell(number, column, cell or None)
    book.save(content := io.BytesIO())
    return content.getvalue()


def as_csv(lines: list[list[str]], *, mark: str = ",") -> bytes:
    return "\r\n".join(mark.join(line) for line in lines).encode()


TABLE = [["Name", "Postcode"], ["Hall", "NW5 2AA"], [], ["Barn", "NW5 2AB"]]


@pytest.mark.parametrize("write", [as_csv, as_workbook])
@pytest.mark.parametrize("above", [[], [["Our venues, June"]], [["Our venues"], [], ["June"]]], ids=len)
def test_rows_have_the_numbers_of_the_file(write, above):
    header = len(above) + 1
    rows = read_table(write([*above, *TABLE]), COLUMNS)
    assert rows == [(header + 1, ["Hall", "NW5 2AA"]), (header + 3, ["Barn", "NW5 2AB"])]


@pytest.mark.parametrize("above", [[], [["Our venues"]]], ids=len)
def test_a_first_line_that_names_the_separator_is_counted_too(above):
    rows = read_table(b"sep=;\r\n" + as_csv([*above, *TABLE], mark=";"), COLUMNS)
    assert [number for number, _ in rows] == [len(above) + 3, len(above) + 5]
