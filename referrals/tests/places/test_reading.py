"""What is read as a postcode, by its form alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.places import read_postcode, says_no_home, similar_postcodes
from referrals.tests.importers.test_postcode_format import inwards, outcodes

# Nobody sees these, and word processors, web pages and telephones put them in.
unseen = st.text(alphabet="\u00ad\u200b\u200c\u200d\u200e\u2060\ufeff\u202a\u202c", max_size=3)
gaps = st.text(alphabet=" \u00a0\u2009\u202f\t-\u2010\u2011\u2013.", max_size=3)


@given(outcodes, inwards, unseen, gaps, st.sampled_from(["", ",", ".", " ,", "\u2060", ";"]), st.booleans())
def test_what_cannot_be_seen_and_what_ends_a_sentence_do_not_matter(outcode, inward, hidden, gap, end, is_wide):
    typed = f"{hidden}{outcode[0]}{hidden}{outcode[1:]}{gap}{inward}{hidden}{end}"
    if is_wide:
        typed = "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign for sign in typed)
    assert read_postcode(typed.lower()) == f"{outcode} {inward}"


@given(outcodes, unseen)
def test_a_first_half_is_read_too(outcode, hidden):
    assert read_postcode(f" {hidden}{outcode.lower()}{hidden},") == outcode


@given(st.text(max_size=30))
def test_whatever_is_read_reads_as_itself(text):
    name = read_postcode(text)
    assert read_postcode(name) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("nw5 2aA, London", "NW5 2AA"),
        ("12 High Street, London NW5 2AA, UK", "NW5 2AA"),
        ("NW5 2", "NW5 2"),
        ("NW 5", "NW5"),
        ("Kentish Town, NW5", "NW5"),
        ("12 Highgate Road NW5", "NW5"),
        ("NW5, London", "NW5"),
        ("WC1", "WC1"),
        ("NW5 2AA or NW5 2DB", ""),
        ("EC1V OBW", ""),
        ("NWS 2AA", ""),
        ("NW5 2A", ""),
        ("Kilburn", ""),
        ("", ""),
    ],
)
def test_words_around_a_postcode_are_passed_over_but_a_slip_is_not(typed, name):
    assert read_postcode(typed) == name


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("EC1V OBW", "EC1V0BW"),
        ("NWS 2AA", "NW52AA"),
        ("NW5 ZAA", "NW52AA"),
        ("NI IAA", "N11AA"),
        ("NW1O 1AA", "NW101AA"),
    ],
)
def test_signs_that_look_alike_are_taken_for_each_other(typed, meant):
    assert any(meant in codes for codes in similar_postcodes(typed))


@pytest.mark.parametrize(
    "typed", ["no fixed abode", "N.F.A.", "NFA", "Homeless ", "rough\u200b sleeping", "ZZ99 3VZ", "zz993vz"]
)
def test_having_no_home_is_understood(typed):
    assert says_no_home(typed)
    assert not read_postcode(typed)
