"""Recognises which known table of postcodes a CSV is, and where the columns that we need are.

Code-Point Open (Ordnance Survey) has no header and ten columns, or only the first four. ONSPD (Office for National
Statistics) renames its columns with each vintage, `oslaua` or `lad25cd`, so they are recognised by patterns. Vintages
until about 2015 had no header; they are recognised by their fifty columns.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from itertools import islice
from operator import itemgetter
from typing import BinaryIO

from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcode_files import CsvFile
from referrals.importers.progress import Advance
from referrals.models.geography import parse_postcode

_HEAD_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 18
_CHUNK_ROWS = 2000
_NAMES_SHOWN = 12
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_CODE_POINT_COLUMNS = (
    "postcode", "quality", "easting", "northing", "country", "nhs_region", "nhs_area", "county", "district", "ward",
)  # fmt: skip
_CODE_POINT_HEADERS = (
    ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC"),
    (
        "Postcode", "Positional_quality_indicator", "Eastings", "Northings", "Country_code", "NHS_regional_HA_code",
        "NHS_HA_code", "Admin_county_code", "Admin_district_code", "Admin_ward_code",
    ),
)  # fmt: skip
_QUALITIES = {"10", "20", "30", "40", "50", "60", "90"}

# For each column that we need from ONSPD: the pattern of its name in any vintage, and what a message calls it. The
# postcode comes in three spacings, any of which will do; two matches for anything else are refused.
_ONSPD_WANTED = {
    "postcode": (r"pcd[278s]?", "pcd, pcd7 or pcds"),
    "terminated": (r"doterm", "doterm"),
    "district": (r"oslaua|laua|lad\d\dcd", "oslaua or ladNNcd"),
    "ward": (r"osward|ward|wd\d\dcd", "osward or wdNNcd"),
    "easting": (r"oseast1m|east1m", "oseast1m or east1m"),
    "northing": (r"osnrth1m|north1m", "osnrth1m or north1m"),
    "country": (r"ctry(?:\d\dcd)?", "ctry or ctryNNcd"),
    "latitude": (r"lat", "lat"),
    "longitude": (r"long", "long"),
}
# Every column name of the vintages from 2015 to 2025: plain, with a census year, and lately with a code's year.
_ONSPD_KNOWN = re.compile(
    r"pcd[278s]?|dointr|doterm|oscty|ced|oslaua|osward|parish|usertype|usrtypind|oseast1m|osnrth1m|osgrdind|east1m"
    r"|north1m|gridind|oshlthau|hro|nhser|ctry|gor|rgn|streg|pcon|eer|teclec|ttwa|pct|nuts|itl|psed|cened|edind"
    r"|oshaprev|lea|oldha|oldpct|statsward|casward|n?park|ccg|sicbl|lat|long|lep[12]|pfa|imd|calncv|stp|icb"
    r"|(?:ward|wardc|wardo|oa|lsoa|msoa|oac|wz|bua|buasd)\d\d|(?:ur|ru|ruc|oac|imd)\d\dind"
    r"|(?:cty|ced|lad|wd|parncp|hlth|nhser|ctry|rgn|ssr|pcon|eer|educ|ttwa|pco|itl|wdstl|wdcas|npark|oa|lsoa|msoa|wz"
    r"|sicbl|bua|lep|pfa|cal|icb)\d\dcd\d?"
)
# Positions in the vintages of about 2011 to 2015 (ONSPD User Guide, August 2015), which have no latitude and longitude.
_ONSPD_HEADERLESS_WIDTH = 50
_ONSPD_HEADERLESS = {
    "postcode": 2, "terminated": 4, "district": 6, "ward": 7, "easting": 9, "northing": 10, "country": 14,
}  # fmt: skip
_AREA_CODE = re.compile(r"[A-Z]\d{8}")


@dataclass(frozen=True)
class Layout:
    """How to read one kind of CSV. Files with equal layouts can be loaded as one."""

    title: str
    width: int
    columns: tuple[str, ...]
    """Our names of the columns that are read."""
    positions: tuple[int, ...] | None = None
    """The position of each of `columns` in a row; None when they are the whole row."""
    has_header: bool = False
    unknown_columns: tuple[str, ...] = ()

    @property
    def copy_options(self) -> str:
        """Options of COPY that keep an empty field as empty text, so that NULL can mean "has no such column"."""
        header = "true" if self.has_header and self.positions is None else "false"
        return f"FORMAT csv, HEADER {header}, NULL '\\N', ENCODING 'UTF8'"


def recognise_layout(file: CsvFile) -> Layout:
    """Judge by the first rows. Raises ImportRefusedError, naming the wrong columns."""
    rows = _first_rows(file)
    names = [cell.strip().lower() for cell in rows[0]]
    known = [{name.lower() for name in header} for header in _CODE_POINT_HEADERS]
    code_point_names = max(len(header.intersection(names)) for header in known)
    onspd_names = sum(bool(_ONSPD_KNOWN.fullmatch(name)) for name in names)
    if max(code_point_names, onspd_names) == 0:
        return _headerless_layout(file, rows)
    if code_point_names > onspd_names:
        return _code_point_layout(file, names)
    return _onspd_layout(file, names)


def _first_rows(file: CsvFile) -> list[list[str]]:
    with file.reading() as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.strip():
        raise ImportRefusedError(f"{file.name} is empty.")
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    try:
        text = whole_lines.decode("utf-8-sig")
        rows = [row for row in csv.reader(StringIO(text, newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImportRefusedError(f"{file.name} is not a CSV in UTF-8: {error}.") from error
    if "\0" in text or not rows:
        raise ImportRefusedError(f"{file.name} is not a CSV in UTF-8.")
    return rows


def _headerless_layout(file: CsvFile, rows: list[list[str]]) -> Layout:
    width = len(rows[0])
    if width in {4, len(_CODE_POINT_COLUMNS)} and any(_is_code_point_row(row) for row in rows):
        return Layout("Code-Point Open", width, _CODE_POINT_COLUMNS[:width])
    if width == _ONSPD_HEADERLESS_WIDTH and any(_is_onspd_row(row) for row in rows):
        columns, positions = tuple(_ONSPD_HEADERLESS), tuple(_ONSPD_HEADERLESS.values())
        return Layout("ONSPD without header", width, columns, positions)
    beginning = ", ".join(cell[:20] for cell in rows[0][:5])
    raise ImportRefusedError(
        f"{file.name} is not a table of postcodes that we know. Its {width} columns begin {beginning}. "
        f"Code-Point Open has ten or four ({', '.join(_CODE_POINT_HEADERS[0])}) without a header; ONSPD has a header "
        f"with {', '.join(names for _, names in _ONSPD_WANTED.values())}, or fifty columns without one."
    )


def _is_code_point_row(row: list[str]) -> bool:
    return (
        len(row) in {4, len(_CODE_POINT_COLUMNS)}
        and parse_postcode(row[0]) is not None
        and row[1] in _QUALITIES
        and row[2].isdigit()
        and row[3].isdigit()
    )


def _is_onspd_row(row: list[str]) -> bool:
    if len(row) != _ONSPD_HEADERLESS_WIDTH:
        return False
    codes = {parse_postcode(cell) for cell in row[:3]}
    country = row[_ONSPD_HEADERLESS["country"]]
    return len(codes) == 1 and None not in codes and _AREA_CODE.fullmatch(country) is not None


def _code_point_layout(file: CsvFile, names: list[str]) -> Layout:
    header = max(_CODE_POINT_HEADERS, key=lambda header: len({name.lower() for name in header}.intersection(names)))
    wanted = [name.lower() for name in header]
    if names not in (wanted, wanted[:4]):
        missing = [name for name in header if name.lower() not in names]
        unexpected = [name for name in names if name not in wanted]
        raise _wrong_header(file, "Code-Point Open", missing, unexpected or ["none, but they are in another order"])
    return Layout("Code-Point Open", len(names), _CODE_POINT_COLUMNS[: len(names)], has_header=True)


def _onspd_layout(file: CsvFile, names: list[str]) -> Layout:
    positions: dict[str, int] = {}
    missing: list[str] = []
    for wanted, (pattern, title) in _ONSPD_WANTED.items():
        found = [name for name in names if re.fullmatch(pattern, name)]
        if len(found) > 1 and wanted != "postcode":
            raise ImportRefusedError(f"{file.name} has two columns for the same thing: {', '.join(found)}.")
        if found:
            positions[wanted] = names.index(found[0])
        else:
            missing.append(title)
    unknown = tuple(name for name in names if not _ONSPD_KNOWN.fullmatch(name))
    if missing:
        raise _wrong_header(file, "ONSPD", missing, list(unknown))
    return Layout("ONSPD", len(names), tuple(positions), tuple(positions.values()), True, unknown)


def _wrong_header(file: CsvFile, title: str, missing: list[str], unexpected: list[str]) -> ImportRefusedError:
    return ImportRefusedError(
        f"{file.name} does not have the header of {title}. "
        f"Missing: {', '.join(missing) or 'none'}. Unexpected: {_first_few(unexpected) or 'none'}."
    )


def _first_few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more


def copy_chunks(file: CsvFile, layout: Layout, advance: Advance) -> Iterator[bytes | str]:
    """Yield `file` as CSV of `layout.columns`, in pieces for COPY with `layout.copy_options`.

    A file whose columns are all needed is passed on as bytes; COPY itself finds rows of the wrong width. From a wide
    file the needed columns are picked here, which is cheaper than storing the rest.
    """
    with file.reading(advance) as stream:
        if layout.positions is not None:
            yield from _pick_columns(file, layout, stream)
            return
        first = stream.read(_CHUNK_BYTES)
        yield first.removeprefix(_BYTE_ORDER_MARK)
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _pick_columns(file: CsvFile, layout: Layout, stream: BinaryIO) -> Iterator[str]:
    pick = itemgetter(*layout.positions)
    reader = csv.reader(TextIOWrapper(stream, encoding="utf-8-sig", newline=""), strict=True)
    try:
        if layout.has_header:
            next(reader)
        while rows := list(islice(reader, _CHUNK_ROWS)):
            if any(len(row) != layout.width for row in rows):
                _refuse_wrong_width(file, layout, rows, reader.line_num - len(rows))
            buffer = StringIO()
            csv.writer(buffer, lineterminator="\n").writerows(map(pick, rows))
            yield buffer.getvalue()
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImportRefusedError(f"{file.name} near line {reader.line_num + 1}: {error}.") from error


def _refuse_wrong_width(file: CsvFile, layout: Layout, rows: list[list[str]], line: int) -> None:
    offset, row = next((offset, row) for offset, row in enumerate(rows, start=1) if len(row) != layout.width)
    raise ImportRefusedError(
        f"{file.name} near line {line + offset} has {len(row)} columns; its first row has {layout.width}."
    )
