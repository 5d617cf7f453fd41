"""What must agree within a service or a venue, said beside the field that does not."""

from django import forms

from backoffice.catchments.fields import CatchmentField
from referrals.enums import MembershipStatus, ReferralPathway
from referrals.models import NetworkMembership, Postcode


class ServiceForm(forms.ModelForm):
    catchment = CatchmentField()
    pathways = forms.MultipleChoiceField(
        label="How to be referred",
        choices=ReferralPathway.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        organisation = cleaned.get("organisation") or getattr(self.instance, "organisation", None)
        network = cleaned.get("network") or getattr(self.instance, "network", None)
        if not organisation or not network:
            return cleaned
        for name in ("activity", "venue"):
            chosen = cleaned.get(name)
            if chosen and chosen.organisation_id != organisation.pk:
                self.add_error(name, f"This {name} belongs to another organisation.")
        if any(category.network_id != network.pk for category in cleaned.get("categories") or ()):
            self.add_error("categories", "Some of these belong to another network.")
        active = NetworkMembership.objects.filter(status=MembershipStatus.ACTIVE)
        if not self.instance.pk and not active.filter(network=network, organisation=organisation).exists():
            self.add_error("organisation", f"{organisation} is not a member of {network}.")
        return cleaned


class VenueForm(forms.ModelForm):
    class Meta:
        labels = {"point": "Place on the map"}
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict:
        """Put the venue where its postcode is, unless somebody has put it on the map by hand."""
        cleaned = super().clean()
        moved = "point" in self.changed_data
        if cleaned.get("postcode") and not moved and ("postcode" in self.changed_data or not cleaned.get("point")):
            found = Postcode.objects.find(cleaned["postcode"])
            if found is None:
                self.add_error("postcode", "We do not know this postcode. Please check it, or leave it empty.")
            elif found.point:
                cleaned["point"] = found.point
        return cleaned
