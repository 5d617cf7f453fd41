"""The forms of the last two steps."""

from typing import Any

from django import forms

from referrals.referral_form.fields import StepForm
from referrals.referral_form.signed_state import Typed


class SuggestionsForm(StepForm):
    """Has no fields: the page's buttons remove organisations and restore them."""


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
