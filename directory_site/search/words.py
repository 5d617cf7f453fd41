"""What typed words stand for: those that mean the same, and those that were meant where a word is mistyped."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

from django.db import connection, transaction

Term = tuple[str, ...]  # a word or a phrase, followed by what means the same
Groups = Sequence[Sequence[str]]

MOST_TERMS = 12
LONGEST_WORD = 60  # letters that are looked at
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")  # with its apostrophe, whichever: "Brannock's"
# What names no need, beside what English leaves out of a search anyway ("my", "can", "the"): "can't", "I've", "need".
_IDLE = re.compile(
    r"cannot|cant|dont|wont|im|ive|need|want|please|looking|near|nearby|today|tonight|urgently|\w+'(?:t|m|re|ve|ll|d)"
)
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u2019": "'"})  # what has no accent to be taken off
MOST_MEANINGS = 2  # groups of synonyms that a word may lead to from within their phrases: "bank" says nothing by itself

# How alike a known word has to be, of 0 to 1 in pg_trgm's measure: "parsel" and "parcel" are 0.4. Two letters that have
# changed places, in a word of six or more, make it less: "lonley" and "lonely" are 0.27.
ALIKE = 0.34
ALIKE_BUT_FOR_TWO = 0.25
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

# For each unknown word the most similar others of those that stand in names here or among the synonyms; before all
# others those that are a single letter away, as "debt" is from "det". A short word keeps its first letter, and one of
# three may only lack one: "harm" is not "warm", nor "hit" "hot", for somebody who looks for help against it.
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
           OR similarity(word, typed) >= %(alike)s AND levenshtein(word, typed) <= length(typed) / 3
           OR similarity(word, typed) >= %(alike_but_for_two)s AND levenshtein(word, typed) = 2 AND length(typed) > 5)
    ORDER BY levenshtein(word, typed) < 2 DESC, similarity(word, typed) DESC, word LIMIT 3
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
    def are_all_unknown(self) -> bool:
        """Nothing is to be found then, rather than everything."""
        return bool(self.unknown) and not self.queries

    @property
    def all_of_them(self) -> str:
        return " & ".join(f"({query})" for query in self.queries)

    @property
    def any_of_them(self) -> str:
        return " | ".join(f"({query})" for query in self.queries)


def understand(text: str, network_ids: Collection[int], synonyms: Groups) -> Words:
    """Return what `text` asks for. `synonyms` are groups of terms, in lower case, that mean the same.

    One query. Words that are unknown take a few more: they are looked for in phrases that mean something here, and
    among the words that are known.
    """
    terms = list(_terms(text, synonyms))
    terms = ([term for term in terms if not _is_idle(term)] or terms)[:MOST_TERMS]
    known = _known(terms, network_ids, synonyms)
    strange = [term for term in terms if term not in known]
    if phrases := {_bare(term[0]) for term in strange if " " in term[0]}:  # nobody has what it means: word by word
        fewer = [[one for one in group if _bare(one) not in phrases] for group in synonyms]
        return understand(text, network_ids, fewer)
    corrections = _corrections(strange, network_ids, synonyms) if strange else {}
    known |= {term: query for term, (_, query) in corrections.items()}
    return Words(
        queries=tuple(dict.fromkeys(known[term] for term in terms if known.get(term))),
        corrected=tuple((term[0], word) for term, (word, _) in corrections.items()),
        unknown=tuple(dict.fromkeys(term[0] for term in strange if term not in corrections)),
    )


def _terms(text: str, synonyms: Groups) -> Iterator[Term]:
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


def _is_idle(term: Term) -> bool:
    return len(term) == 1 and bool(_IDLE.fullmatch(_bare(term[0])))


@lru_cache(maxsize=5000)
def _bare(phrase: str) -> str:
    """Cut accents, plurals and hyphens: "food-banks" is known where "food bank" is, and "dlugi" where "długi" is."""
    letters = "".join(one for one in normalize("NFKD", phrase.lower()) if not combining(one)).translate(_PLAIN)
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in _WORD.findall(letters))


def _known(terms: Collection[Term], network_ids: Collection[int], synonyms: Groups) -> dict[Term, str]:
    """Return the queries of those that some service has, empty for a word without meaning. A word that nobody has, nor
    what means the same, stands for the phrases that have it: "violence" for what "domestic violence" means."""
    known = _look_up(terms, network_ids)
    phrases = {term: found for term in terms if term not in known and (found := _around(term[0], synonyms))}
    by_phrase = _look_up(phrases.values(), network_ids)
    return known | {term: by_phrase[phrase] for term, phrase in phrases.items() if phrase in by_phrase}


def _around(word: str, synonyms: Groups) -> Term:
    bare = _bare(word)
    groups = [
        group for group in synonyms if any(bare in parts for term in group if len(parts := _bare(term).split()) > 1)
    ]
    return tuple(term for group in groups for term in group) if len(groups) <= MOST_MEANINGS else ()


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
    strange: Collection[Term], network_ids: Collection[int], synonyms: Groups
) -> dict[Term, tuple[str, str]]:
    """Return, for each word that is like one with a meaning here, that one and its query."""
    alike = _alike([term[0] for term in strange], network_ids, synonyms)
    terms = {word: next(_terms(word, synonyms), (word,)) for words in alike.values() for word in words}
    known = _known(terms.values(), network_ids, synonyms)
    meant = ((term, next((word for word in alike[term[0]] if known.get(terms[word])), "")) for term in strange)
    return {term: (word, known[terms[word]]) for term, word in meant if word}


def _alike(typed: Sequence[str], network_ids: Collection[int], synonyms: Groups) -> dict[str, list[str]]:
    parameters = {
        "typed": [*typed],
        "networks": [*network_ids],
        "vocabulary": sorted({word for group in synonyms for term in group for word in _WORD.findall(term)}),
        "alike": ALIKE,
        "alike_but_for_two": ALIKE_BUT_FOR_TWO,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [NEARLY_IN])
        cursor.execute(_CORRECT, parameters)
        return dict(cursor.fetchall())
