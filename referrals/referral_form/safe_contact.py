"""Is it safe to get in touch, and where does somebody sleep who has no address: fields of the person's step."""

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from referrals.enums import Accommodation, ContactSafety
from referrals.models.safe_contact import SafeContact
from referrals.referral_form.fields import NOT_REMEMBERED
from referrals.referral_form.ticks import Checkboxes

ALL_SAFE = "none"
_WAYS = {
    "ring": pgettext_lazy("somebody, by phone", "Ring"),
    "write": _("Write: e-mail, text or letter"),
    "leave_message": _("Leave a message"),
}


class SafeContactFields(forms.Form):
    """Nothing is ticked at first, and what is not answered is kept as not said."""

    not_safe_to = forms.MultipleChoiceField(
        label=_("What is not safe?"),
        help_text=_(
            "Where a call, a message or a letter could put somebody in danger. Organisations read it, and where "
            "writing is not safe we send no e-mail."
        ),
        choices=[*_WAYS.items(), (ALL_SAFE, _("It is safe in each of these ways"))],
        required=False,
        widget=Checkboxes,
        error_messages={"invalid_choice": _("Choose again what is not safe.")},
    )
    others_may_see = forms.CharField(
        label=_("Who else may read or hear it?"),
        required=False,
        max_length=200,
        help_text=_("Somebody who shares the phone or the e-mail address, say."),
        widget=forms.TextInput(attrs=NOT_REMEMBERED),
        error_messages={"max_length": _("Write at most 200 characters about who else may read or hear it.")},
    )
    accommodation = forms.ChoiceField(
        label=_("Place to sleep"),
        help_text=_(
            "Above, write the first half of a postcode, such as NW1, or the name of an area where most of the "
            "time is spent; or leave it empty."
        ),
        choices=[("", _("Choose, or leave it open")), *Accommodation.choices[1:]],
        required=False,
        error_messages={"invalid_choice": _("Choose the place to sleep again.")},
    )

    def clean_not_safe_to(self) -> list[str]:
        ways = self.cleaned_data["not_safe_to"]
        if ALL_SAFE in ways and len(ways) > 1:
            raise forms.ValidationError(
                gettext("Tick either what is not safe, or that it is safe in each of these ways.")
            )
        return ways

    @property
    def says_how_to_reach(self) -> bool:
        return bool(self["not_safe_to"].value() or self["others_may_see"].value() or self["not_safe_to"].errors)

    @property
    def says_where_they_sleep(self) -> bool:
        return bool(self["accommodation"].value() or self["accommodation"].errors)

    def safe_contact(self) -> SafeContact:
        """Call only on a valid form."""
        ways = self.cleaned_data["not_safe_to"]
        otherwise = ContactSafety.SAFE if ALL_SAFE in ways else ContactSafety.NOT_SAID
        answers = {way: ContactSafety.UNSAFE if way in ways else otherwise for way in _WAYS}
        return SafeContact(**answers, others=self.cleaned_data["others_may_see"])
