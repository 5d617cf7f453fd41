from django.db.models import BooleanField, Field, Model
from django.utils.html import format_html
from django.utils.text import capfirst


class FieldDisplay:
    """Shows a field of a row, in a page or a list. Two of the same field are equal."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.name = self.__name__ = field.name
        self.short_description = capfirst(field.verbose_name)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.field == self.field

    def __hash__(self) -> int:
        return hash(self.field)

    def __call__(self, obj: Model) -> str:
        raise NotImplementedError


class ReadOnlyYesOrNo(FieldDisplay):
    def __call__(self, obj: Model) -> str:
        return "Yes" if getattr(obj, self.field.name) else "No"


class FlagColumn(FieldDisplay):
    """Shows `words` in rows where a yes-or-no field has its unusual value, else nothing."""

    def __init__(self, field: BooleanField, unusual: bool, words: str) -> None:
        super().__init__(field)
        self.unusual, self.words = unusual, words
        self.admin_order_field = field.name

    def __call__(self, obj: Model) -> str:
        if getattr(obj, self.field.name) != self.unusual:
            return ""
        return format_html('<span class="chip">{}</span>', self.words)
