"""Whether a word is one of a language, which a search must not take for a mistyped other word."""

from collections.abc import Sequence

from django.conf import settings
from simplemma.strategies import LOW_MEMORY_DICTIONARY_FACTORY

ENGLISH = "en"
OTHER_LANGUAGES = [code for code, _ in settings.LANGUAGES if not code.startswith(ENGLISH)]


def is_english(word: str) -> bool:
    """`word` is in lower case. The first call in a process reads the dictionary: 0.3 seconds, 6 MB."""
    return word in LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(ENGLISH)


def is_ordinary(word: str, text: Sequence[str]) -> bool:
    """Whether `word`, of the words of `text`, is English, or of another language of the site.

    The others are not asked where the rest of the text is English: "greif support" means grief, though Polish has the
    word. The first call reads their dictionaries; that of Polish takes 3 seconds and 55 MB.
    """
    if is_english(word):
        return True
    rest = [other for other in text if other != word]
    if rest and all(map(is_english, rest)):
        return False
    return any(word in LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(language) for language in OTHER_LANGUAGES)
