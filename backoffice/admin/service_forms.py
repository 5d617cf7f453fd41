from django import forms

from referrals.enums import AccessFeature
from referrals.models import Postcode, Venue


class TickGroup(forms.CheckboxSelectMultiple):
    """Checkboxes grouped under `name`, for screen readers too: the admin's own markup does not group them."""

    template_name = "backoffice/tick_group.html"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        return super().get_context(name, value, attrs) | {"group_name": self.name}


class VenueForm(forms.ModelForm):
    access_features = forms.MultipleChoiceField(
        label="Access",
        choices=AccessFeature.choices,
        required=False,
        widget=TickGroup("Access"),
        help_text=Venue._meta.get_field("access_features").help_text,
    )

    class Meta:
        labels = {"point": "Place on the map"}
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict:
        """Place the venue at its postcode, unless somebody placed it on the map by hand."""
        cleaned = super().clean()
        moved = "point" in self.changed_data
        if cleaned.get("postcode") and not moved and ("postcode" in self.changed_data or not cleaned.get("point")):
            found = Postcode.objects.find(cleaned["postcode"])
            if found is None:
                self.add_error("postcode", "We do not know this postcode. Please check it, or leave it empty.")
            elif found.point:
                cleaned["point"] = found.point
        return cleaned
