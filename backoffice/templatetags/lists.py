"""The table of a list, in which each row becomes a card on a phone."""

from typing import Any, NamedTuple

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers, results
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from backoffice.scoped_admin.empty_lists import empty_message

register = template.Library()

_FIGURES = (models.IntegerField, models.FloatField, models.DecimalField)


class Column(NamedTuple):
    header: dict[str, Any]  # as Django makes it
    label: str
    kind: str  # "figure", "moment" or ""

    @property
    def order(self) -> str:
        """Return what `aria-sort` says of it."""
        if not self.header.get("sorted"):
            return ""
        return "ascending" if self.header["ascending"] else "descending"


@register.inclusion_tag("backoffice/list_table.html")
def list_table(changelist: ChangeList, *, may_add: bool) -> dict[str, Any]:
    columns = [
        Column(header, capfirst(header["text"]), _kind(name, changelist))
        for name, header in zip(changelist.list_display, result_headers(changelist), strict=True)
    ]
    rows = [[_labelled(*pair) for pair in zip(columns, row, strict=True)] for row in results(changelist)]
    return {
        "cl": changelist,
        "columns": columns,
        "rows": rows,
        "empty_message": "" if rows else empty_message(changelist.model),
        "may_add": may_add,
    }


def _kind(name: Any, changelist: ChangeList) -> str:
    if not isinstance(name, str) or hasattr(changelist.model_admin, name):
        return ""
    try:
        field = changelist.lookup_opts.get_field(name)
    except FieldDoesNotExist:
        return ""
    if isinstance(field, _FIGURES) and not field.choices:
        return "figure"
    return "moment" if isinstance(field, models.DateField | models.TimeField) else ""


def _labelled(column: Column, cell: SafeString) -> SafeString:
    """Add to a cell, `<td class="...">` or `<th class="...">`, the label that cards show and its kind as a class."""
    opening, rest = cell[:3], cell[3:]
    if column.kind:
        rest = rest.replace('class="', f'class="{column.kind} ', 1)
    scope = ' scope="row"' if opening == "<th" else ""
    return mark_safe(f'{opening}{scope} data-label="{escape(column.label)}"{rest}')  # noqa: S308 - Django's own cell
