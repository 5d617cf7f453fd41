"""How well what is known of two people agrees, in points and in words.

The weights, what they rest on and what they leave out: docs/decisions/0052-the-same-person.md.
"""

import re
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import Enum
from functools import cached_property
from unicodedata import combining, normalize

from referrals.duplicates.dates import are_near
from referrals.words import join_in_words

ENOUGH = 7  # points from which two are taken for one person
_WORD_ALIKE = 0.7  # share of letters that two words have in common, in order
NAME_FAINTLY_ALIKE = 0.2  # by pg_trgm, from 0 to 1; so are the next three
_ADDRESS_SAME, _ADDRESS_SIMILAR, _ADDRESS_OTHER = 0.5, 0.35, 0.22


class Names(Enum):
    """How two names compare. SHARED: some words do, as in a family."""

    SAME, ALIKE, PART, SHARED, OTHER = "same", "alike", "part", "shared", "other"


class Births(Enum):
    SAME, NEAR, UNKNOWN, OTHER = "same", "near", "unknown", "other"


class Places(Enum):
    SAME, SIMILAR, UNKNOWN, OTHER = "same", "similar", "unknown", "other"


NAME_POINTS = {Names.SAME: 6, Names.ALIKE: 5, Names.PART: 3, Names.SHARED: 1, Names.OTHER: -4}
BIRTH_POINTS = {Births.SAME: 7, Births.NEAR: 4, Births.UNKNOWN: 0, Births.OTHER: -8}
POSTCODE_POINTS = {Places.SAME: 3, Places.UNKNOWN: 0, Places.OTHER: -1}
ADDRESS_POINTS = {Places.SAME: 5, Places.SIMILAR: 2, Places.UNKNOWN: 0, Places.OTHER: -2}
PHONE_POINTS, EMAIL_POINTS = 6, 6


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one person. `phone` and `email` are as they are compared, "" if there is none."""

    name: str
    date_of_birth: date | None = None
    age: int | None = None  # today, in years
    phone: str = ""
    email: str = ""
    postcode: str = ""
    address: str = ""


@dataclass(frozen=True)
class Likeness:
    """How `other` compares with `known`. Similarities are those of pg_trgm."""

    known: Known
    other: Known
    name_similarity: float
    address_similarity: float

    @property
    def is_enough(self) -> bool:
        return self._is_possible and self._points + self._points_for_place >= ENOUGH

    @property
    def is_enough_without_place(self) -> bool:
        """Whether it is clear without where they live, so that whoever is told of it does not learn where that is."""
        return self._is_possible and self._points >= ENOUGH

    @cached_property
    def names(self) -> Names:
        return compare_names(self.known.name, self.other.name, self.name_similarity)

    @cached_property
    def births(self) -> Births:
        first, second = self.known.date_of_birth, self.other.date_of_birth
        if first and second:
            return Births.SAME if first == second else Births.NEAR if are_near(first, second) else Births.OTHER
        ages = (self.known.age, self.other.age)
        return Births.UNKNOWN if None in ages or abs(ages[0] - ages[1]) <= 1 else Births.OTHER

    @cached_property
    def postcodes(self) -> Places:
        first, second = self.known.postcode, self.other.postcode
        return Places.UNKNOWN if not (first and second) else Places.SAME if first == second else Places.OTHER

    @cached_property
    def addresses(self) -> Places:
        first, second = self.known.address, self.other.address
        if not (first and second):
            return Places.UNKNOWN
        numbers, others = (set(re.findall(r"\d+", address)) for address in (first, second))
        are_neighbours = numbers and others and not numbers & others
        if self.address_similarity >= _ADDRESS_SAME and not are_neighbours:
            return Places.SAME
        if self.address_similarity >= _ADDRESS_SIMILAR:
            return Places.SIMILAR
        return Places.OTHER if self.address_similarity < _ADDRESS_OTHER else Places.UNKNOWN

    @property
    def shares_phone(self) -> bool:
        return bool(self.known.phone) and self.known.phone == self.other.phone

    @property
    def shares_email(self) -> bool:
        return bool(self.known.email) and self.known.email == self.other.email

    @property
    def _is_possible(self) -> bool:
        """Whether it could be one person at all: families share names, homes and telephones."""
        if self.names == Names.OTHER:
            return self.births == Births.SAME
        if self.names == Names.SHARED:
            return self.births in (Births.SAME, Births.NEAR)
        if self.names == Names.PART:
            return self.births in (Births.SAME, Births.NEAR) or self.shares_phone or self.shares_email
        return True

    @property
    def _points(self) -> int:
        contact = PHONE_POINTS * self.shares_phone + EMAIL_POINTS * self.shares_email
        return NAME_POINTS[self.names] + BIRTH_POINTS[self.births] + contact

    @property
    def _points_for_place(self) -> int:
        return POSTCODE_POINTS[self.postcodes] + ADDRESS_POINTS[self.addresses]

    @property
    def in_words(self) -> str:
        """Say what agrees: "Same date of birth and postcode, and a name like it: Jon Smyth"."""
        same = [
            name
            for name, is_same in [
                ("date of birth", self.births == Births.SAME),
                ("phone number", self.shares_phone),
                ("e-mail address", self.shares_email),
                ("postcode", self.postcodes == Places.SAME),
                ("address", self.addresses == Places.SAME),
            ]
            if is_same
        ]
        parts = [f"same {join_in_words(same)}"] if same else []
        parts += ["nearly the same date of birth"] if self.births == Births.NEAR else []
        parts += ["a similar address"] if self.addresses == Places.SIMILAR else []
        said = ", ".join([*parts, f"and {self.names_in_words}" if parts else self.names_in_words])
        return said[0].upper() + said[1:]

    @property
    def names_in_words(self) -> str:
        words = {
            Names.SAME: "the same name",
            Names.ALIKE: "a name like it",
            Names.PART: "a part of the name",
            Names.SHARED: "a name that is partly alike",
            Names.OTHER: "another name",
        }
        return f"{words[self.names]}: {self.other.name}"


def compare_names(first: str, second: str, similarity: float) -> Names:
    """Compare word by word, in whatever order: "Smith, Jon" is like "John Smyth", "Mary Smith" is not."""
    fewer, more = sorted((_words_of(first), _words_of(second)), key=lambda words: (len(words), words))
    if not fewer:
        return Names.OTHER
    if sorted(fewer) == sorted(more) or "".join(fewer) == "".join(more):
        return Names.SAME if len("".join(more)) > 1 and len(more) > 1 else Names.PART
    left, alike = list(more), []
    for word in sorted(fewer, key=lambda word: (-len(word), word)):
        nearest = max(left, key=lambda other: _how_alike(word, other))
        left.remove(nearest)
        alike.append(_how_alike(word, nearest))
    if min(alike) >= _WORD_ALIKE:
        return Names.ALIKE if len(fewer) == len(more) and len(fewer) > 1 else Names.PART
    if max(alike) >= _WORD_ALIKE or similarity >= NAME_FAINTLY_ALIKE:
        return Names.SHARED
    return Names.OTHER


def _words_of(name: str) -> list[str]:
    plain = "".join(one for one in normalize("NFKD", name.casefold()) if not combining(one))
    return re.findall(r"\w+", re.sub(r"['\u2019-]", "", plain))


def _how_alike(word: str, other: str) -> float:
    """Return 0 to 1, and 0 for what is not alike. An initial is alike to what begins with it."""
    if 1 in (len(word), len(other)):
        return float(word[0] == other[0])
    first, second = sorted((word, other))  # the matcher depends on the order
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _WORD_ALIKE else 0
