"""Keeps the words that no service has, for editors, and as little as possible about who searched for them."""

import logging
import re

from django.db import DatabaseError, transaction

from directory_site.models.unfound_words import UnfoundWord
from directory_site.search.dictionary import is_ordinary
from directory_site.search.words import Words
from directory_site.spelling import WORD

LONGEST = UnfoundWord._meta.get_field("word").max_length
SHORTEST = 3
MAX_AT_ONCE = 3

logger = logging.getLogger(__name__)


def note_unfound(typed: str, words: Words) -> None:
    """Note the words of a search that no service has. Call it only where `typed` names no danger.

    An error of the database is logged and goes no further: the search itself must not fail.
    """
    kept = words_to_keep(typed, words.unknown)
    if kept:
        try:
            with transaction.atomic():
                UnfoundWord.objects.note(kept)
        except DatabaseError as error:
            logger.warning("Words that nothing was found for were not kept: %s", type(error).__name__)


def words_to_keep(typed: str, unknown: tuple[str, ...]) -> list[str]:
    """Return the unknown words that tell nobody who searched: no names, numbers or whole sentences.

    A word must be in a dictionary, as few names are, and not have a capital letter in the middle of what was typed.
    """
    text = [word.lower() for word in WORD.findall(typed)]
    names = {word.lower() for word in re.findall(r"(?<=\S)\s+([A-Z]\w*)", typed)}
    kept = (
        word
        for word in unknown
        if SHORTEST <= len(word) <= LONGEST
        and word.replace("-", "").isalpha()
        and word not in names
        and is_ordinary(word, text)
    )
    return sorted(dict.fromkeys(kept))[:MAX_AT_ONCE]
