"""Needs that somebody writes of without having ticked them, to be asked about: nothing is added by itself.

A category is known by its name and by the words that editors of the public sites keep for searches, where the project
provides these (`project_functions`).
"""

import re
from collections.abc import Collection, Iterator, Sequence

from django.db import connection

from referrals.models import Category, Network
from referrals.project_functions import project_function

MOST = 3
MAX_LENGTH = 5000  # characters of the text; the rest is not read

WordGroups = Sequence[tuple[Sequence[str], Sequence[str]]]

# Words that a search may follow, where they are all that was typed, but that say little in a story of many sentences,
# or have the stem of a word that does: "housing" that of "house", "counciling" of "council", "sectioned" of "section".
_SAYS_LITTLE = re.compile(
    r"children|classes|cloth(?:es|ing)|cold|company|counciling|courses?|energy|help|home|housing|internet|kids|money|"
    r"recovery|sectioned|shower|skills|stress|surgery|tablet|talk|training|trans|wash|work"
)
# "No debts" and "does not need furniture" are no needs; "no food" and "nowhere to sleep" are.
_DENIED = re.compile(
    r"\b(?:no|not any|without(?: any)?|free of|never had)\s+(?:\w+\s+){0,3}?"
    r"(?:(?:abuse|addictions?|alcohol|arrears|debts?|drink|drinking|drugs|violence)\b(?:\s+(?:or|nor|and)\s+\w+)*"
    r"|(?:concerns?|difficult(?:y|ies)|issues|problems?|troubles?|worries)\b(?:\s+(?:with|about|around|of)\b.*)?)"
    r"|\b(?:do not|does not|did not|dont|doesnt|didnt|no longer|not)\s+(?:need|needs|want|wants|ask|asking|looking)\b.*"
)
_CLAUSE_END = re.compile(r"[.,;:!?()\n\u2013\u2014]+|\bbut\b", re.IGNORECASE)
# Editors keep "hits me"; whoever refers somebody writes "hits her".
_PRONOUNS = re.compile(r"\b(?:i|me|my|he|him|his|she|her|they|them|their|we|us|our|you|your)\b")
_WORD = re.compile(r"[^\W_]+")

# What is in the text is "heard". It is compared by stem, but a phrase of which only one word would be left, such as
# "out of work", has to be there as it is. `called` are the names of categories, whole and in part: heard words lead to
# a category when what they stand for is such a name, or two words or more that are most of one.
_HEARD = """
WITH clause AS (
    SELECT n, clause, to_tsvector('referrals_english', clause) AS words
    FROM unnest(%(clauses)s::text[]) WITH ORDINALITY AS given (clause, n)
), heard AS (
    SELECT said.number, min(clause.n) AS first, count(DISTINCT said.query) AS times
    FROM (
        SELECT number, term, phraseto_tsquery('referrals_english', term) AS query
        FROM unnest(%(said)s::text[], %(said_in)s::int[]) AS given (term, number)
    ) said
    JOIN clause ON CASE WHEN numnode(query) > 1 OR term !~ ' ' THEN words @@ query
                        ELSE strpos(' ' || clause || ' ', ' ' || term || ' ') > 0 END
    GROUP BY said.number
), meant AS (
    SELECT number, phraseto_tsquery('referrals_english', term) AS query
    FROM unnest(%(meant)s::text[], %(meant_in)s::int[]) AS given (term, number)
    JOIN heard USING (number)
), called AS (
    SELECT category, to_tsvector('referrals_english', name) AS words
    FROM unnest(%(names)s::text[], %(names_of)s::bigint[]) AS given (name, category)
)
SELECT called.category, sum(DISTINCT heard.times), min(heard.first)
FROM called
JOIN meant ON called.words @@ meant.query AND length(called.words) <= greatest(1, numnode(meant.query) - 1)
JOIN heard USING (number)
GROUP BY called.category
"""


