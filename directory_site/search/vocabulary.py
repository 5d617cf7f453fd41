"""The words and phrases that editors keep for searches, and how a search is split into them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from directory_site.search.dictionary import base_forms
from directory_site.spelling import WORD, key_of

Group = Sequence[str]  # of synonyms


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase as typed. own: its meanings, if editors have given it any, and then itself. synonyms: those of
    its meanings, or else of itself."""

    typed: str
    own: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    is_corrected: bool = False

    @property
    def has_meaning(self) -> bool:
        return self.own != (self.typed,)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What editors keep, which is made once for a content version.

    groups: of synonyms, by the key of each. meanings: by the key of a phrase. phrases: by each of its words, the key of
    a synonym of several words and its group. words: those of all synonyms. longest: words of a phrase. left_out: keys.
    """

    groups: Mapping[str, Group]
    meanings: Mapping[str, Sequence[str]]
    phrases: Mapping[str, Sequence[tuple[str, Group]]]
    words: Sequence[str]
    longest: int
    left_out: Collection[str] = ()

    @classmethod
    def of(cls, synonyms: Sequence[Group] = (), meanings: Mapping[str, Sequence[str]] | None = None) -> Self:
        """`synonyms` are groups of terms in lower case; `meanings`, of phrases in lower case, are such terms too."""
        groups = {key_of(term): group for group in synonyms for term in group}
        by_key = {key_of(phrase): terms for phrase, terms in (meanings or {}).items() if terms}
        phrases = defaultdict(list)
        for group in synonyms:
            for term in group:
                key = key_of(term)
                for word in {*key.split()} if " " in key else ():
                    phrases[word].append((key, group))
        return cls(
            groups=groups,
            meanings=by_key,
            phrases=dict(phrases),
            words=sorted({word for group in synonyms for term in group for word in WORD.findall(term)}),
            longest=max((key.count(" ") + 1 for key in (*groups, *by_key)), default=1),
        )

    def without(self, keys: Collection[str]) -> Self:
        return replace(self, left_out={*self.left_out, *keys})

    def terms(self, typed: Sequence[str], corrected: Mapping[str, str]) -> Iterator[Term]:
        """Yield the terms of what was typed, where some words are corrected. The longest known phrase is one term."""
        words = list(typed)
        while words:
            for length in range(min(self.longest, len(words)), 0, -1):
                phrase = " ".join(corrected.get(word, word) for word in words[:length])
                if length == 1 or self._knows(key_of(phrase)):
                    break
            yield self._term(phrase, is_corrected=not corrected.keys().isdisjoint(words[:length]))
            del words[:length]

    def synonyms_of_phrases_with(self, word: str, *, max_groups: int) -> tuple[str, ...]:
        """Return all synonyms of the phrases that contain `word`; none if these are in more than `max_groups`."""
        having = [group for key, group in self.phrases.get(key_of(word), ()) if key not in self.left_out]
        groups = {id(group): group for group in having}.values()
        if len(groups) > max_groups:
            return ()
        return tuple(term for group in groups for term in group if key_of(term) not in self.left_out)

    def _knows(self, key: str) -> bool:
        return (key in self.groups or key in self.meanings) and key not in self.left_out

    def _term(self, phrase: str, *, is_corrected: bool) -> Term:
        key = key_of(phrase)
        meanings = self.meanings.get(key, ()) if key not in self.left_out else ()
        synonyms = (
            each
            for term in meanings or (phrase, *base_forms(phrase))
            if key_of(term) not in self.left_out
            for each in self.groups.get(key_of(term), ())
            if each != phrase and each not in meanings and key_of(each) not in self.left_out
        )
        own = dict.fromkeys((*meanings, phrase))
        return Term(phrase, tuple(own), tuple(dict.fromkeys(synonyms)), is_corrected)
