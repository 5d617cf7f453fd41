"""Turns typed words into queries, with their synonyms, and corrects those that are mistyped."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction

from directory_site.search.ages import Ages, names_ages, read_ages
from directory_site.search.dictionary import is_ordinary
from directory_site.search.vocabulary import Term, Vocabulary
from directory_site.spelling import WORD, key_of, normalise

MAX_TERMS = 12
MAX_WORD_LENGTH = 60  # letters; any more are not read
# Words that say nothing about what is needed: "can't", "I've", "need". PostgreSQL leaves out "my", "can" and "the"
# by itself.
_FILLER = re.compile(
    r"cannot|cant|dont|wont|im|ive|need|want|please|looking|near|nearby|today|tonight|urgently|any|more|really|thing|"
    r"get|getting|got|find|help|helping|support|advice|advise|\w+'(?:t|m|re|ve|ll|d)"
)
# A word such as "bank", which is in phrases of more groups of synonyms than this, stands for none of these phrases.
MAX_MEANINGS = 2

# What a word weighs: one that editors know or that names services or categories, and one that only their texts have.
# A correction weighs less than what was typed.
IN_NAMES, IN_TEXTS = 4.0, 1.0
OF_CORRECTION = 0.75

# How similar a known word must be to a typed one, from 0 to 1 by pg_trgm: "parsel" and "parcel" are 0.4. Two letters
# swapped in a word of six or more count for less: "lonley" and "lonely" are 0.27.
SIMILAR = 0.34
SIMILAR_BUT_SWAPPED = 0.25
SIMILAR_WITHIN = 0.45  # the same for a word and the most similar part of a longer text

# For each term: its query, the same with its synonyms, whether any listed service has one of these, and whether in a
# name (among the first 300, which is enough to tell). Stop words ("the") have no query. A phrase that has a meaning is
# also searched for as typed, unless only one word of it is no stop word: "hits me" must not find hits.
_LOOK_UP = """
WITH term AS (
    SELECT n, string_agg('(' || parsed::text || ')', ' | ') FILTER (WHERE numnode(parsed) > 0 AND is_own) AS own,
           string_agg('(' || parsed::text || ')', ' | ') FILTER (WHERE numnode(parsed) > 0) AS query
    FROM unnest(%(numbers)s::int[], %(alternatives)s::text[], %(are_own)s::bool[], %(are_beside)s::bool[])
         AS given (n, alternative, is_own, is_beside)
    CROSS JOIN LATERAL phraseto_tsquery('referrals_english', alternative) parsed
    WHERE NOT is_beside OR numnode(parsed) > 1 OR alternative !~ ' '
    GROUP BY n
)
SELECT n, own, query, query IS NULL OR found.number > 0, coalesce(found.is_in_names, false)
FROM term CROSS JOIN LATERAL (
    SELECT count(*) AS number, bool_or(words @@ in_names) AS is_in_names
    FROM (
        SELECT words, regexp_replace(query, '(''([^'']|'''')+'')', '\\1:AB', 'g')::tsquery AS in_names
        FROM referrals_publiclisting
        WHERE is_listed AND network_id = ANY (%(networks)s::bigint[]) AND words @@ query::tsquery LIMIT 300
    ) having_it
) found
ORDER BY n
"""

# For each unknown word, the three most similar words of names and synonyms; first of all those that differ by a single
# letter, as "debt" from "det". Two letters may have changed places, as in "greif". A correction of a short word keeps
# its first letter, and a correction of one of three letters only adds one: somebody who types "harm" or "hit" does not
# look for "warm" or "hot".
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
           OR levenshtein(word, typed) = 2 AND length(word) = length(typed) AND length(typed) > 3
              AND left(word, 1) = left(typed, 1) AND translate(word, typed, '') || translate(typed, word, '') = ''
           OR similarity(word, typed) >= %(similar_but_swapped)s AND levenshtein(word, typed) = 2 AND length(typed) > 5)
    ORDER BY levenshtein(word, typed) < 2 DESC, similarity(word, typed) DESC, word LIMIT 3
) FROM unnest(%(typed)s::text[]) typed
"""


_LEXEME = re.compile(r"'(?:[^']|'')+'")


@dataclass(frozen=True, slots=True)
class Query:
    """The tsquery of a term and that of its synonyms too, empty for stop words. weight: see `IN_NAMES`."""

    own: str
    text: str
    weight: float


def in_parts(query: str, parts: str) -> str:
    """Return the tsquery for these parts of a listing only: "A" is the name, "AB" those of its categories too."""
    return _LEXEME.sub(rf"\g<0>:{parts}", query)


@dataclass(frozen=True, slots=True)
class Words:
    """queries: one for each term but stop words. corrected: pairs of a typed word and what it was taken for.
    unknown: words that no service has, and nothing similar either. ages: whom it is for, where that was typed."""

    queries: tuple[Query, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    ages: Ages | None = None

    @property
    def are_all_unknown(self) -> bool:
        # Such a search must find nothing. Without queries it would find everything.
        return bool(self.unknown) and not self.queries and not self.ages

    @property
    def has_decisive(self) -> bool:
        return any(query.weight > IN_TEXTS for query in self.queries)

    @property
    def all_of_them(self) -> str:
        """Return the tsquery of what says most of the need: the words in names, else those in texts."""
        decisive = [query for query in self.queries if query.weight > IN_TEXTS or not self.has_decisive]
        return " & ".join(f"({query.text})" for query in decisive)

    @property
    def any_of_them(self) -> str:
        return " | ".join(f"({query.text})" for query in self.queries)


def parse_words(text: str, network_ids: Collection[int], vocabulary: Vocabulary) -> Words:
    """Costs one query, and a few more for unknown words: to find phrases that contain them, and similar words."""
    ages, rest = read_ages(text)
    typed = [word.lower()[:MAX_WORD_LENGTH] for word in WORD.findall(rest)]
    return replace(_parse(typed, network_ids, vocabulary, {}), ages=ages)


def _parse(
    typed: Sequence[str], network_ids: Collection[int], vocabulary: Vocabulary, corrected: Mapping[str, str]
) -> Words:
    terms = list(vocabulary.terms(typed, corrected))
    terms = ([term for term in terms if not _is_filler(term)] or terms)[:MAX_TERMS]
    known = _known(terms, network_ids, vocabulary)
    unknown = [term for term in terms if term not in known]
    as_typed = [term.typed for term in unknown if not term.has_meaning]
    phrases = {key_of(phrase) for phrase in as_typed if " " in phrase}
    if phrases:  # no service has these, nor their synonyms: look for their words one by one
        return _parse(typed, network_ids, vocabulary.without(phrases), corrected)
    if as_typed and not corrected:
        similar = _find_corrections(typed, as_typed, network_ids, vocabulary)
        if similar:  # once more, since a phrase may hold the corrected words
            return _parse(typed, network_ids, vocabulary, similar)
    queries = {known[term].text: known[term] for term in reversed(terms) if term in known and known[term].text}
    return Words(
        queries=tuple(reversed(queries.values())),
        corrected=tuple(corrected.items()),
        unknown=tuple(dict.fromkeys(term.typed for term in unknown)),
    )


def _is_filler(term: Term) -> bool:
    return not term.has_meaning and not term.synonyms and bool(_FILLER.fullmatch(normalise(term.typed)))


def _known(terms: Collection[Term], network_ids: Collection[int], vocabulary: Vocabulary) -> dict[Term, Query]:
    """Return the queries of the terms that some service has; an empty one for a stop word.

    A word that no service has, nor a synonym of it, stands for the phrases that contain it: "violence" for "domestic
    violence" and its synonyms.
    """
    known = _look_up(terms, network_ids)
    by_word = {
        term: vocabulary.synonyms_of_phrases_with(term.typed, max_groups=MAX_MEANINGS)
        for term in terms
        if term not in known
    }
    phrases = {term: replace(term, synonyms=found) for term, found in by_word.items() if found}
    by_phrase = _look_up(phrases.values(), network_ids)
    return known | {term: by_phrase[phrase] for term, phrase in phrases.items() if phrase in by_phrase}


def _look_up(terms: Collection[Term], network_ids: Collection[int]) -> dict[Term, Query]:
    if not terms:
        return {}
    terms = list(terms)
    given = [
        (number, alternative, alternative in term.own, term.has_meaning and alternative == term.typed)
        for number, term in enumerate(terms)
        for alternative in (*term.own, *term.synonyms)
    ]
    numbers, alternatives, are_own, are_beside = map(list, zip(*given, strict=True))
    parameters = {
        "numbers": numbers,
        "alternatives": alternatives,
        "are_own": are_own,
        "are_beside": are_beside,
        "networks": [*network_ids],
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, parameters)
        return {
            terms[number]: Query(own or "", text or "", _weight_of(terms[number], in_names=in_names))
            for number, own, text, is_known, in_names in cursor.fetchall()
            if is_known
        }


def _weight_of(term: Term, *, in_names: bool) -> float:
    is_known_to_editors = bool(term.synonyms) or term.has_meaning
    weight = IN_NAMES if (in_names or is_known_to_editors) and not names_ages(term.typed) else IN_TEXTS
    return weight * OF_CORRECTION if term.is_corrected else weight


def _find_corrections(
    typed: Sequence[str], unknown: Sequence[str], network_ids: Collection[int], vocabulary: Vocabulary
) -> dict[str, str]:
    """Return, for each unknown word that can be corrected, the word it is taken for."""
    found = _similar_words(unknown, network_ids, vocabulary)
    similar = {word: others for word, others in found.items() if others and not is_ordinary(word, typed)}
    terms = {other: next(vocabulary.terms([other], {})) for others in similar.values() for other in others}
    known = _known(terms.values(), network_ids, vocabulary)
    meant = {
        word: next((other for other in others if terms[other] in known and known[terms[other]].text), "")
        for word, others in similar.items()
    }
    return {word: other for word, other in meant.items() if other}


def _similar_words(typed: Sequence[str], network_ids: Collection[int], vocabulary: Vocabulary) -> dict[str, list[str]]:
    parameters = {
        "typed": [*typed],
        "networks": [*network_ids],
        "vocabulary": vocabulary.words,
        "similar": SIMILAR,
        "similar_but_swapped": SIMILAR_BUT_SWAPPED,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [SIMILAR_WITHIN])
        cursor.execute(_CORRECT, parameters)
        return dict(cursor.fetchall())
