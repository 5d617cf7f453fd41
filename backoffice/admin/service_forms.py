from django import forms

from referrals.enums import AccessFeature
from referrals.models import Venue
from referrals.places import find_whole_postcode


class VenueForm(forms.ModelForm):
    access_features = forms.MultipleChoiceField(
        label="Access",
        choices=AccessFeature.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=Venue._meta.get_field("access_features").help_text,
    )

    postcode = forms.CharField(required=False, max_length=60, help_text="As in NW1 2DB.")
    # Why the venue is not on the map, for the message after saving.
    place_problem = ""

    class Meta:
        labels = {"point": "Place on the map"}
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict:
        """Place the venue at its postcode, unless somebody placed it on the map by hand."""
        cleaned = super().clean()
        if not cleaned.get("postcode") or not ("postcode" in self.changed_data or not cleaned.get("point")):
            return cleaned
        try:
            found = find_whole_postcode(cleaned["postcode"])
        except forms.ValidationError as error:
            self.add_error("postcode", error)
            return cleaned
        cleaned["postcode"] = found.name
        if "point" not in self.changed_data:
            cleaned["point"] = found.point
            self.place_problem = found.problem
        return cleaned
