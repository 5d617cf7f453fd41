"""The query string of the directory. It holds the whole state of the page."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from referrals.enums import AccessFeature, ReferralPathway

PAGE_SIZE = 20
MAX_PAGES = 500
MAX_TEXT_LENGTH = 200  # characters; the rest is not read
MILES = (1, 2, 5, 10)
FARTHEST = 25  # miles, unless the visitor chooses otherwise
ANYWHERE = 0  # in place of a number of miles

# From and to, both included.
AGE_BANDS = {"0-17": (0, 17), "18-25": (18, 25), "26-64": (26, 64), "65": (65, 120)}


class Sort(TextChoices):
    BEST = "best", _("Best match")
    NEAREST = "nearest", _("Nearest first")
    NAME = "name", _("Name")


# Made once: `Enum.values` builds a new list every time.
_SORTS, _FEATURES, _PATHWAYS = (frozenset(enum.values) for enum in (Sort, AccessFeature, ReferralPathway))


@dataclass(frozen=True, slots=True)
class Search:
    """The fields are named as the parameters. Words and place are as typed; every other value is valid.

    `near` is a position from the browser, "51.545,-0.141", rounded to about 100 metres. `within` is in miles; None
    means FARTHEST, and ANYWHERE is written "any".
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
        """Leave out whatever is invalid, so that an old or mangled link still finds something."""
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
            page=min(max(_number(query.get("page", "")) or 1, 1), MAX_PAGES),
        )

    @property
    def has_place(self) -> bool:
        return bool(self.place or self.near)

    @property
    def miles(self) -> int | None:
        """The largest distance of a service from the place; None for any distance."""
        return (FARTHEST if self.within is None else self.within) or None

    @property
    def filters_chosen(self) -> int:
        lists = (self.category, self.day, self.suits, self.access, self.referral)
        return sum(map(len, lists)) + sum((self.open_now, self.free, self.serves, bool(self.age)))

    def replace(self, **changes: object) -> "Search":
        """Return the search with these fields changed, back at page 1 unless `page` is one of them."""
        return replace(self, **{"page": 1} | changes)

    def without_filters(self) -> "Search":
        kept = ("q", "place", "near", "within", "sort")
        return Search(**{name: getattr(self, name) for name in kept})

    def query_string(self) -> str:
        """Return the canonical query string, "?q=food&place=NW5"; "" if nothing is set."""
        pairs = [pair for field in fields(self) for pair in _pairs(field.name, getattr(self, field.name))]
        return f"?{urlencode(pairs)}" if pairs else ""


def _pairs(name: str, value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, tuple):
        return [(name, each) for each in value]
    if name == "within" and value == ANYWHERE:
        return [(name, "any")]
    if not value or (name, value) == ("page", 1):
        return []
    return [(name, 1 if value is True else value)]


def _text(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())[:MAX_TEXT_LENGTH]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _one_of(value: int | None, allowed: Iterable[int]) -> int | None:
    return value if value in allowed else None


def _several(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for value in values if (text := _text(value)[:130])}))[:30]


def _known(values: Iterable[str], allowed: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(allowed.intersection(values)))


def _position(text: str) -> str:
    """Return "latitude,longitude" to three decimals; empty for anything else."""
    latitude, comma, longitude = text.partition(",")
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        return ""
    return f"{north:.3f},{east:.3f}" if comma and abs(north) <= 90 and abs(east) <= 180 else ""
