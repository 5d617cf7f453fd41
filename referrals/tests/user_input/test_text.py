import sys
import unicodedata

import pytest

from referrals.user_input.text import refuse_broken, strip_invisible


def test_what_nobody_sees_goes_and_what_languages_need_stays():
    assert strip_invisible("a\u200bb\u2060c\ufeffd\u202ae\u2066f") == "abcdef"
    for kept in ("\u0645\u06cc\u200c\u062e\u0648", "👩\u200d👩\u200d👧", "co\u00adoperate", "NW5\u00a02AA"):
        assert strip_invisible(kept) == kept


def test_of_all_characters_only_zero_width_ones_and_turns_of_the_writing_direction_go():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    names = {
        "ZERO WIDTH SPACE",
        "ZERO WIDTH NO-BREAK SPACE",  # a byte order mark
        "WORD JOINER",
        "FUNCTION APPLICATION",
        "INVISIBLE TIMES",
        "INVISIBLE SEPARATOR",
        "INVISIBLE PLUS",
    }
    turns = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    deprecated = set(map(chr, range(0x206A, 0x2070)))
    formats = [sign for sign in every if unicodedata.category(sign) == "Cf"]
    unseen = {sign for sign in formats if unicodedata.name(sign) in names or unicodedata.bidirectional(sign) in turns}
    assert set(every) - set(strip_invisible(every)) == unseen | deprecated


@pytest.mark.parametrize("cell", ["#REF!", " #n/a ", "#VALUE!", "#NAME?", "#DIV/0!", "Err:502", "########"])
def test_an_error_of_a_spreadsheet_is_no_value(cell):
    with pytest.raises(ValueError, match="The spreadsheet shows an error here"):
        refuse_broken(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "Caf\u00c3\u00a9 Hall",
        "Women\u00e2\u20ac\u2122s club",
        "\u00c2\u00a33",
        "Caf\ufffd",
        "caf\u00ef\u00bf\u00bd",
        "Caf\u221a\u00a9",
        "Women\u201a\u00c4\u00f4s club",
        "\u00ac\u00a33",
    ],
)
def test_garbled_letters_are_told(cell):
    with pytest.raises(ValueError, match="garbled"):
        refuse_broken(cell)


@pytest.mark.parametrize(
    "cell", ["Caf\u00e9", "S\u00c3O", "\u00a33", "\u00c2ge", "", "#1 in town", "Ref", "# 12", "##", "N/A", "5%"]
)
def test_what_only_looks_a_little_like_one_is_kept(cell):
    refuse_broken(cell)
