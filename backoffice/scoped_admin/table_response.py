"""A table as a file to download. A long one is read and sent in pieces, so that its length costs no memory."""

import csv  # every cell is quoted: some programs split cells at semicolons as well
from collections.abc import Iterable, Iterator
from io import SEEK_END, StringIO
from itertools import chain
from tempfile import TemporaryFile
from typing import IO

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, QuerySet, Value
from django.db.models.functions import Cast
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from import_export.resources import Resource
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from tablib import Dataset

from referrals.access.reach import keep_reach
from referrals.import_export.formulas import as_workbook_text

FORMATS = ("csv", "xlsx")
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads UTF-8 as something else
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv; charset=utf-8"
BATCH = 500
_SHORT = 1_000_000  # bytes


def as_file(table: Dataset, name: str, file_format: str) -> HttpResponse:
    return _send([table], name, file_format)


def send_rows(
    resource: Resource, found: QuerySet, name: str, file_format: str, *, rows: QuerySet | None = None
) -> HttpResponse:
    """Send what `resource` exports of the rows `found`, in their order.

    rows: where the rows are read by their keys; `found` itself unless something cheaper will do.
    """
    keys = list(found.values_list("pk", flat=True))
    return _send(_export_in_batches(resource, found if rows is None else rows, keys), name, file_format)


def _export_in_batches(resource: Resource, rows: QuerySet, keys: list[int]) -> Iterator[Dataset]:
    """What is exported, and recorded as read, is read as it is sent: who stops a download has read no more of it."""
    for start in range(0, max(len(keys), 1), BATCH):
        batch = keys[start : start + BATCH]
        place = Func(Cast(Value(batch), ArrayField(BigIntegerField())), F("pk"), function="array_position")
        with keep_reach():
            yield resource.export(rows.filter(pk__in=batch).order_by(place))


def _send(tables: Iterable[Dataset], name: str, file_format: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{file_format}"'}
    if file_format == "xlsx":
        return _send_workbook(_write_workbook(tables), headers)
    pieces = _write_csv(tables)
    first = next(pieces)
    second = next(pieces, None)
    if second is None:
        return HttpResponse(first, headers=headers, content_type=_CSV)
    return StreamingHttpResponse(chain([first, second], pieces), headers=headers, content_type=_CSV)


def _send_workbook(file: IO[bytes], headers: dict[str, str]) -> HttpResponse:
    if file.seek(0, SEEK_END) > _SHORT:
        file.seek(0)
        return FileResponse(file, headers=headers, content_type=_XLSX)
    with file:
        file.seek(0)
        return HttpResponse(file.read(), headers=headers, content_type=_XLSX)


def _write_csv(tables: Iterable[Dataset]) -> Iterator[bytes]:
    for number, table in enumerate(tables):
        text = StringIO()
        lines = csv.writer(text, quoting=csv.QUOTE_ALL)
        if number == 0:
            text.write(BYTE_ORDER_MARK)
            lines.writerow(table.headers)
        lines.writerows(table)
        yield text.getvalue().encode()


def _write_workbook(tables: Iterable[Dataset]) -> IO[bytes]:
    """Its cells are text, the empty ones below the table too: what is typed there keeps its first 0 and is no date."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.freeze_panes = "A2"
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True)

    def make_cell(value: object) -> WriteOnlyCell:
        cell = WriteOnlyCell(sheet, as_workbook_text(value))
        cell.number_format = "@"
        if "\n" in str(value):
            cell.alignment = wrapped
        return cell

    for number, table in enumerate(tables):
        if number == 0:
            for column in range(1, len(table.headers) + 1):
                sheet.column_dimensions[get_column_letter(column)].number_format = "@"
            heading = [make_cell(header) for header in table.headers]
            for cell in heading:
                cell.font = bold
            sheet.append(heading)
        for row in table:
            sheet.append([make_cell(value) for value in row])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    workbook.save(file)
    return file
