"""The forms of the last two steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from referrals.enums import ConsentWay
from referrals.referral_form.fields import Caution, StepForm
from referrals.referral_form.input_fields import text_field
from referrals.referral_form.signed_state import Typed
from referrals.referral_form.ticks import Radios

DECLINED = "declined"


class SuggestionsForm(StepForm):
    """The page's buttons add, remove and restore organisations."""

    wanted = forms.CharField(
        label=gettext_lazy("Look for an organisation by its name"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def find_cautions(self) -> list[Caution]:
        """Enter in the field means Continue: what was found comes first."""
        name = str(self["wanted"].value() or "").strip()
        text = _("Whoever was found is shown below. Press Continue again to go on.")
        return [Caution(f"wanted:{name}", "wanted", text)] if name else []


class ConsentForm(StepForm):
    """Asks whether the person agrees, and how that is known."""

    names_person = True
    consent = forms.ChoiceField(widget=Radios)
    consent_giver = text_field(
        gettext_lazy("Who decides for them?"), hint=gettext_lazy("A parent, say, or an attorney: name and role.")
    )

    def __init__(self, *, is_self: bool, name: str, **given: Any) -> None:
        self.is_self = is_self
        self.name = name
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        field = self.fields["consent"]
        if self.is_self:
            field.label = _("Do you agree to this?")
            field.choices = [(ConsentWay.SELF, _("I agree")), (DECLINED, _("I do not agree"))]
            field.error_messages["required"] = _("Say whether you agree.")
            del self.fields["consent_giver"]
            return
        named = {"name": self.name}
        field.label = _("Does %(name)s agree to this?") % named
        field.choices = [
            (ConsentWay.IN_PERSON, _("%(name)s agrees") % named),
            (ConsentWay.PHONE, _("%(name)s agreed on the phone") % named),
            (ConsentWay.ON_BEHALF, _("Somebody who may decide for %(name)s has agreed") % named),
            (DECLINED, _("%(name)s does not agree") % named),
        ]
        field.error_messages["required"] = _("Say whether %(name)s agrees.") % named

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("consent") != ConsentWay.ON_BEHALF:
            given["consent_giver"] = ""
        elif not given.get("consent_giver") and "consent_giver" not in self.errors:
            words = _("Write who may decide for %(name)s: name and role.")
            self.add_error("consent_giver", words % {"name": self.name})

    @property
    def is_agreed(self) -> bool:
        return self.cleaned_data["consent"] != DECLINED
