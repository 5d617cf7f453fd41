"""E-mail addresses that strangers type: those that we write to, and which of them are one mailbox."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode


class PlainAddress(EmailValidator):
    """Accepts "name@example.org", and no quoted names, bare hosts or numbers, which RFC 5322 and Django allow besides.

    Quotes hide line breaks and make one mailbox look like many; the others lead into our own network.
    """

    def __call__(self, value: str | None) -> None:
        super().__call__(value)
        name, _, domain = str(value).rpartition("@")
        if name.startswith('"') or domain.startswith("[") or "." not in domain or not _has_an_ascii_form(domain):
            raise ValidationError(self.message, code=self.code, params={"value": value})


def _has_an_ascii_form(domain: str) -> bool:
    """Without one no server can be asked: some labels are too long once they are encoded (RFC 3490)."""
    try:
        return bool(punycode(domain))
    except UnicodeError:
        return False


class PlainAddressField(forms.EmailField):
    default_validators = [PlainAddress()]


def mailbox_of(address: str) -> str:
    """Return the mailbox that an address leads to: capitals make no other, nor what stands behind a plus sign, nor how
    a domain is written that has more than English letters."""
    name, _, domain = address.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}@{punycode(domain)}"
