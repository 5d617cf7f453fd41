"""Turns typed words into queries, with their synonyms, and corrects those that are mistyped."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

from django.db import connection, transaction

Term = tuple[str, ...]  # a word or a phrase, followed by its synonyms
Groups = Sequence[Sequence[str]]  # of synonyms

MAX_TERMS = 12
MAX_WORD_LENGTH = 60  # the letters after that are not read
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")  # with its apostrophe, whichever: "Brannock's"
# Words that say nothing about what is needed: "can't", "I've", "need". PostgreSQL leaves out "my", "can" and "the"
# by itself.
_FILLER = re.compile(
    r"cannot|cant|dont|wont|im|ive|need|want|please|looking|near|nearby|today|tonight|urgently|\w+'(?:t|m|re|ve|ll|d)"
)
_UNACCENTED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u2019": "'"})  # letters that NFKD does not split
# A word in phrases of more groups of synonyms than this, such as "bank", stands for none of them.
MAX_MEANINGS = 2

# How similar a known word must be to a typed one, from 0 to 1 by pg_trgm: "parsel" and "parcel" are 0.4. Two letters
# swapped in a word of six or more count for less: "lonley" and "lonely" are 0.27.
SIMILAR = 0.34
SIMILAR_BUT_SWAPPED = 0.25
SIMILAR_WITHIN = 0.45  # the same for a word and the most similar part of a longer text

# For each term: its query, and whether any listed service has it. Stop words ("the") have no query.
_LOOK_UP = """
WITH term AS (
    SELECT n, string_agg('(' || parsed::text || ')', ' | ') FILTER (WHERE numnode(parsed) > 0) AS query
    FROM unnest(%(numbers)s::int[], %(alternatives)s::text[]) AS given (n, alternative)
    CROSS JOIN LATERAL phraseto_tsquery('referrals_english', alternative) parsed
    GROUP BY n
)
SELECT n, query, query IS NULL OR EXISTS (
    SELECT FROM referrals_publiclisting
    WHERE is_listed AND network_id = ANY (%(networks)s::bigint[]) AND words @@ query::tsquery
) FROM term ORDER BY n
"""

# For each unknown word, the three most similar words of names and synonyms; first of all those that differ by a single
# letter, as "debt" from "det". A correction of a short word keeps its first letter, and a correction of one of three
# letters only adds one: somebody who types "harm" or "hit" does not look for "warm" or "hot".
_CORRECT = """
SELECT typed, ARRAY (
    SELECT word FROM (
        SELECT lower(piece) AS word
        FROM (
            SELECT names FROM referrals_publiclisting
            WHERE is_listed AND network_id = ANY (%(networks)s::bigint[]) AND names %%> typed LIMIT 500
        ) near
        CROSS JOIN LATERAL regexp_split_to_table(names, '[^[:alnum:]]+') piece
        UNION SELECT unnest(%(vocabulary)s::text[])
    ) known
    WHERE word <> typed AND length(word) BETWEEN 3 AND 60
      AND (levenshtein(word, typed) < 2 AND (length(typed) > 4 OR left(word, 1) = left(typed, 1)
                                             AND (length(typed) > 3 OR length(word) > length(typed)))
           OR similarity(word, typed) >= %(similar)s AND levenshtein(word, typed) <= length(typed) / 3
           OR similarity(word, typed) >= %(similar_but_swapped)s AND levenshtein(word, typed) = 2 AND length(typed) > 5)
    ORDER BY levenshtein(word, typed) < 2 DESC, similarity(word, typed) DESC, word LIMIT 3
) FROM unnest(%(typed)s::text[]) typed
"""


@dataclass(frozen=True, slots=True)
class Words:
    """queries: tsqueries, one for each term but stop words. corrected: pairs of a typed word and what it was taken for.
    unknown: words that no service has, and nothing similar either."""

    queries: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def are_all_unknown(self) -> bool:
        # Such a search must find nothing. Without queries it would find everything.
        return bool(self.unknown) and not self.queries

    @property
    def all_of_them(self) -> str:
        return " & ".join(f"({query})" for query in self.queries)

    @property
    def any_of_them(self) -> str:
        return " | ".join(f"({query})" for query in self.queries)


def parse_words(text: str, network_ids: Collection[int], synonyms: Groups) -> Words:
    """`synonyms` are groups of terms in lower case.

    One query, and a few more if there are unknown words: for phrases that contain them, and for similar words.
    """
    terms = list(_terms(text, synonyms))
    terms = ([term for term in terms if not _is_filler(term)] or terms)[:MAX_TERMS]
    known = _known(terms, network_ids, synonyms)
    unknown = [term for term in terms if term not in known]
    phrases = {_normalise(term[0]) for term in unknown if " " in term[0]}
    if phrases:  # no service has these, nor their synonyms: look for their words one by one
        other_synonyms = [[term for term in group if _normalise(term) not in phrases] for group in synonyms]
        return parse_words(text, network_ids, other_synonyms)
    corrections = _corrections(unknown, network_ids, synonyms) if unknown else {}
    known |= {term: query for term, (_, query) in corrections.items()}
    return Words(
        queries=tuple(dict.fromkeys(known[term] for term in terms if known.get(term))),
        corrected=tuple((term[0], word) for term, (word, _) in corrections.items()),
        unknown=tuple(dict.fromkeys(term[0] for term in unknown if term not in corrections)),
    )


def _terms(text: str, synonyms: Groups) -> Iterator[Term]:
    """Yield the terms of `text`, each as typed and followed by its synonyms. The longest known phrase is one term."""
    words = [word.lower()[:MAX_WORD_LENGTH] for word in _WORD.findall(text)]
    known = {_normalise(term): group for group in synonyms for term in group} if words else {}
    longest = max((term.count(" ") + 1 for term in known), default=1)
    while words:
        for length in range(min(longest, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            if length == 1 or _normalise(phrase) in known:
                break
        yield tuple(dict.fromkeys((phrase, *known.get(_normalise(phrase), ()))))
        del words[:length]


def _is_filler(term: Term) -> bool:
    return len(term) == 1 and bool(_FILLER.fullmatch(_normalise(term[0])))


@lru_cache(maxsize=5000)
def _normalise(phrase: str) -> str:
    """Remove accents, plurals and hyphens: "food-banks" is "food bank", and "długi" is "dlugi"."""
    letters = "".join(letter for letter in normalize("NFKD", phrase.lower()) if not combining(letter)).translate(
        _UNACCENTED
    )
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in _WORD.findall(letters))


def _known(terms: Collection[Term], network_ids: Collection[int], synonyms: Groups) -> dict[Term, str]:
    """Return the queries of the terms that some service has; an empty one for a stop word.

    A word that no service has, nor a synonym of it, stands for the phrases that contain it: "violence" for "domestic
    violence" and its synonyms.
    """
    known = _look_up(terms, network_ids)
    by_word = {term: _synonyms_of_phrases_with(term[0], synonyms) for term in terms if term not in known}
    phrases = {term: found for term, found in by_word.items() if found}
    by_phrase = _look_up(phrases.values(), network_ids)
    return known | {term: by_phrase[phrase] for term, phrase in phrases.items() if phrase in by_phrase}


def _synonyms_of_phrases_with(word: str, synonyms: Groups) -> Term:
    bare = _normalise(word)
    groups = [
        group
        for group in synonyms
        if any(bare in parts for term in group if len(parts := _normalise(term).split()) > 1)
    ]
    return tuple(term for group in groups for term in group) if len(groups) <= MAX_MEANINGS else ()


def _look_up(terms: Collection[Term], network_ids: Collection[int]) -> dict[Term, str]:
    if not terms:
        return {}
    terms = list(terms)
    pairs = [(number, alternative) for number, term in enumerate(terms) for alternative in term]
    numbers, alternatives = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, {"numbers": [*numbers], "alternatives": [*alternatives], "networks": [*network_ids]})
        return {terms[number]: query or "" for number, query, is_known in cursor.fetchall() if is_known}


def _corrections(
    unknown: Collection[Term], network_ids: Collection[int], synonyms: Groups
) -> dict[Term, tuple[str, str]]:
    """Return, for each term that can be corrected, the word it is taken for and the query of that word."""
    similar = _similar_words([term[0] for term in unknown], network_ids, synonyms)
    terms = {word: next(_terms(word, synonyms), (word,)) for words in similar.values() for word in words}
    known = _known(terms.values(), network_ids, synonyms)
    meant = ((term, next((word for word in similar[term[0]] if known.get(terms[word])), "")) for term in unknown)
    return {term: (word, known[terms[word]]) for term, word in meant if word}


def _similar_words(typed: Sequence[str], network_ids: Collection[int], synonyms: Groups) -> dict[str, list[str]]:
    parameters = {
        "typed": [*typed],
        "networks": [*network_ids],
        "vocabulary": sorted({word for group in synonyms for term in group for word in _WORD.findall(term)}),
        "similar": SIMILAR,
        "similar_but_swapped": SIMILAR_BUT_SWAPPED,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [SIMILAR_WITHIN])
        cursor.execute(_CORRECT, parameters)
        return dict(cursor.fetchall())
