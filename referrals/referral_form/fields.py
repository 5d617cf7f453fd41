"""What the forms of all steps share."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from referrals.referral_form.signed_state import Typed
from referrals.translations import EnglishText
from referrals.visitor_messages.honeypot import HoneypotForm

# A professional's browser must neither remember one person's details nor fill them in for the next.
NOT_REMEMBERED = {"autocomplete": "off"}


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning that pressing Continue again passes.

    mark: how it is remembered; includes the value if a new value deserves a new warning.
    """

    mark: str
    field: str
    text: str


def _said(text: object) -> tuple[str, bool]:
    """A text that stayed English is drawn otherwise than a translation of the same letters, such as “Radio”."""
    return str(text), isinstance(text, EnglishText)


class StepField(BoundField):
    """A field with its caution, and the id for the error summary."""

    @property
    def caution(self) -> Caution | None:
        return next((caution for caution in self.form.cautions if caution.field == self.name), None)

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        if self.caution and described is not None:
            return f"{described} {self.auto_id}_caution".strip()
        return described

    @property
    def look(self) -> Hashable | None:
        """All that its drawing depends on; None where somebody's words or name are in it."""
        widget, value = self.field.widget, self.value()
        choices = [(str(key), _said(text)) for key, text in getattr(self.field, "choices", ())]
        if self.form.names_person or self.errors or self.caution or (value and not choices):
            return None
        chosen = frozenset(widget.format_value(value)) & {key for key, _ in choices} if choices else None
        attrs = tuple(sorted((name, str(text)) for name, text in widget.attrs.items()))
        words = (_said(self.label), _said(self.help_text))
        return (self.html_name, *words, type(widget), attrs, tuple(choices), chosen)

    @property
    def anchor(self) -> str:
        return f"{self.auto_id}_0" if self.use_fieldset else self.auto_id


class StepForm(HoneypotForm):
    """One step of the form. Unbound, it shows what was typed before, right or wrong, without errors.

    A subclass sets its own values before it calls this `__init__`, which calls `add_fields`.
    """

    names_person = False  # whether the person's name stands in a label
    use_required_attribute = False  # the page says what is missing; the browser must not block the Back button
    bound_field_class = StepField

    def __init__(self, *, typed: Typed | None = None, data: MultiValueDict | None = None) -> None:
        super().__init__(data)
        self.cautions: list[Caution] = []
        self.add_fields(typed or {} if data is None else dict(data.lists()))
        if typed is not None and data is None:
            self.initial = {name: _initial(field, typed.get(name, [])) for name, field in self.fields.items()}

    def add_fields(self, given: Typed) -> None:
        """Hook: add fields that depend on the network or on the values in `given`."""

    @property
    def asks_more(self) -> bool:
        return False

    def find_cautions(self) -> list[Caution]:
        """Hook: return what deserves a second look. Called only on a valid form."""
        return []

    def show_cautions(self, passed: set[str]) -> bool:
        """Show cautions not yet in `passed` and add them to it; return whether there are any."""
        self.cautions = [caution for caution in self.find_cautions() if caution.mark not in passed]
        passed.update(caution.mark for caution in self.cautions)
        return bool(self.cautions)

    def error_links(self) -> list[tuple[str, str]]:
        """Return (message, id of the field) for the error summary, in page order."""
        links = [(str(error), "") for error in self.non_field_errors()]
        for field in self:
            links += [(str(error), field.anchor) for error in field.errors]
        return links


def _initial(field: forms.Field, values: list[str]) -> Any:
    if isinstance(field, forms.MultipleChoiceField):
        return values
    if isinstance(field, forms.BooleanField):
        return bool(values)
    return values[0] if values else ""
