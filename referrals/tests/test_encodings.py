"""The letters of CSV files that Excel writes: on Windows, on a Mac, for DOS, and as "Unicode text"."""

import pytest

from referrals.import_export.encodings import decode_text

WORDS = (
    "Caf\u00e9 Hall",
    "\u00a33 a bag",
    "CAF\u00c9",
    "na\u00efve",
    "Zo\u00eb",
    "Se\u00f1or",
    "M\u00f6tley",
    "\u00d8rsted",
    "S\u00e3o",
    "Si\u00e2n",
    "\u00e0 la carte",
    "5\u00b0 C",
    "Garc\u00eda",
    "Women\u2019s club",
    "Mon\u2013Fri",
    "\u201cHello\u201d \u2013 it\u2019s",
    "20\u20ac",
    "\u0141\u00f3d\u017a",
)
CERTAIN = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def written(word: str, encoding: str) -> bytes:
    try:
        return f"ID,Name\n,{word}\n".encode(encoding)
    except UnicodeEncodeError:
        return b""  # this encoding has no such letter


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_read_as_it_was_written_or_told_and_never_garbled(word):
    readings = {
        encoding: decode_text(written(word, encoding)) for encoding in (*CERTAIN, "cp1252", "mac_roman", "cp850")
    }
    assert {readings[encoding] for encoding in CERTAIN} == {f"ID,Name\n,{word}\n"}
    assert set(readings.values()) <= {f"ID,Name\n,{word}\n", "", None}


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_the_commonest_words_are_read_in_all(encoding):
    for word in ("Caf\u00e9 Hall", "\u00a33 a bag", "CAF\u00c9", "Caf\u00e9 for Si\u00e2n, \u00a32"):
        assert decode_text(written(word, encoding)) == f"ID,Name\n,{word}\n"
