from django.db.models import Field, Model
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
