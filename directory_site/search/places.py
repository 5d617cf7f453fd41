"""Finds the place that a search names: "NW5 2AA", "NW5", "Kilburn" or "near me", in either of its boxes."""

import re
from collections.abc import Collection, Iterator, Sequence
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
# The fewest letters of a name in which one slip is forgiven, and two.
SLIP_FROM, TWO_SLIPS_FROM = 5, 7
_BEFORE_A_PLACE = frozenset(["in", "at", "by", "near", "around", "from", "w", "koło"])


@dataclass(frozen=True, slots=True)
class Place:
    """A point (longitude, latitude) and its name."""

    point: Point
    name: str


def extract_place(search: Search, network_ids: Collection[int]) -> Search:
    """Move a place among the words ("debt NW5 2AA") into the box for the place, if that is empty.

    Part of a postcode counts only within a network's area: "B12 injections" names no place. A name that is also a word
    counts only after "in" or "near", or with a capital letter among small ones: "help with reading" is not about
    Reading. At most three queries.
    """
    if search.has_place or not search.q or not network_ids:
        return search
    if any(letter.isdigit() for letter in search.q):
        found = find_postcode(search.q, corrects=True)
        if found.point and (not found.is_part or _is_in_a_network(found.point, network_ids)):
            signs = r"[\W_]*".join(found.name.replace(" ", ""))  # "NW5-2AA"
            written = re.search(rf"\b{signs}\b", search.q, flags=re.IGNORECASE)
            if written is None:  # all of it is a postcode with a slip: keep it, so that the page can show both
                return _with_place(search, "", "", search.q)
            return _with_place(search, search.q[: written.start()], search.q[written.end() :], found.name)
    words = search.q.split()
    runs = {(start, end): key for start, end, key in _runs(words) if _may_be_a_place(words, start, key)}
    areas = {area.key: area.name for area in _areas(network_ids).filter(key__in=runs.values())}
    named = [run for run, key in runs.items() if key in areas]
    if named:
        start, end = max(named, key=lambda run: len(runs[run]))
        return _with_place(search, " ".join(words[:start]), " ".join(words[end:]), areas[runs[start, end]])
    if len(words) == 1 and not is_english(search.q.lower()):  # "Camden", if only one area's name begins with it
        begun = _areas(network_ids).filter(key__startswith=f"{_key(search.q)} ")[:2]
        return _with_place(search, "", "", search.q) if len(begun) == 1 else search
    return search


def _may_be_a_place(words: Sequence[str], start: int, key: str) -> bool:
    if " " in key or not is_english(key):
        return True
    is_written_as_a_name = words[start][:1].isupper() and any(word.islower() for word in words)
    return start > 0 and (words[start - 1].lower() in _BEFORE_A_PLACE or is_written_as_a_name)


def _is_in_a_network(point: Point, network_ids: Collection[int]) -> bool:
    return Network.objects.filter(pk__in=network_ids, area__boundary__covers=point).exists()


def _with_place(search: Search, before: str, after: str, place: str) -> Search:
    """Return the search with `place`, and as words what comes before it (without an "in") and after it."""
    first, rest = before.replace(",", " ").split(), after.replace(",", " ").split()
    while first and first[-1].lower() in _BEFORE_A_PLACE:
        del first[-1]
    return search.replace(q=" ".join((*first, *rest)), place=place, page=search.page)


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


def is_spelt_differently(typed: str, place: Place) -> bool:
    """Whether the place is spelt differently from what was typed, such as "kentish twon" for Kentish Town."""
    return _key(place.name).replace(" ", "") not in _key(typed).replace(" ", "")


def _key(text: str) -> str:
    """Return the form in which names are compared: lower case, no apostrophes, spaces for all other signs."""
    return re.sub(r"[\W_]+", " ", re.sub("['\u2019]", "", text.lower())).strip()


def _runs(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield where each run of words that may be a name starts and ends, and its key."""
    for length in range(1, LONGEST_NAME + 1):
        for start in range(len(words) - length + 1):
            if key := _key(" ".join(words[start : start + length])):
                yield start, start + length, key


def _replace(text: Combinable, pattern: str, by: str) -> Func:
    return Func(text, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=TextField())


def _areas(network_ids: Collection[int]) -> QuerySet[Area]:
    """Return the areas of these networks and those of no network, with `key`; first those where one of these is."""
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
    """Find an area by its name, even with a slip or two in it or among other words: "Kentish Town Road"."""
    key = _key(text)
    slips = sum(len(key) >= length for length in (SLIP_FROM, TWO_SLIPS_FROM))
    distance = Func(F("key"), Value(key), function="levenshtein", output_field=IntegerField())
    inside = [run_key for _start, _end, run_key in _runs(text.split())]
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
