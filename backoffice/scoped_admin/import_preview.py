"""What an uploaded table would do, as its page shows it."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Func, IntegerField

from referrals.import_export import KEY_COLUMN
from referrals.import_export.uploads import is_applicable
from referrals.models import UploadedTable

PAGE = 100
KINDS = {"refused": "Refused", "changed": "Changed", "new": "New", "unchanged": "Unchanged"}
TONES = {"refused": "urgent", "changed": "wait", "new": "good"}
_ORDER = list(KINDS)


def count_in_words(changes: list[dict]) -> str:
    count = Counter(change["kind"] for change in changes)
    return f"{count['new']} added, {count['changed']} changed"


def row_count(table: UploadedTable) -> int:
    length = Func(F("rows"), function="jsonb_array_length", output_field=IntegerField())
    return UploadedTable.objects.filter(pk=table.pk).values_list(length, flat=True).get()


def preview_of(table: UploadedTable, page: str | None) -> dict[str, Any]:
    count = Counter(change["kind"] for change in table.changes)
    changes = [change for change in table.changes if change["kind"] != "unchanged"]
    changes.sort(key=lambda change: _ORDER.index(change["kind"]))
    for change in changes:
        change["word"], change["tone"] = KINDS[change["kind"]], TONES[change["kind"]]
    return {
        "counts": [(KINDS[kind], TONES.get(kind, ""), count[kind]) for kind in KINDS if count[kind]],
        "refused": count["refused"],
        "alike": sum(column == KEY_COLUMN for change in changes for column, _ in change["notes"]),
        "can_confirm": is_applicable(table.changes),
        "page": Paginator(changes, PAGE).get_page(page),
    }
