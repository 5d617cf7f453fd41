"""The words and phrases that editors keep for searches, and how what was typed is cut into them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from directory_site.search.spelling import normalise

Groups = Sequence[Sequence[str]]  # of synonyms
Meanings = Mapping[str, Sequence[str]]  # what is searched for in place of a phrase


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase as typed; `own` is itself or what it means instead, and `synonyms` those of `own`."""

    typed: str
    own: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    is_corrected: bool = False


def key_of(phrase: str) -> str:
    """Return what phrases are compared by."""
    return normalise(phrase).replace("'", "")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What editors keep. `groups` and `instead` are by the key of a phrase."""

    synonyms: Groups
    groups: Mapping[str, Sequence[str]]
    instead: Meanings

    @classmethod
    def of(cls, synonyms: Groups, meanings: Meanings) -> Self:
        return cls(
            synonyms=synonyms,
            groups={key_of(term): group for group in synonyms for term in group},
            instead={key_of(phrase): terms for phrase, terms in meanings.items()},
        )

    def without(self, keys: Collection[str]) -> Self:
        synonyms = [[term for term in group if key_of(term) not in keys] for group in self.synonyms]
        return self.of(synonyms, {key: terms for key, terms in self.instead.items() if key not in keys})

    def terms(self, typed: Sequence[str], corrected: Mapping[str, str]) -> Iterator[Term]:
        """Yield the terms of what was typed, where some words are corrected. The longest known phrase is one term."""
        words = list(typed)
        longest = max((key.count(" ") + 1 for key in (*self.groups, *self.instead)), default=1)
        while words:
            for length in range(min(longest, len(words)), 0, -1):
                phrase = " ".join(corrected.get(word, word) for word in words[:length])
                key = key_of(phrase)
                if length == 1 or key in self.groups or key in self.instead:
                    break
            yield self._term(phrase, is_corrected=not corrected.keys().isdisjoint(words[:length]))
            del words[:length]

    def _term(self, phrase: str, *, is_corrected: bool) -> Term:
        own = tuple(self.instead.get(key_of(phrase), (phrase,)))
        synonyms = (each for term in own for each in self.groups.get(key_of(term), ()) if each not in own)
        return Term(phrase, own, tuple(dict.fromkeys(synonyms)), is_corrected)
