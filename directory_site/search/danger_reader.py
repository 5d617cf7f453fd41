"""Words of danger in what people write elsewhere, such as on the referral form."""

from functools import lru_cache

from directory_site.models.search_words import DangerWords, split_terms
from directory_site.search.danger import DangerMatcher

MAX_WORDS = 2000


def tells_of_danger(*texts: str) -> bool:
    """Whether one of the editors' words of danger is in one of the texts. settings.DANGER_READER names this function.

    One query, however many texts.
    """
    matcher = load_danger_matcher()
    return any(matcher.are_in(text, max_words=MAX_WORDS) for text in texts)


def load_danger_matcher() -> DangerMatcher:
    return _words_of_danger(tuple(DangerWords.objects.values_list("words", flat=True)))


@lru_cache(maxsize=1)
def _words_of_danger(words: tuple[str, ...]) -> DangerMatcher:
    return DangerMatcher.of(tuple(term for one in words for term in split_terms(one)))
