import pytest

from referrals.user_input.email_slips import likely_address


@pytest.mark.parametrize(
    "domain", ["gmial.com", "gmal.com", "gmaill.com", "gmail.con", "gmail.co", "gnail.com", "GMIAL.COM", "gmai.lcom"]
)
def test_a_slip_in_a_common_domain_is_found(domain):
    assert likely_address(f"maya.f+x@{domain}") == "maya.f+x@gmail.com"


@pytest.mark.parametrize(
    "address",
    [
        "a@gmail.com",
        "a@mail.com",
        "a@ymail.com",
        "a@yahoo.co.uk",
        "a@example.org",
        "a@gmx.com",
        "a@me.com",
        "gmial.com",
        "@",
        "",
    ],
)
def test_what_exists_or_is_no_address_is_left_alone(address):
    assert likely_address(address) == ""
