"""Rules for the fields of every form: Django's, Wagtail's and ours.

They patch Django's own classes, because whole screens come from the admin and the CMS.
"""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from referrals.user_input.text import on_one_line

# Instead of "This field is required." A form says more where it knows more.
NOTHING_GIVEN = {
    forms.Field: _("Please fill this in."),
    forms.ChoiceField: _("Please choose one."),
    forms.ModelChoiceField: _("Please choose one."),
    forms.MultipleChoiceField: _("Please choose at least one."),
    forms.ModelMultipleChoiceField: _("Please choose at least one."),
    forms.BooleanField: _("Please tick this."),
    forms.FileField: _("Please choose a file."),
}
TOO_LONG = _("Please write at most %(limit_value)d characters: these are %(show_value)d.")
_AS_SENT = (None, "hidden", "password")  # types of input; None: a textarea

_to_python = forms.CharField.to_python


def _to_python_on_one_line(field: forms.CharField, value: Any) -> Any:
    # Browsers drop line breaks from an input of one line; what is sent by hand or by a program keeps them.
    if isinstance(value, str) and getattr(field.widget, "input_type", None) not in _AS_SENT:
        value = on_one_line(value)
    return _to_python(field, value)


def set_up_form_fields() -> None:
    """Call it before any form is loaded: a field copies its messages when it is made."""
    for field, words in NOTHING_GIVEN.items():
        field.default_error_messages = {**field.default_error_messages, "required": words}
    MaxLengthValidator.message = TOO_LONG
    forms.CharField.to_python = _to_python_on_one_line
