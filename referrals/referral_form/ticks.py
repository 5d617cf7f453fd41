"""Radio buttons and checkboxes with their labels, in the form's own markup.

Put together in Python: Django's template for each of them takes longer than the rest of a page with a hundred.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe


class Tick(NamedTuple):
    """One radio button or checkbox."""

    id: str
    value: str
    label: str
    is_chosen: bool


class TicksMixin:
    """For a widget with choices, whose keys are strings."""

    def list_ticks(self, value: Any, id_: str) -> list[Tick]:
        chosen = self.format_value(value)
        return [
            Tick(f"{id_}_{number}", str(key), label, str(key) in chosen)
            for number, (key, label) in enumerate(self.choices)
        ]

    def draw_ticks(self, name: str, ticks: Iterable[Tick]) -> SafeString:
        # Names and ids are the form's own: only what a network has written needs escaping.
        rows = [
            f'<label class="tick" for="{tick.id}"><input type="{self.input_type}" name="{name}" '
            f'value="{escape(tick.value)}" id="{tick.id}"{" checked" if tick.is_chosen else ""}>'
            f"<span>{conditional_escape(tick.label)}</span></label>\n"
            for tick in ticks
        ]
        return mark_safe(f'<div class="ticks">{"".join(rows)}</div>')  # noqa: S308 - escaped above

    def render(self, name: str, value: Any, attrs: dict[str, Any], renderer: Any = None) -> SafeString:
        return self.draw_ticks(name, self.list_ticks(value, attrs["id"]))


class Radios(TicksMixin, forms.RadioSelect):
    pass


class Checkboxes(TicksMixin, forms.CheckboxSelectMultiple):
    pass
