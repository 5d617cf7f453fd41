"""Finds the place that a search names: "NW5 2AA", "NW5", "Kilburn" or "near me", in either of its boxes."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Point
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from directory_site.search.dictionary import is_english
from directory_site.search.query import Search
from referrals.models import Area, Network
from referrals.places import find_postcode

LONGEST_NAME = 5  # words of a place's name
# Letters of a name that one slip, or two, are forgiven in.
SLIP_FROM, TWO_SLIPS_FROM = 5, 7
_BETWEEN = re.compile(r"^(?:in|at|by|near|around|w|koło)\b|\b(?:in|at|by|near|around|from|w|koło)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A point (longitude, latitude) and its name."""

    point: Point
    name: str


def read_place(search: Search, network_ids: Collection[int]) -> Search:
    """Return the search with the place that stands among its words, "debt NW5 2AA", in its own box, if that is empty.

    A part of a postcode counts only where a network is: "B12 injections" names no place. At most three queries.
    """
    if search.has_place or not search.q or not network_ids:
        return search
    if any(letter.isdigit() for letter in search.q):
        found = find_postcode(search.q, corrects=True)
        if found.point and (not found.is_part or _is_in_a_network(found.point, network_ids)):
            letters = r"\s*".join(found.name.replace(" ", ""))
            rest, number = re.subn(rf"\b{letters}\b", " ", search.q, count=1, flags=re.IGNORECASE)
            return _with_place(search, rest if number else "", found.name)
    names = {key: phrase for phrase, key in _phrases(search.q)}
    areas = {area.key: area for area in _areas(network_ids).filter(key__in=names)}
    if not areas and " " not in search.q and not is_english(search.q.lower()):  # "Camden"
        begun = list(_areas(network_ids).filter(key__startswith=f"{search.q.lower()} ")[:2])
        return _with_place(search, "", begun[0].name) if len(begun) == 1 else search
    if not areas:
        return search
    longest = max(areas, key=len)
    return _with_place(search, search.q.replace(names[longest], " "), areas[longest].name)


def _is_in_a_network(point: Point, network_ids: Collection[int]) -> bool:
    return Network.objects.filter(pk__in=network_ids, area__boundary__covers=point).exists()


def _with_place(search: Search, words: str, place: str) -> Search:
    rest = " ".join(words.replace(",", " ").split())
    return search.replace(q=_BETWEEN.sub("", rest).strip(), place=place, page=search.page)


def find_place(search: Search, network_ids: Collection[int]) -> Place | None:
    """Return the place of a search; None where it names none, or one that is not known.

    An area counts only if it is public reference data or belongs to one of the site's networks.
    """
    if search.place:
        found = find_postcode(search.place, corrects=True)
        if found.point:
            return Place(found.point, found.name)
        return _find_area(search.place, network_ids) if network_ids else None
    if search.near:
        latitude, longitude = map(float, search.near.split(","))
        return Place(Point(longitude, latitude, srid=4326), _("where you are"))
    return None


def place_problem(text: str) -> str:
    """Return why a place of this name was not found, as a sentence or two; empty if it was not read as a postcode."""
    found = find_postcode(text)
    return found.problem if found.name or found.similar else ""


def is_taken_for(typed: str, place: Place) -> bool:
    """Whether the place is another than what was typed, by its letters: "kentish twon" for Kentish Town."""
    return _key(place.name).replace(" ", "") not in _key(typed).replace(" ", "")


def _key(text: str) -> str:
    """Return what names are compared by: lower case, without apostrophes, and with spaces for other signs."""
    return re.sub(r"[\W_]+", " ", re.sub("['\u2019]", "", text.lower())).strip()


def _phrases(text: str) -> Iterator[tuple[str, str]]:
    """Yield each run of words in the text, and its key."""
    words = text.split()
    for length in range(1, LONGEST_NAME + 1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            yield phrase, _key(phrase)


def _replace(text: Combinable, pattern: str, by: str) -> Func:
    return Func(text, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=TextField())


def _areas(network_ids: Collection[int]) -> QuerySet[Area]:
    """Return the areas of these networks and those of none, with their `key`; first those where a network is."""
    ours = Network.objects.filter(pk__in=network_ids)
    of_ours = Exists(ours.filter(area=OuterRef("pk")))
    of_a_network = Exists(Network.objects.filter(area=OuterRef("pk")))
    letters = _replace(_replace(F("name"), "['\u2019]", ""), "[^[:alnum:]]+", " ")
    return (
        Area.objects.filter(of_ours | ~of_a_network)
        .annotate(key=Lower(letters))
        .annotate(is_here=Exists(ours.filter(area__boundary__intersects=OuterRef("boundary"))))
        .order_by("-is_here", "name", "pk")
    )


def _find_area(text: str, network_ids: Collection[int]) -> Place | None:
    """Find an area by its name, with a slip or two in it, or with other words around: "Kentish Town Road"."""
    key = _key(text)
    slips = sum(len(key) >= length for length in (SLIP_FROM, TWO_SLIPS_FROM))
    distance = Func(F("key"), Value(key), function="levenshtein", output_field=IntegerField())
    inside = [phrase_key for _phrase, phrase_key in _phrases(text)]
    found = (
        _areas(network_ids)
        .annotate(distance=distance)
        .filter(Q(distance__lte=slips) | Q(key__in=inside) | Q(key__startswith=f"{key} "))
        .annotate(middle=PointOnSurface("boundary"))
        .order_by("distance", "-is_here", "name", "pk")
        .values_list("middle", "name")
        .first()
    )
    return Place(*found) if found else None
