"""The text of a CSV file, whichever program wrote it.

Almost any bytes decode as cp1252, Mac Roman and the code page of DOS, so the first that decodes may be garbled: "CafŽ".
charset-normalizer mixes them up in short files. A wrong one puts capitals and symbols inside words; where that does
not settle it, the file is refused.
"""

import codecs
import re

_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_USUAL, _OLDER = "cp1252", ("mac_roman", "cp850")
_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")

_COMMON_LETTERS = "éèêëáàâäíîïóòôöúûüñçßøåæ"
_COMMON_SYMBOLS = "‘’“”–—…•°€£½\u00a0"
_APOSTROPHES = re.compile(r"(?:s|t|d|m|ll|re|ve)\b|[A-Z]")  # what follows one inside a word
_STRANGE, _WRONG = 1, 5


def decode_text(content: bytes) -> str | None:
    """Return the text; None if its encoding is not certain."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return _decode(content, encoding)
    if 0 in content[:2]:  # UTF-16 without a mark: column names begin with an ASCII letter
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
    """Return 0 for ordinary words, _WRONG or more for what no language has."""
    return sum(_strangeness_of_word(word) for word in set(_WORD.findall(text)))


def _strangeness_of_word(word: str) -> int:
    characters = zip(f" {word[:-1]}", word, (word[place + 1 :] for place in range(len(word))), strict=True)
    return sum(
        (_strangeness_of_letter if character.isalpha() else _strangeness_of_symbol)(before, character, rest)
        for before, character, rest in characters
        if not character.isascii()
    )


def _strangeness_of_letter(before: str, letter: str, rest: str) -> int:
    after = rest[:1]
    is_case_mixed = (letter.isupper() and (before.islower() or (before.isupper() and after.islower()))) or (
        letter.islower() and (after.isupper() or (before.isupper() and not after.islower()))
    )
    if is_case_mixed or before.isdigit() or after.isdigit() or letter in "ƒˆ˜ıœŒªº":
        return _WRONG
    stands_alone = not before.isalpha() and not after.isalpha() and letter not in "àéÀÉ"
    return _STRANGE if stands_alone or letter.lower() not in _COMMON_LETTERS else 0


def _strangeness_of_symbol(before: str, symbol: str, rest: str) -> int:
    after = rest[:1]
    if symbol not in _COMMON_SYMBOLS or (symbol in "€£½°•…" and before.isalpha() and after.isalpha()):
        return _WRONG
    if (symbol in "‘“" and before.isalpha()) or (symbol in "”" and after.isalpha()):
        return _WRONG
    is_inside = before.isalpha() and after.isalpha()
    is_strange = (
        is_inside and not (symbol == "’" and _APOSTROPHES.match(rest)) and not (symbol in "–—" and after.isupper())
    )
    return _STRANGE if is_strange or (symbol in "…°" and not before.isalnum()) else 0
