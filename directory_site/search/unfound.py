"""Keeps the words that no service has, for editors, and as little as possible of who asked for them."""

import logging
import re

from django.db import DatabaseError, transaction

from directory_site.models.unfound_words import UnfoundWord
from directory_site.search.dictionary import is_ordinary
from directory_site.search.words import Words
from directory_site.spelling import WORD

LONGEST = UnfoundWord._meta.get_field("word").max_length
SHORTEST = 3
MOST_AT_ONCE = 3

logger = logging.getLogger(__name__)


def note_unfound(typed: str, words: Words) -> None:
    """Note the words of a search that no service has. Call it only where `typed` names no danger.

    A search must not fail for this, whatever the database says.
    """
    kept = words_to_keep(typed, words.unknown)
    if kept:
        try:
            with transaction.atomic():
                UnfoundWord.objects.note(kept)
        except DatabaseError as error:
            logger.warning("Words that nothing was found for were not kept: %s", type(error).__name__)


def words_to_keep(typed: str, unknown: tuple[str, ...]) -> list[str]:
    """Return those of the unknown words that are neither a name, a number nor a sentence.

    Only words of a dictionary, which few names are, without those written with a capital behind another word.
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
    return sorted(dict.fromkeys(kept))[:MOST_AT_ONCE]
