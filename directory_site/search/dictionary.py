"""Whether a word is one of a language, which a search must not take for a mistyped other word."""

from collections.abc import Mapping, Sequence
from threading import Lock

from django.conf import settings
from simplemma.strategies import LOW_MEMORY_DICTIONARY_FACTORY
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

ENGLISH = "en"
_dictionaries: dict[str, Mapping[str, str]] = {}
_reading = Lock()


def is_english(word: str) -> bool:
    """`word` is in lower case."""
    return word in _dictionary(ENGLISH)


def is_ordinary(word: str, text: Sequence[str]) -> bool:
    """Whether `word`, of the words of `text`, is English, or of another language of the site.

    The others are not asked where the rest of the text is English: "greif support" means grief, though Polish has the
    word.
    """
    if is_english(word):
        return True
    rest = [other for other in text if other != word]
    if rest and all(map(is_english, rest)):
        return False
    return any(word in _dictionary(language) for language in _other_languages())


def read_dictionaries() -> None:
    """Read those of all languages of the site, so that no request has to: English 0.3 s and 6 MB, Polish 3 s, 55 MB."""
    for language in (ENGLISH, *_other_languages()):
        _dictionary(language)


def _other_languages() -> list[str]:
    """Leave out those without a dictionary, such as Somali: their words may be taken for mistyped ones."""
    languages = {code.partition("-")[0] for code, _ in settings.LANGUAGES}
    return sorted(languages & SUPPORTED_LANGUAGES - {ENGLISH})


def _dictionary(language: str) -> Mapping[str, str]:
    if language not in _dictionaries:
        with _reading:  # else each thread that asks meanwhile reads it as well
            _dictionaries[language] = LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(language)
    return _dictionaries[language]
