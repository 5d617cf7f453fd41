"""How related rows are written in cells, by name, and found again among those that the user may choose.

Errors and the arguments of `clean` are as in `referrals.import_export.widgets`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field, Model, QuerySet
from import_export.widgets import ForeignKeyWidget

from referrals.access import may_add
from referrals.access.choices import choices_for
from referrals.import_export.formulas import normalise_line_ends
from referrals.import_export.widgets import MOST_PROBLEMS, hint_at_semicolon, is_key
from referrals.models import Category, User
from referrals.refusals import constraint_message
from referrals.user_input.text import on_one_line, strip_invisible
from referrals.words import join_in_words

_MOST_HINTS = 20  # of one column: likening names takes time
_FEW_NAMES = 8


class _Choices:
    """Rows that may be chosen, found by name within their group, or by ID."""

    def __init__(self) -> None:
        self._by_key: dict[int, tuple[Any, Model]] = {}
        self._exactly: dict[tuple, list[Model]] = defaultdict(list)
        self._in_any_case: dict[tuple, list[Model]] = defaultdict(list)

    def add(self, row: Model, name: str, group: Any) -> None:
        """Add a row, or a further name of one already added: both names find it."""
        self._by_key[row.pk] = group, row
        for rows in (self._exactly[group, name], self._in_any_case[group, name.lower()]):
            if row not in rows:
                rows.append(row)

    def find(self, text: str, group: Any) -> list[Model]:
        """Return the rows of this name, in the same case if possible. Text that is no name may be an ID."""
        found = self._exactly.get((group, text)) or self._in_any_case.get((group, text.lower()))
        if found or not is_key(text):
            return found or []
        its_group, row = self._by_key.get(int(text), (None, None))
        return [row] if row is not None and its_group == group else []

    def get(self, key: int | None) -> Model | None:
        return self._by_key.get(key, (None, None))[1]

    def is_ambiguous(self, name: str, group: Any) -> bool:
        return not name or len(self._exactly.get((group, name), ())) > 1

    def by_name(self, group: Any) -> dict[str, Model]:
        return {name: rows[0] for (its_group, name), rows in self._in_any_case.items() if its_group == group}

    def __contains__(self, row: Model) -> bool:
        return row.pk in self._by_key


class ScopedForeignKeyWidget(ForeignKeyWidget):
    """Finds a row among those that the user may choose, by its name, or by its ID where several have that name.

    within: the relation that both rows must agree in, such as the organisation of a service and of its venue.
    creates: a name that is not there yet is added, where the user may add it.

    What may be chosen is read once: 5,000 rows must not cost 5,000 queries. So a widget serves one user and one import.
    """

    not_found = "There is no {kind} “{text}” to choose here."

    def __init__(self, relation: Field, *, within: str = "", creates: bool = False) -> None:
        model = relation.related_model
        super().__init__(model, field="slug" if model is Category else "name")
        self.relation, self.within, self.creates = relation, within, creates
        self.kind = str(model._meta.verbose_name)
        self.created: list[Model] = []
        self._choices: _Choices | None = None
        self._hints: dict[tuple[str, Any], str] = {}

    def get_queryset(self, value: str, row: dict | None, *args: object, user: User, **kwargs: object) -> QuerySet:
        return choices_for(self.relation, user)

    def clean(self, value: str, row: dict | None = None, **kwargs: Any) -> Any:
        text = on_one_line(value).strip()
        return self.find(text, **kwargs) if text else None

    def render(self, value: Model | None, obj: Model | None = None, **kwargs: Any) -> str:
        return "" if value is None else self.label(value, **kwargs)

    def label(self, row: Model, *, user: User, **kwargs: object) -> str:
        """Return its name or, where that would not find it again, its ID."""
        name = self.name_of(row)
        is_ambiguous = self.choices(user).is_ambiguous(_tidy(name), self.group_of(row))
        return str(row.pk) if is_ambiguous else name

    def find(self, text: str, *, user: User, instance: Model, notes: list[str], **kwargs: object) -> Model:
        group = self.group_for(instance)
        found = self._offered(self.choices(user).find(text, group), instance, user)
        current = getattr(instance, f"seen_{self.relation.name}", None)
        if len(found) > 1 and current in found:
            return current
        if len(found) > 1:
            raise ValueError(f"There is more than one {self.kind} “{text[:60]}”. Write its ID instead.")
        if not found and self.creates and group is not None and may_add(user, self.model):
            return self._create(text, group, user, notes)
        if not found:
            raise ValueError(self.not_found.format(kind=self.kind, text=text[:60]) + self._hint(text, group, user))
        return found[0]

    def _hint(self, text: str, group: Any, user: User) -> str:
        if (text, group) not in self._hints and len(self._hints) < _MOST_HINTS:
            self._hints[text, group] = self._write_hint(text, self.choices(user).by_name(group))
        return self._hints.get((text, group), "")

    def _write_hint(self, text: str, rows: dict[str, Model]) -> str:
        """Name what may be meant or, if there is little to choose from, all of it."""
        rows = {name: row for name, row in rows.items() if not getattr(row, "retired_at", None)}
        near = get_close_matches(text[:100].lower(), rows, n=2)
        names = {row.name if self.model is Category else self.name_of(row) for row in map(rows.get, near or rows)}
        quoted = [f"“{name}”" for name in sorted(filter(None, names))]
        if near:
            return f" Did you mean {join_in_words(quoted, 'or')}?"
        return f" There is {join_in_words(quoted)}." if 0 < len(quoted) <= _FEW_NAMES else ""

    def _offered(self, found: list[Model], instance: Model, user: User) -> list[Model]:
        """Replace a merged category by the one it became. Keep a retired one only where it is chosen already."""
        if self.model is not Category:
            return found
        current = getattr(instance, f"seen_{self.relation.name}", None)
        chosen = current if isinstance(current, list) else [current]
        rows = [
            row if row in chosen or not row.retired_at else self.choices(user).get(row.merged_into_id) for row in found
        ]
        if found and not any(rows):
            raise ValueError(f"The category “{found[0]}” is retired. Choose another one.")
        return list(dict.fromkeys(filter(None, rows)))

    def choices(self, user: User) -> _Choices:
        if self._choices is None:
            self._choices = _Choices()
            for row in self.get_queryset("", None, user=user):
                self.remember(row)
        return self._choices

    def remember(self, row: Model) -> None:
        if self._choices is not None:
            for name in self.names_of(row):
                self._choices.add(row, _tidy(name), self.group_of(row))

    def name_of(self, row: Model) -> str:
        return str(getattr(row, self.field))

    def names_of(self, row: Model) -> set[str]:
        """Return the names that find the row."""
        return {self.name_of(row), row.name} if isinstance(row, Category) else {self.name_of(row)}

    def group_of(self, row: Model) -> Any:
        return getattr(row, f"{self.within}_id") if self.within else None

    def group_for(self, instance: Model) -> Any:
        return self.group_of(instance)

    def _create(self, text: str, group: int, user: User, notes: list[str]) -> Model:
        if not choices_for(self.model._meta.get_field(self.within), user).filter(pk=group).exists():
            raise ValueError(self.not_found.format(kind=self.kind, text=text[:60]))
        row = self.model(**{f"{self.within}_id": group, self.field: text})
        try:
            row.clean_fields(exclude=[self.within])
            with transaction.atomic():
                row.save(force_insert=True)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from error
        except IntegrityError as error:
            raise ValueError(message_of(error, self.model)) from error
        self.remember(row)
        self.created.append(row)
        notes.append(f"There is no “{text}” yet: it is added.")
        return row


class ScopedNamesWidget(ScopedForeignKeyWidget):
    """Several rows, separated by semicolons."""

    separator = ";"

    def clean(self, value: str, row: dict | None = None, **kwargs: Any) -> set[Model]:
        texts = (on_one_line(text).strip() for text in normalise_line_ends(value).split(self.separator))
        return set(_read_each(filter(None, texts), lambda text: self.find(text, **kwargs)))

    def _write_hint(self, text: str, rows: dict[str, Model]) -> str:
        hint = super()._write_hint(text, rows)
        return hint + hint_at_semicolon(text) if self.separator == ";" else hint

    def render(self, value: Iterable[Model], obj: Model | None = None, **kwargs: Any) -> str:
        return f"{self.separator} ".join(sorted(self.label(row, **kwargs) for row in value))


def _read_each(texts: Iterable[str], read: Callable[[str], Any]) -> list:
    """Read the parts of one cell. Raise ValueError with what is wrong with each of them."""
    values, problems = [], []
    for text in texts:
        try:
            values.append(read(text))
        except ValueError as wrong:
            problems.append(str(wrong))
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise ValueError(" ".join(problems))
    return values


def _tidy(name: str) -> str:
    return strip_invisible(on_one_line(name)).strip()


def message_of(error: IntegrityError, model: type[Model]) -> str:
    return constraint_message(error, model) or "This cannot be saved as it is."
