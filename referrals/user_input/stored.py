"""Values stored before a rule was made, or by another way in."""

from typing import Any

from django.forms.boundfield import BoundField


class KeepsStored:
    """For form fields: a stored value is not refused while it is left as it was."""

    def _clean_bound_field(self, bound: BoundField) -> Any:
        if self.has_changed(bound.initial, bound.data):
            return super()._clean_bound_field(bound)
        return bound.initial or getattr(self, "empty_value", None)
