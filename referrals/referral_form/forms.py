"""The forms of the last two steps."""

from typing import Any

from django import forms

from referrals.referral_form.fields import Caution, StepForm
from referrals.referral_form.signed_state import Typed


class SuggestionsForm(StepForm):
    """The page's buttons add, remove and restore organisations."""

    wanted = forms.CharField(
        label="Look for an organisation by its name",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def find_cautions(self) -> list[Caution]:
        """Enter in the field means Continue: what was found comes first."""
        name = str(self["wanted"].value() or "").strip()
        text = "Whoever was found is shown below. Press Continue again to go on."
        return [Caution(f"wanted:{name}", "wanted", text)] if name else []


class ConsentForm(StepForm):
    consent = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *, is_self: bool, name: str, **given: Any) -> None:
        self.is_self = is_self
        self.name = name
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        if self.is_self:
            label, agree, decline, whether = "Do you agree to this?", "I agree", "I do not agree", "you agree"
        else:
            label = f"Does {self.name} agree to this?"
            agree, decline = f"{self.name} agrees", f"{self.name} does not agree"
            whether = agree
        field = self.fields["consent"]
        field.label = label
        field.choices = [("agreed", agree), ("declined", decline)]
        field.error_messages["required"] = f"Say whether {whether}."

    @property
    def is_agreed(self) -> bool:
        return self.cleaned_data["consent"] == "agreed"
