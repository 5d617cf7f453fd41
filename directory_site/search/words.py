"""What typed words stand for: those that mean the same, and those that were meant where a word is mistyped."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

MOST_TERMS = 12
LONGEST_WORD = 60  # letters that are looked at
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")  # with its apostrophe, whichever: "Brannock's"

# How alike a known word has to be, of 0 to 1 in pg_trgm's measure: "parsel" and "parcel" are 0.4.
ALIKE = 0.34
NEARLY_IN = 0.45  # the same, of a word and whatever it is most like in a longer text

# For each term: its query, and whether any service listed here has it. Words without meaning ("the") have no query.
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

# For each unknown word the most similar one of those that stand in names here or among the synonyms; before all others
# those that are a single letter away, as "debt" is from "det".
_CORRECT = """
SELECT typed, (
    SELECT word FROM (
        SELECT lower(piece) AS word
        FROM (
            SELECT names FROM referrals_publiclisting
            WHERE is_listed AND network_id = ANY (%(networks)s::bigint[]) AND names %%> typed LIMIT 500
        ) near
        CROSS JOIN LATERAL regexp_split_to_table(names, '[^[:alnum:]]+') piece
        UNION SELECT unnest(%(vocabulary)s::text[])
    ) known
    WHERE length(word) BETWEEN 3 AND 60 AND (similarity(word, typed) >= %(alike)s OR levenshtein(word, typed) < 2)
    ORDER BY levenshtein(word, typed) < 2 DESC, similarity(word, typed) DESC, word LIMIT 1
) FROM unnest(%(typed)s::text[]) typed
"""


@dataclass(frozen=True, slots=True)
class Words:
    """`queries` are tsqueries, one for each term with a meaning; `corrected` says what was typed and what was taken
    for it; `unknown` are words that no service here has, nor anything like them."""

    queries: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def all_of_them(self) -> str:
        return " & ".join(f"({query})" for query in self.queries)

    @property
    def any_of_them(self) -> str:
        return " | ".join(f"({query})" for query in self.queries)


def understand(text: str, network_ids: Collection[int], synonyms: Sequence[Sequence[str]]) -> Words:
    """Return what `text` asks for. `synonyms` are groups of terms, in lower case, that mean the same.

    One query. Words that are unknown take a few more: they are looked for among those that are known.
    """
    terms = list(_terms(text, synonyms))[:MOST_TERMS]
    if not terms:
        return Words()
    looked_up = _look_up(terms, network_ids)
    strange = [term for term, (_, known) in zip(terms, looked_up, strict=True) if not known]
    if phrases := {
        _bare(term[0]) for term in strange if " " in term[0]
    }:  # nobody has one, nor what it means: word by word
        return understand(
            text, network_ids, [[one for one in group if _bare(one) not in phrases] for group in synonyms]
        )
    corrections = _correct(strange, network_ids, synonyms) if strange else {}
    corrected = [_expand(corrections[term], synonyms) for term in strange if term in corrections]
    again = iter(_look_up(corrected, network_ids)) if corrected else iter(())
    final = [next(again) if term in corrections else found for term, found in zip(terms, looked_up, strict=True)]
    queries = [query for query, known in final if query and known]
    return Words(
        queries=tuple(dict.fromkeys(queries)),
        corrected=tuple((term[0], corrections[term]) for term in strange if term in corrections),
        unknown=tuple(term[0] for term in strange if term not in corrections),
    )


def _terms(text: str, synonyms: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the terms of `text`, each as typed and followed by its synonyms; of phrases the longest that is known."""
    words = [word.lower()[:LONGEST_WORD] for word in _WORD.findall(text)]
    known = {_bare(term): group for group in synonyms for term in group} if words else {}
    longest = max((term.count(" ") + 1 for term in known), default=1)
    while words:
        for length in range(min(longest, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            if length == 1 or _bare(phrase) in known:
                break
        yield tuple(dict.fromkeys((phrase, *known.get(_bare(phrase), ()))))
        del words[:length]


def _expand(word: str, synonyms: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return next(_terms(word, synonyms), (word,))


def _bare(phrase: str) -> str:
    """Cut plurals, so that "food banks" is known where "food bank" is."""
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in phrase.lower().split())


def _look_up(terms: Sequence[tuple[str, ...]], network_ids: Collection[int]) -> list[tuple[str | None, bool]]:
    pairs = [(number, alternative) for number, term in enumerate(terms) for alternative in term]
    numbers, alternatives = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, {"numbers": [*numbers], "alternatives": [*alternatives], "networks": [*network_ids]})
        return [(query, known) for _, query, known in cursor.fetchall()]


def _correct(
    terms: Sequence[tuple[str, ...]], network_ids: Collection[int], synonyms: Sequence[Sequence[str]]
) -> dict[tuple[str, ...], str]:
    typed = {term[0]: term for term in terms}
    parameters = {
        "typed": [*typed],
        "networks": [*network_ids],
        "vocabulary": sorted({word for group in synonyms for term in group for word in term.split()}),
        "alike": ALIKE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [NEARLY_IN])
        cursor.execute(_CORRECT, parameters)
        return {typed[word]: meant for word, meant in cursor.fetchall() if meant}
