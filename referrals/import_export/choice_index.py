"""What a column may point at, by name or by ID, read once for a whole table."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model

from referrals.import_export.cells import as_one_line_end, is_key, name_of


class Offered:
    """Rows that may be chosen. Those of one group, an organisation's say, are told apart by their names.

    named: how a row is called. group: what it is within; rows of other groups are not found.
    """

    def __init__(
        self,
        rows: Iterable[Model],
        *,
        named: Callable[[Any], str] = name_of,
        group: Callable[[Any], Any] = lambda row: None,
    ) -> None:
        self._named, self._group = named, group
        self._by_key: dict[int, Model] = {}
        self._exactly: dict[tuple, list[Model]] = defaultdict(list)
        self._anyhow: dict[tuple, list[Model]] = defaultdict(list)
        for row in rows:
            self.add(row)

    def add(self, row: Model) -> None:
        """A row that is called otherwise by now is found by both names."""
        group, name = self._group(row), self._name(row)
        self._by_key[row.pk] = row
        for rows in (self._exactly[group, name], self._anyhow[group, name.lower()]):
            if row not in rows:
                rows.append(row)

    def has(self, key: int | None) -> bool:
        return key in self._by_key

    def called(self, text: str, group: Any = None) -> list[Model]:
        """Return the rows of this name, written the same if there are any, else in whatever capitals. What is no name
        may be an ID."""
        found = self._exactly.get((group, text)) or self._anyhow.get((group, text.lower()))
        if found or not is_key(text):
            return found or []
        row = self._by_key.get(int(text))
        return [row] if row is not None and self._group(row) == group else []

    def label(self, row: Model) -> str:
        """Return what finds this row again: its name, or its ID where the name would not do."""
        name = self._name(row)
        is_twin = len(self._exactly.get((self._group(row), name), ())) > 1
        return str(row.pk) if is_twin or not name else self._named(row)

    def _name(self, row: Model) -> str:
        return as_one_line_end(self._named(row)).strip()
