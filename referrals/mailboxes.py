"""E-mail addresses: which we write to, and which share a mailbox."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.utils.encoding import punycode

# Gmail ignores dots before the @ (support.google.com/mail/answer/7436150), and has two domains.
_GMAIL = ("gmail.com", "googlemail.com")


class PlainAddress(EmailValidator):
    """Accepts "name@example.org" but not quoted names, bare hosts or IP addresses, which RFC 5322 and Django allow.

    Quotes can hide line breaks and make one mailbox look like many; the others can lead into our own network.
    """

    def __call__(self, value: str | None) -> None:
        super().__call__(value)
        name, _, domain = str(value).rpartition("@")
        if name.startswith('"') or domain.startswith("[") or "." not in domain or not _has_ascii_form(domain):
            raise ValidationError(self.message, code=self.code, params={"value": value})


def _has_ascii_form(domain: str) -> bool:
    # Otherwise it cannot be looked up: some labels are too long once encoded (RFC 3490).
    try:
        return bool(punycode(domain))
    except UnicodeError:
        return False


refuse_address = PlainAddress()  # raises ValidationError


class PlainAddressField(forms.EmailField):
    default_validators = [refuse_address]


class PlainEmailField(models.EmailField):
    """For every model that keeps an address, so that forms, tables and commands all refuse the same ones."""

    default_validators = [refuse_address]

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.EmailField", args, options  # to the database it is one

    def formfield(self, **kwargs: object) -> forms.Field:
        return super().formfield(**{"form_class": PlainAddressField, **kwargs})


def mailbox_of(address: str) -> str:
    """Normalise an address: lower case, nothing after a plus sign, the domain in ASCII, Gmail's dots left out."""
    name, _, domain = address.strip().lower().rpartition("@")
    name, domain = name.partition("+")[0], punycode(domain)
    if domain in _GMAIL:
        name, domain = name.replace(".", ""), _GMAIL[0]
    return f"{name}@{domain}"
