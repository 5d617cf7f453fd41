"""The text of a CSV file, whichever program wrote it.

Any bytes are letters in cp1252, in those of an older Mac and in those of DOS, so the first that decodes may be garbled:
"CafŽ". charset-normalizer takes one of the three for another in short files. What tells them apart is that a wrong one
puts capitals and signs into words; where that does not settle it, the file is refused.
"""

import codecs
import re

_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_USUAL, _OLDER = "cp1252", ("mac_roman", "cp850")
_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")

_COMMON_LETTERS = "éèêëáàâäíîïóòôöúûüñçßøåæ"
_COMMON_SIGNS = "‘’“”–—…•°€£½\u00a0"
_APOSTROPHES = re.compile(r"(?:s|t|d|m|ll|re|ve)\b|[A-Z]")  # what follows one inside a word
_STRANGE, _WRONG = 1, 5


def decode_text(content: bytes) -> str | None:
    """Return the text; None if it is not certain how to read its letters."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return _decode(content, encoding)
    if 0 in content[:2]:  # UTF-16 without a mark: the names of columns begin with a letter of English
        return _decode(content, "utf-16-be" if content[0] == 0 else "utf-16-le")
    if (text := _decode(content, "utf-8")) is not None:
        return text
    usual = _decode(content, _USUAL)
    older = {text: _strangeness(text) for encoding in _OLDER if (text := _decode(content, encoding)) is not None}
    best = min(older.values())
    strangeness = _WRONG if usual is None else _strangeness(usual)
    if strangeness <= min(best, _WRONG - 1):
        return usual
    likeliest = [text for text, value in older.items() if value <= best + _STRANGE]
    return likeliest[0] if strangeness >= _WRONG > best and len(likeliest) == 1 else None


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _strangeness(text: str) -> int:
    """Return 0 for words that people write, _WRONG or more for what no language has."""
    return sum(_strangeness_of_word(word) for word in set(_WORD.findall(text)))


def _strangeness_of_word(word: str) -> int:
    signs = zip(f" {word[:-1]}", word, (word[place + 1 :] for place in range(len(word))), strict=True)
    return sum(
        (_of_letter if sign.isalpha() else _of_sign)(before, sign, rest)
        for before, sign, rest in signs
        if not sign.isascii()
    )


def _of_letter(before: str, sign: str, rest: str) -> int:
    after = rest[:1]
    is_case_mixed = (sign.isupper() and (before.islower() or (before.isupper() and after.islower()))) or (
        sign.islower() and (after.isupper() or (before.isupper() and not after.islower()))
    )
    if is_case_mixed or before.isdigit() or after.isdigit() or sign in "ƒˆ˜ıœŒªº":
        return _WRONG
    stands_alone = not before.isalpha() and not after.isalpha() and sign not in "àéÀÉ"
    return _STRANGE if stands_alone or sign.lower() not in _COMMON_LETTERS else 0


def _of_sign(before: str, sign: str, rest: str) -> int:
    after = rest[:1]
    if sign not in _COMMON_SIGNS or (sign in "€£½°•…" and before.isalpha() and after.isalpha()):
        return _WRONG
    if (sign in "‘“" and before.isalpha()) or (sign in "”" and after.isalpha()):
        return _WRONG
    is_inside = before.isalpha() and after.isalpha()
    is_strange = is_inside and not (sign == "’" and _APOSTROPHES.match(rest)) and not (sign in "–—" and after.isupper())
    return _STRANGE if is_strange or (sign in "…°" and not before.isalnum()) else 0
