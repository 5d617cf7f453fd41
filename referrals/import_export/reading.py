"""Read uploaded CSV and XLSX files into rows of text, within limits."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from django.conf import settings
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from referrals.import_export.encodings import decode_text
from referrals.import_export.formulas import LONGEST_CELL, normalise_line_ends, unescape_formula
from referrals.refusals import Refusal
from referrals.user_input.text import strip_invisible

_WORKBOOK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_DELIMITERS = (",", ";", "\t")
_MOST_COLUMNS = 100
_TITLES = 3  # rows above the names of the columns, such as "Our venues, June"
_BEGINNING = 20_000  # characters: the names of the columns must be among these
_READ_WHOLE = 2_000_000  # unpacked bytes of the parts that openpyxl reads in one piece: styles, properties ...
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"')
_CELL_OR_TEXT = re.compile(rb"<(?:\w+:)?(c|si|mergeCell)[\s/>]")  # in a sheet, and in the texts that sheets share
_GAPS = 20  # empty rows allowed for each row that may be filled

Row = tuple[int, list[str | None]]  # number in the file, from 1, and cells; None: no such column


class Unreadable(Refusal):
    """The file cannot be used. The text is for the uploader."""


def read_table(
    content: bytes, columns: Sequence[str], older: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[Row]:
    """Return the rows that are not empty, their cells in the order of `columns`, then `older`.

    older: columns of older files, each with the columns that replaced it. A file has either the one or the others.
    Raise Unreadable if it is no table, too large, or has other columns than these; their order does not matter.
    """
    if len(content) > settings.UPLOADED_TABLE_BYTES:
        raise Unreadable(f"This file is larger than {settings.UPLOADED_TABLE_BYTES // 1024**2} MB.")
    sheet = _open_first_sheet(content) if content.startswith(_WORKBOOK) else None
    numbered = enumerate(_read_lines(content, sheet, columns), start=1)
    filled = ((number, cells) for number, cells in numbered if any(cells))
    try:
        order = _find_columns(_find_header(filled, columns), columns, older)
    except Unreadable as wrong:
        raise Unreadable(f"{wrong}{_name_sheet(sheet)}") from wrong
    merged = _find_merged_cells(sheet)
    rows, torn = [], []
    for number, cells in filled:
        torn += [merged[number, at] for at, cell in enumerate(cells, start=1) if cell and (number, at) in merged]
        if len(rows) == settings.UPLOADED_TABLE_ROWS:
            raise Unreadable(f"This table has more than {settings.UPLOADED_TABLE_ROWS:,} rows. Please split it.")
        rows.append((number, [None if at is None else cells[at] if at < len(cells) else "" for at in order]))
    if torn:
        raise Unreadable(
            f"Some cells are merged ({_shorten(torn)}), and all but the first of them are empty for a computer. Undo "
            "the merging, write into each cell what it should say, and send the file again."
        )
    return rows


def read_sheets(
    content: bytes, columns: Mapping[str, Sequence[str]], *, also: re.Pattern[str]
) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """Return the rows of a workbook's sheets, each with its number and the cells of these columns, "" without one.

    And the cells of those columns that there are whose heads, in small letters, match `also`. Other sheets and columns
    are passed over. Raise Unreadable if it is no workbook, or too large.
    """
    if len(content) > settings.UPLOADED_TABLE_BYTES:
        raise Unreadable(f"This file is larger than {settings.UPLOADED_TABLE_BYTES // 1024**2} MB.")
    if not content.startswith(_WORKBOOK):
        raise Unreadable("This is not an XLSX workbook. Please save it as one.")
    _refuse_bomb(content)
    with _refuse_damaged():
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for name, wanted in columns.items():
        lines = _stop_at_long_gap(_read_sheet(book[name])) if name in book.sheetnames else ()
        rows = ((number, [_as_text(cell) for cell in line]) for number, line in enumerate(lines, start=1))
        filled = [(number, cells) for number, cells in rows if any(cells)]
        heads = [head.strip().casefold() for head in filled[0][1]] if filled else []
        taken = [*wanted, *filter(also.fullmatch, heads)]
        places = {column: heads.index(column) for column in taken if column in heads}
        found[name] = [
            (number, {column: cells[places[column]].strip() if column in places else "" for column in taken})
            for number, cells in filled[1:]
        ]
    return found


def _find_header(filled: Iterator[tuple[int, list[str]]], columns: Sequence[str]) -> list[str]:
    """Return the first row that names columns, past a title above them; empty if there are no rows."""
    cells: list[str] = []
    for _, cells in islice(filled, _TITLES + 1):
        if _count_known(cells, columns) >= min(2, len(columns)):
            return cells
    if cells:
        raise Unreadable(
            "This file has other columns than the template. Download the template from this page, copy what you have "
            "into its columns, and send that."
        )
    return cells


def _count_known(cells: Iterable[str], columns: Sequence[str]) -> int:
    return len({cell.strip(' "\r').casefold() for cell in cells} & {column.casefold() for column in columns})


def _read_lines(content: bytes, sheet: ReadOnlyWorksheet | None, columns: Sequence[str]) -> Iterator[list[str]]:
    if content.startswith(_OLD_WORKBOOK):
        raise Unreadable("This is a workbook of an older kind. Please save it as XLSX or CSV.")
    lines = _read_sheet(sheet) if sheet else _read_csv(content, columns)
    return ([_as_text(cell) for cell in line[:_MOST_COLUMNS]] for line in _stop_at_long_gap(lines))


def _read_csv(content: bytes, columns: Sequence[str]) -> Iterator[list[str]]:
    text = decode_text(content)
    if text is None:
        raise Unreadable("The letters of this file cannot be read for certain. Save it as CSV UTF-8, or as XLSX.")
    delimiter, text = _find_delimiter(text, columns)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Unreadable("This file cannot be read as CSV. Please save it again, or use XLSX.") from error


def _find_delimiter(text: str, columns: Sequence[str]) -> tuple[str, str]:
    """Return the delimiter and the table. Excel understands a first line such as "sep=;"."""
    first, _, rest = text.partition("\n")
    if stated := re.fullmatch(r'"?sep=(.)"?\s*', first, re.I):
        return stated[1], f"\n{rest}"  # an empty line, so that the rows keep their numbers
    lines = text[:_BEGINNING].splitlines()[: 2 * _TITLES]
    known = {mark: max(_count_known(line.split(mark), columns) for line in lines or [""]) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=known.__getitem__), text


def _open_first_sheet(content: bytes) -> ReadOnlyWorksheet:
    _refuse_bomb(content)
    with _refuse_damaged():
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False).worksheets[0]


def _read_sheet(sheet: ReadOnlyWorksheet) -> Iterator[Sequence[Any]]:
    """Read values, not formulas."""
    with _refuse_damaged():
        sheet.reset_dimensions()  # the stated size can be wrong
        yield from sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True)


@contextmanager
def _refuse_damaged() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a damaged workbook can break openpyxl anywhere
        raise Unreadable("This file cannot be read as an Excel workbook. Please save it as XLSX or CSV.") from error


def _name_sheet(sheet: ReadOnlyWorksheet | None) -> str:
    if sheet is None or len(sheet.parent.sheetnames) == 1:
        return ""
    return f" Only the first sheet of a workbook is read: here “{sheet.title}”."


def _find_merged_cells(sheet: ReadOnlyWorksheet | None) -> dict[tuple[int, int], str]:
    """Return merged ranges, such as "B2:B4", by the row and column of their first cell, which alone has a value."""
    if sheet is None:
        return {}
    with _refuse_damaged(), sheet._get_source() as source:  # openpyxl does not read them where it reads row by row
        ranges = [found.decode() for found in _MERGED.findall(source.read())]
        bounds = {written: range_boundaries(written) for written in ranges}
    return {(row, column): written for written, (column, row, *_) in bounds.items()}


def _stop_at_long_gap(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    for count, row in enumerate(rows):
        if count > settings.UPLOADED_TABLE_ROWS * _GAPS:
            return  # formatted but empty rows can reach to the end of a sheet
        yield row


def _refuse_bomb(content: bytes) -> None:
    # The declared sizes can be trusted: `zipfile` unpacks no more than they say.
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
        parts = book.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable("This file cannot be read as an Excel workbook. Please save it as XLSX or CSV.") from error
    whole = [
        part for part in parts if not part.filename.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/media/"))
    ]
    if (
        sum(part.file_size for part in parts) > settings.UPLOADED_TABLE_UNPACKED_BYTES
        or sum(part.file_size for part in whole) > _READ_WHOLE
    ):
        raise Unreadable("This workbook holds far more than a table of its size. Please save it as CSV.")
    counts: Counter[bytes] = Counter()
    for part in parts:
        if part.filename.startswith(("xl/worksheets/", "xl/sharedStrings")):
            counts.update(_CELL_OR_TEXT.findall(book.read(part)))
    if max(counts.values(), default=0) > settings.UPLOADED_TABLE_CELLS:
        raise Unreadable(
            f"This workbook has more than {settings.UPLOADED_TABLE_CELLS:,} cells, many of them empty. Copy the table "
            "alone into a new workbook, or save it as CSV."
        )


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date) else _tidy(str(cell))


def _tidy(text: str) -> str:
    lines = normalise_line_ends(text)
    if len(lines) >= LONGEST_CELL:  # its length must stay: it shows whether a workbook has cut the text off
        return unescape_formula(lines)
    return strip_invisible(unescape_formula(lines)) if lines.strip() else ""


def _find_columns(header: list[str], columns: Sequence[str], older: Mapping[str, Sequence[str]]) -> list[int | None]:
    found = [name.strip().casefold() for name in header]
    wanted = list(columns)
    for old, replaced in older.items():
        if old.casefold() in found and not {name.casefold() for name in replaced} & set(found):
            wanted = [*(name for name in wanted if name not in replaced), old]
    known = [name.casefold() for name in wanted]
    wrong = {
        "missing": [name for name in wanted if name.casefold() not in found],
        "not known here": [name for name in header if name.strip() and name.strip().casefold() not in known],
        "there twice": [name for name in wanted if found.count(name.casefold()) > 1],
    }
    if any(wrong.values()):
        problems = [
            f"{_quote(names)} {'is' if len(names) == 1 else 'are'} {what}" for what, names in wrong.items() if names
        ]
        raise Unreadable(f"The first row must name the columns of the template: {'; '.join(problems)}.")
    return [found.index(name.casefold()) if name in wanted else None for name in (*columns, *older)]


def _quote(names: list[str]) -> str:
    return _shorten([f"“{name.strip()[:60]}”" for name in names])


def _shorten(names: list[str]) -> str:
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(names[:20]) + more
