"""What is stored already, from before a rule, or by another way in."""

from typing import Any

from django.forms.boundfield import BoundField


class KeepsStored:
    """For form fields: a value that is stored already is no error of whoever changes something else."""

    def _clean_bound_field(self, bound: BoundField) -> Any:
        if self.has_changed(bound.initial, bound.data):
            return super()._clean_bound_field(bound)
        return bound.initial or getattr(self, "empty_value", None)