def propose_needs(text: str, networks: Collection[Network], chosen_need_ids: Collection[int]) -> list[Category]:
    """Return up to three categories of `networks` that `text` speaks of, best first.

    Left out is what is chosen, or lies above or below something chosen. Nothing is corrected: a misspelt word is not
    understood. Three queries, none for an empty text.
    """
    clauses = list(_clauses(text[:MAX_LENGTH]))
    if not clauses or not networks:
        return []
    keys = [network.pk for network in networks]
    categories = {row.pk: row for row in Category.objects.in_tree_order(keys) if row.retired_at is None}
    paths = {pk: set(row.tree_path) for pk, row in categories.items()}
    found = _heard_categories(clauses, list(categories.values()))
    chosen_paths = [paths.get(pk, {pk}) for pk in chosen_need_ids]
    settled = {
        pk for pk in found if any(pk in path for path in chosen_paths) or not paths[pk].isdisjoint(chosen_need_ids)
    }
    above = {key for pk in found.keys() - settled for key in paths[pk] - {pk}}
    places = {pk: place for place, pk in enumerate(categories)}
    left = sorted(found.keys() - settled - above, key=lambda pk: (-found[pk][0], found[pk][1], places[pk]))
    return [categories[pk] for pk in left[:MOST]]


def _heard_categories(clauses: Sequence[str], categories: Sequence[Category]) -> dict[int, tuple[int, int]]:
    """Return, by the key of a category, how many of its words are in the clauses, and in which of them first."""
    parents = {category.parent_id for category in categories}
    names = {category.pk: _names(category, in_parts=category.pk not in parents) for category in categories}
    groups = [([name], [name]) for of_category in names.values() for name in _said_names(of_category)] + _kept_groups()
    said = list(_possibly_said(groups, clauses))
    numbers = {number for _, number in said}
    meant = [(_plain(term), number) for number in numbers for term in groups[number][1]]
    parameters = {
        "clauses": list(clauses),
        "said": [term for term, _ in said],
        "said_in": [number for _, number in said],
        "meant": [term for term, _ in meant],
        "meant_in": [number for _, number in meant],
        "names": [_plain(name) for of_category in names.values() for name in of_category],
        "names_of": [pk for pk, of_category in names.items() for _ in of_category],
    }
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, parameters)
        return {pk: (times, first) for pk, times, first in cursor.fetchall()}


def _kept_groups() -> list[tuple[list[str], list[str]]]:
    reader = project_function("WORD_GROUPS_READER")
    return reader() if reader else []


def _names(category: Category, *, in_parts: bool) -> list[str]:
    """Return the name and, of a category without others below it, its parts: "Repairs" of "Repairs and safety"."""
    whole = category.name.lower()
    parts = re.split(r",| and | or |[()]", whole) if in_parts else []
    shorter = [re.sub(r"^support for | (?:advice|support)$", "", part) for part in (whole, *parts)]
    return list(dict.fromkeys(filter(None, map(str.strip, (whole, *parts, *shorter)))))


def _said_names(names: Sequence[str]) -> Iterator[str]:
    """Leave out parts that say little by themselves: "passes" of "Travel costs and passes"."""
    whole, *parts = names
    yield whole
    for part in parts:
        if not _SAYS_LITTLE.fullmatch(part) and (" " in part or whole.startswith(part)):
            yield part


def _possibly_said(groups: WordGroups, clauses: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield terms with the number of their group, if the clauses have words that begin like theirs.

    Spares the database thousands of terms. A stem begins with the same letters as its word.
    """
    beginnings = {word[:3] for clause in clauses for word in clause.split()} | {"the"}
    for number, (terms, meant) in enumerate(groups):
        for term in {_plain(term) for term in terms if not _SAYS_LITTLE.fullmatch(term) or terms == meant == [term]}:
            if term and all(word[:3] in beginnings for word in term.split() if len(word) > 3):
                yield term, number


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSE_END.split(text):
        if plain := _plain(_DENIED.sub(" ", clause.lower().replace("'", "").replace("\u2019", ""))):
            yield plain


def _plain(text: str) -> str:
    words = _WORD.findall(text.lower().replace("'", "").replace("\u2019", ""))
    return _PRONOUNS.sub("they", " ".join(words))
