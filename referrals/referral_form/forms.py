"""The forms of the last two steps."""

from typing import Any

from django import forms

from referrals.enums import ConsentWay
from referrals.referral_form.fields import Caution, StepForm
from referrals.referral_form.input_fields import text_field
from referrals.referral_form.signed_state import Typed
from referrals.referral_form.ticks import Radios

DECLINED = "declined"


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
    """Asks whether the person agrees, and how that is known."""

    names_person = True
    consent = forms.ChoiceField(widget=Radios)
    consent_giver = text_field("Who decides for them?", hint="A parent, say, or an attorney: name and role.")

    def __init__(self, *, is_self: bool, name: str, **given: Any) -> None:
        self.is_self = is_self
        self.name = name
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        field = self.fields["consent"]
        if self.is_self:
            field.label = "Do you agree to this?"
            field.choices = [(ConsentWay.SELF, "I agree"), (DECLINED, "I do not agree")]
            field.error_messages["required"] = "Say whether you agree."
            del self.fields["consent_giver"]
            return
        field.label = f"Does {self.name} agree to this?"
        field.choices = [
            (ConsentWay.IN_PERSON, f"{self.name} agrees"),
            (ConsentWay.PHONE, f"{self.name} agreed on the phone"),
            (ConsentWay.ON_BEHALF, f"Somebody who may decide for {self.name} has agreed"),
            (DECLINED, f"{self.name} does not agree"),
        ]
        field.error_messages["required"] = f"Say whether {self.name} agrees."

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("consent") != ConsentWay.ON_BEHALF:
            given["consent_giver"] = ""
        elif not given.get("consent_giver") and "consent_giver" not in self.errors:
            self.add_error("consent_giver", f"Write who may decide for {self.name}: name and role.")

    @property
    def is_agreed(self) -> bool:
        return self.cleaned_data["consent"] != DECLINED
