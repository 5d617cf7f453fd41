"""Which numbers can be dialled, what is put back in those that a spreadsheet damaged, and what is refused."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from referrals.user_input.phones import dial_link, read_phone, tidy_phone


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("020 7946 0000", "tel:02079460000"),
        ("(020) 7946-0000", "tel:02079460000"),
        ("+44 (0)20 7946 0000", "tel:02079460000"),
        ("07700 900123", "tel:07700900123"),
        ("0800 1111", "tel:08001111"),
        ("020 7946 0000 ext 12", "tel:02079460000;ext=12"),
        ("020 7946 0000 (Mon-Fri 9-5)", "tel:02079460000"),
        ("020 7946 0000 or 0800 1111", "tel:02079460000"),
        ("Ring 020 7946 0000, ask for Sam", "tel:02079460000"),
        ("020\u200b 7946\u00a00000\u202c", "tel:02079460000"),
        ("116 123", "tel:116123"),
        ("999", "tel:999"),
        ("111", "tel:111"),
        ("85258", "tel:85258"),
        ("+48 601 234 567", "tel:+48601234567"),
        ("+93 70 123 4567", "tel:+93701234567"),
    ],
)
def test_a_number_that_can_be_dialled_has_a_link_that_dials_it(typed, link):
    assert dial_link(read_phone(typed).text) == link


@pytest.mark.parametrize(
    "typed",
    [
        "call after 5",
        "ask at desk",
        "#REF!",
        "07700 90012",
        "7946 0000",
        "12",
        "0000000000",
        "4.4770E+11",
        "4,477E+11",
        "9-5",
    ],
)
def test_what_cannot_be_dialled_is_refused(typed):
    assert not dial_link(typed)
    with pytest.raises(ValidationError):
        read_phone(typed)


@pytest.mark.parametrize(
    ("damaged", "restored", "what"),
    [
        ("2079460000", "020 7946 0000", "0"),
        ("7700900123.0", "07700 900123", "0"),
        ("8001111", "0800 1111", "0"),
        ("447700900123", "+44 7700 900123", "+"),
        ("02079460000", "02079460000", ""),
    ],
)
def test_what_a_spreadsheet_took_away_is_put_back(damaged, restored, what):
    tidy = tidy_phone(damaged)
    assert tidy.text.replace(" ", "") == restored.replace(" ", "")
    assert tidy.note == (f"The {what} at its beginning was put back." if what else "")


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_is_refused(text):
    try:
        kept = read_phone(text)
    except ValidationError:
        return
    assert dial_link(kept.text).startswith("tel:")
    assert read_phone(kept.text) == type(kept)(kept.text)  # reading again changes nothing
