import re

from hypothesis import given
from hypothesis import strategies as st

from referrals.models.geography import (
    POSTCODE_PATTERN,
    format_postcode,
    outcode_of,
    parse_part_of_postcode,
    parse_postcode,
    postcode_in_words,
)

capitals = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
digits = st.sampled_from("0123456789")
areas = st.one_of(capitals, st.builds(str.__add__, capitals, capitals))
outcodes = st.builds("".join, st.tuples(areas, digits, st.one_of(st.just(""), digits, capitals)))
inward_letters = st.sampled_from("ABDEFGHJLNPQRSTUWXYZ")
inwards = st.builds("".join, st.tuples(digits, inward_letters, inward_letters))
spaces = st.text(alphabet=" .-\t", max_size=3)


@given(outcodes, inwards)
def test_a_written_postcode_reads_back_as_itself(outcode, inward):
    assert format_postcode(parse_postcode(f"{outcode} {inward}")) == f"{outcode} {inward}"


@given(outcodes, inwards, spaces, spaces, st.booleans())
def test_spacing_and_case_do_not_matter(outcode, inward, between, around, is_lower):
    typed = f"{around}{outcode}{between}{inward}{around}"
    assert parse_postcode(typed.lower() if is_lower else typed) == outcode + inward


@given(outcodes, inwards)
def test_outcode_and_sector_are_the_beginning(outcode, inward):
    assert outcode_of(outcode + inward) == outcode
    assert postcode_in_words(outcode + inward) == f"{outcode} {inward[0]}"


@given(st.text(max_size=12))
def test_any_text_is_a_postcode_or_none(text):
    parsed = parse_postcode(text)
    assert parsed is None or re.fullmatch(POSTCODE_PATTERN, parsed)
    assert outcode_of(text) == "" or parsed is not None or parse_part_of_postcode(text)


@given(st.text(alphabet="AWC019 ", max_size=9))
def test_text_that_is_not_a_postcode_stays_as_it_is(text):
    assert format_postcode(text).replace(" ", "") == text.replace(" ", "")
