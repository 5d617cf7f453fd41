"""What the address of the directory asks: every state of the page stands in its query string, and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from referrals.enums import AccessFeature, ReferralPathway

PAGE_SIZE = 20
MOST_PAGES = 500
LONGEST_WORDS = 200  # characters of a search that are read
MILES = (1, 2, 5, 10)
FARTHEST = 25  # miles, unless somebody asks for more: what is farther away helps nobody today
ANYWHERE = 0

# Ages as people think of them, from and to, both included.
AGE_BANDS = {"0-17": (0, 17), "18-25": (18, 25), "26-64": (26, 64), "65": (65, 120)}


class Sort(TextChoices):
    BEST = "best", _("Best match")
    NEAREST = "nearest", _("Nearest first")
    NAME = "name", _("Name")


# An enum makes its list of values anew each time it is asked.
_SORTS, _FEATURES, _PATHWAYS = (frozenset(enum.values) for enum in (Sort, AccessFeature, ReferralPathway))


@dataclass(frozen=True, slots=True)
class Search:
    """Words and place as they were typed; of the rest only what exists. Fields are named as in the address.

    `near` is a position that a browser gave, "51.545,-0.141", rounded to some hundred metres. `within` is in miles:
    None is FARTHEST, and ANYWHERE stands in the address as "any".
    """

    q: str = ""
    place: str = ""
    near: str = ""
    within: int | None = None
    category: tuple[str, ...] = ()
    day: tuple[int, ...] = ()
    open_now: bool = False
    age: str = ""
    suits: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    referral: tuple[str, ...] = ()
    free: bool = False
    serves: bool = False
    sort: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Read an address. What makes no sense is left out, so that an old or a mangled link still finds something."""
        return cls(
            q=_text(query.get("q", "")),
            place=_text(query.get("place", ""))[:80],
            near=_position(query.get("near", "")),
            within=ANYWHERE if query.get("within") == "any" else _one_of(_number(query.get("within", "")), MILES),
            category=_several(query.getlist("category")),
            day=tuple(sorted({day for text in query.getlist("day") if (day := _number(text)) in range(7)})),
            open_now=query.get("open_now") == "1",
            age=query.get("age", "") if query.get("age") in AGE_BANDS else "",
            suits=_several(query.getlist("suits")),
            access=_known(query.getlist("access"), _FEATURES),
            referral=_known(query.getlist("referral"), _PATHWAYS),
            free=query.get("free") == "1",
            serves=query.get("serves") == "1",
            sort=query.get("sort", "") if query.get("sort") in _SORTS else "",
            page=min(max(_number(query.get("page", "")) or 1, 1), MOST_PAGES),
        )

    @property
    def has_place(self) -> bool:
        return bool(self.place or self.near)

    @property
    def miles(self) -> int | None:
        """How far away a service may be from the place; None for any distance."""
        return (FARTHEST if self.within is None else self.within) or None

    @property
    def filters_chosen(self) -> int:
        """How many filters narrow it, words and place apart."""
        lists = (self.category, self.day, self.suits, self.access, self.referral)
        return sum(map(len, lists)) + sum((self.open_now, self.free, self.serves, bool(self.age)))

    def but(self, **changes: object) -> "Search":
        """Return the question with some things changed, on its first page unless that is changed as well."""
        return replace(self, **{"page": 1} | changes)

    def without_filters(self) -> "Search":
        """Return the question about the same words at the same place, in the same order."""
        kept = ("q", "place", "near", "within", "sort")
        return Search(**{name: getattr(self, name) for name in kept})

    def query_string(self) -> str:
        """Return its canonical address, "?q=food&place=NW5"; empty when nothing is asked."""
        pairs = [pair for field in fields(self) for pair in _pairs(field.name, getattr(self, field.name))]
        return f"?{urlencode(pairs)}" if pairs else ""


def _pairs(name: str, value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, tuple):
        return [(name, one) for one in value]
    if name == "within" and value == ANYWHERE and value is not None:
        return [(name, "any")]
    if not value or (name, value) == ("page", 1):
        return []
    return [(name, 1 if value is True else value)]


def _text(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())[:LONGEST_WORDS]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _one_of(value: int | None, allowed: Iterable[int]) -> int | None:
    return value if value in allowed else None


def _several(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for value in values if (text := _text(value)[:130])}))[:30]


def _known(values: Iterable[str], allowed: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(allowed.intersection(values)))


def _position(text: str) -> str:
    """Return "latitude,longitude" to three decimals; empty when it is none."""
    latitude, comma, longitude = text.partition(",")
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        return ""
    return f"{north:.3f},{east:.3f}" if comma and abs(north) <= 90 and abs(east) <= 180 else ""
