from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class HoneypotForm(forms.Form):
    """`homepage` is hidden and catches programs that fill in every field. A person who does so is asked to empty it.

    Its template is templates/referrals/honeypot.html.
    """

    homepage = forms.CharField(
        label=_("Leave this empty"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_homepage(self) -> str:
        if self.cleaned_data["homepage"]:
            raise ValidationError(_("Empty the field “Leave this empty”: only programs fill it in."))
        return ""
