"""Words of danger in what people write elsewhere, such as on the referral form."""

from functools import lru_cache

from directory_site.models.search_words import DangerWords
from directory_site.search.danger import DangerMatcher

MAX_WORDS = 2000


def tells_of_danger(text: str) -> bool:
    """Whether one of the editors' words of danger is in the text. settings.DANGER_READER names this function."""
    terms = tuple(term for row in DangerWords.objects.all() for term in row.terms)
    return _words_of_danger(terms).are_in(text, max_words=MAX_WORDS)


@lru_cache(maxsize=1)
def _words_of_danger(terms: tuple[str, ...]) -> DangerMatcher:
    return DangerMatcher.of(terms)
