import pytest
from django.core.exceptions import ValidationError

from referrals.mailboxes import PlainAddressField, mailbox_of


@pytest.mark.parametrize("typed", ["Ana@example.org", "ana+x@Example.org", " ana+@example.org", "ana@\uff45xample.org"])
def test_addresses_that_lead_to_one_mailbox_are_counted_as_one(typed):
    assert mailbox_of(typed) == "ana@example.org"


@pytest.mark.parametrize("address", ["ana@example.org", "o'neil.ana+x@mail.example.co.uk", "ana@b\u00fccher.example"])
def test_ordinary_addresses_are_taken(address):
    assert PlainAddressField().clean(address) == address


@pytest.mark.parametrize(
    "address",
    [
        '"ana"@example.org',
        '"a\x1cBcc\\ :v@x"@example.org',
        '"a\x0bb"@example.org',
        "ana@localhost",
        "ana@[127.0.0.1]",
        f"ana@{60 * chr(252)}.example",
        "ana",
        "",
    ],
)
def test_other_addresses_are_refused(address):
    with pytest.raises(ValidationError) as refusal:
        PlainAddressField(error_messages={"invalid": "Write it as name@example.org.", "required": "Write it."}).clean(
            address
        )
    assert len(refusal.value.messages) == 1
