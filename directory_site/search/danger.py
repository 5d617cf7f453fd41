"""Finds words of danger in what somebody typed. A false alarm costs a few lines on the page; a miss may cost a life."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from directory_site.search.dictionary import is_english
from directory_site.spelling import plain_words

MAX_WORDS = 60  # of what was typed into a search; the rest is not read
# The fewest letters of a word in which a slip is forgiven: a shorter one is too much like many others.
SHORTEST_IN_PHRASE = 3
SHORTEST_ALONE = 5
# How people write in a hurry or by ear, where forgiving a slip does not help: more than one letter differs, the word is
# short, or it exists. The list and what is typed are read this way, and also as they are: "liv" is a slip for "live",
# and not for the "life" that is read for it.
_AS_SPOKEN = {
    "2": "to",
    "4": "for",
    "anymore": "any more",
    "b": "be",
    "cant": "cannot",
    "ded": "dead",
    "didnt": "did not",
    "disapear": "disappear",
    "dissapear": "disappear",
    "dissappear": "disappear",
    "doesnt": "does not",
    "dont": "do not",
    "gona": "going to",
    "gonna": "going to",
    "gunna": "going to",
    "hear": "here",
    "isnt": "is not",
    "live": "life",
    "mi": "me",
    "no1": "no one",
    "noone": "no one",
    "too": "to",
    "u": "you",
    "ur": "your",
    "wana": "want to",
    "wanna": "want to",
    "wont": "will not",
    "wud": "would",
}

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DangerMatcher:
    """phrases: by their first word. vocabulary: those of their words in which a slip is forgiven. shortened: the same
    words, by what is left of each when one of its letters is taken away."""

    phrases: Mapping[str, Collection[Phrase]]
    vocabulary: frozenset[str]
    shortened: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        terms = list(terms)
        phrases = {words for term in terms for words in _readings(term) if words}
        phrases |= {("".join(words),) for term in terms if len(words := plain_words(term)) > 1}  # "selfharm"
        vocabulary = frozenset(
            word
            for words in phrases
            for word in words
            if len(word) >= (SHORTEST_IN_PHRASE if len(words) > 1 else SHORTEST_ALONE)
        )
        by_first, shortened = defaultdict(list), defaultdict(set)
        for words in phrases:
            by_first[words[0]].append(words)
        for word in vocabulary:
            for rest in _without_a_letter(word):
                shortened[rest].add(word)
        return cls(dict(by_first), vocabulary, dict(shortened))

    def are_in(self, text: str, *, max_words: int = MAX_WORDS) -> bool:
        """Whether the words of a phrase are in `text` in order, with up to one other word between two of them.

        Accents, plurals, apostrophes and shorthand do not matter, and one slip in a word is forgiven, unless it makes
        an English word.
        """
        return any(self._has_phrase(words[:max_words]) for words in _readings(text))

    def _has_phrase(self, words: Sequence[str]) -> bool:
        typed = [self._taken_for(word) for word in words]
        return any(
            _follow(phrase, typed, start)
            for start, similar in enumerate(typed)
            for word in similar
            for phrase in self.phrases.get(word, ())
        )

    def _taken_for(self, typed: str) -> Collection[str]:
        if is_english(typed):  # a Polish word of the list is still compared: "okalecza" may be a slip for "okaleczam"
            return {typed}
        # Two words that differ by a slip share a shortened form. Not all that share one differ by a slip.
        similar = {word for rest in _without_a_letter(typed) for word in self.shortened.get(rest, ())}
        return {typed} | {word for word in similar if _differ_by_a_slip(typed, word)}


def _readings(text: str) -> set[Phrase]:
    """Return the words of the text, and the same with those of `_AS_SPOKEN` written out: "wana" is "want" and "to"."""
    words = plain_words(text)
    return {tuple(words), tuple(spoken for word in words for spoken in _AS_SPOKEN.get(word, word).split())}


def _follow(phrase: Phrase, typed: list[Collection[str]], start: int) -> bool:
    """Whether the rest of the phrase follows its first word, which is at `start`."""
    if len(phrase) == 1:
        return True
    return any(
        phrase[1] in typed[after] and _follow(phrase[1:], typed, after)
        for after in (start + 1, start + 2)
        if after < len(typed)
    )


def _without_a_letter(word: str) -> set[str]:
    """Return what is left of the word without any one letter, and the word itself."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _differ_by_a_slip(one: str, other: str) -> bool:
    """Whether one letter is missing, added or wrong, or two neighbours have changed places."""
    same = next((at for at, letters in enumerate(zip(one, other, strict=False)) if len(set(letters)) > 1), None)
    if same is None:
        return abs(len(one) - len(other)) <= 1
    one, other = one[same:], other[same:]
    swapped = one[1::-1] + one[2:]
    return other == swapped or one[1:] in (other, other[1:]) or one == other[1:]
