"""The kinds of field that several steps use, with their messages."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from referrals.mailboxes import PlainAddressField
from referrals.referral_form.fields import Caution
from referrals.user_input.email_slips import likely_address
from referrals.user_input.phones import dial_link, tidy_phone


def text_field(
    label: str | Promise, *, required: bool = False, length: int = 200, hint: str | Promise = "", **attrs: str
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=length,
        help_text=hint,
        widget=forms.TextInput(attrs=attrs),
        error_messages={
            "max_length": format_lazy(
                gettext_lazy("{label}: write at most {length} characters."), label=label, length=length
            )
        },
    )


def number_field(label: str | Promise, *, highest: int, **attrs: str) -> forms.IntegerField:
    """A text field with a numeric keyboard: scrolling would change the value of a number field."""
    message = format_lazy(
        gettext_lazy("{label}: write a whole number from 0 to {highest}."), label=label, highest=highest
    )
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=highest,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "3"} | attrs),
        error_messages={"invalid": message, "min_value": message, "max_value": message},
    )


def phone_field(label: str | Promise, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"} | attrs),
        error_messages={"max_length": gettext_lazy("A phone number can have at most 40 characters.")},
    )


def email_field(label: str | Promise, **attrs: str) -> PlainAddressField:
    return PlainAddressField(
        label=label,
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"inputmode": "email", "spellcheck": "false"} | attrs),
        error_messages={
            "invalid": gettext_lazy("This e-mail address is not complete. One looks like name@example.org.")
        },
    )


def read_phone(text: str) -> str:
    """Refuse only text without a number: an odd one may be real, and gets a caution."""
    if text and len(re.sub(r"\D", "", text)) < 3:
        raise ValidationError(_("Write the number itself here, with its area code. When to ring goes further down."))
    return tidy_phone(text).text if text else ""


def find_phone_cautions(field: str, phone: str) -> list[Caution]:
    if not phone or dial_link(phone):
        return []
    text = _("%(phone)s does not look like a whole phone number. Is it right?") % {"phone": phone}
    return [Caution(f"{field}:{phone}", field, text)]


def find_email_cautions(field: str, address: str) -> list[Caution]:
    meant = likely_address(address) if address else ""
    text = _("Did you mean %(meant)s? You wrote %(address)s.") % {"meant": meant, "address": address}
    return [Caution(f"{field}:{address}", field, text)] if meant else []
