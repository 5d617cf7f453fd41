"""A table as a file to download."""

from csv import QUOTE_ALL  # some programs split cells at semicolons as well

from django.http import HttpResponse
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from tablib import Dataset
from tablib.formats import registry

from referrals.import_export.formulas import as_workbook_text

FORMATS = ("csv", "xlsx")
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads UTF-8 as something else
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _TextOnly(registry.get_format("xlsx")):
    """Its cells are text, the empty ones below the table too: what is typed there keeps its first 0 and is no date."""

    @classmethod
    def dset_sheet(cls, dataset: Dataset, ws: Worksheet, **options: object) -> None:
        super().dset_sheet(dataset, ws, **options)
        for number, column in enumerate(ws.iter_cols(), start=1):
            ws.column_dimensions[get_column_letter(number)].number_format = "@"
            for cell in column:
                cell.number_format = "@"


def as_file(rows: Dataset, name: str, file_format: str) -> HttpResponse:
    if file_format == "xlsx":
        texts = (map(as_workbook_text, row) for row in rows)
        rows = Dataset(*texts, headers=rows.headers)
        return _attachment(_TextOnly.export_set(rows), _XLSX, f"{name}.xlsx")
    return _attachment(
        (BYTE_ORDER_MARK + rows.export("csv", quoting=QUOTE_ALL)).encode(), "text/csv; charset=utf-8", f"{name}.csv"
    )


def _attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, headers={"Content-Type": content_type, "Content-Disposition": disposition})
