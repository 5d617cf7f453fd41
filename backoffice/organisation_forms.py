"""A form that somebody fills in for one of their organisations."""

from collections.abc import Sequence

from django import forms

from referrals.models import Organisation


class OrganisationForm(forms.Form):
    """Asks for which organisation, where there are several."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="For",
        empty_label="Choose which",
        error_messages={"required": "Please choose for which organisation."},
    )

    def __init__(self, *args: object, organisations: Sequence[Organisation] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._only = organisations[0] if len(organisations) == 1 else None
        if len(organisations) > 1:
            keys = [organisation.pk for organisation in organisations]
            self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=keys)
        else:
            del self.fields["organisation"]

    @property
    def organisation_id(self) -> int | None:
        """None if there is none to choose."""
        chosen = self.cleaned_data.get("organisation") or self._only
        return chosen.pk if chosen else None
