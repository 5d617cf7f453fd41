"""Runs a search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import asinh, atan, degrees, floor, pi, radians, sinh, tan

from django.db import connection

from directory_site.search.filters import Filters
from directory_site.search.places import Place
from directory_site.search.query import MAX_PAGES, PAGE_SIZE, Search
from directory_site.search.statement import (
    SearchInput,
    any_statement,
    clusters_statement,
    find_statement,
    parameters,
    squares_a_side,
)
from directory_site.search.words import Words
from referrals.hours import local_time
from referrals.models import Network
from referrals.models.listings import CELLS
from referrals.words import METRES_PER_MILE

MARGIN = 1e-9  # degrees
MAX_NAMED = 8  # a cluster of more services lists none of them
MAX_CLUSTERS = 400


@dataclass(frozen=True, slots=True)
class Hit:
    """metres: None where the service or the search has no place. serves: whether the place is in the service's area."""

    service_id: int
    metres: float | None
    serves: bool | None

    @property
    def miles(self) -> float | None:
        return None if self.metres is None else self.metres / METRES_PER_MILE


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits in order, the total, and how many services there would be for each choice of each filter.

    `counts` has ("category", slug), ("day", weekday), ("open_now", ""), ("age", band), ("suits", slug),
    ("access", name), ("referral", pathway), ("free", "") and ("serves", ""); a missing key means 0. ("excluded_by",
    name of a filter) is how many services fail that filter and no other; the name is "suits.gender" for a demographic.
    """

    hits: tuple[Hit, ...]
    total: int
    mentions: int = 0  # of the total: those at the end, which only mention the words
    candidates: int = 0  # found by words and place, before the filters
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    has_only_some_words: bool = False

    @property
    def keys(self) -> list[int]:
        return [hit.service_id for hit in self.hits]

    @property
    def pages(self) -> int:
        return min(max(1, -(-self.total // PAGE_SIZE)), MAX_PAGES)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Services close together at a zoom. `services` has (key, title) of each when there are few."""

    number: int
    latitude: float
    longitude: float
    services: tuple[tuple[int, str], ...]


def find(
    search: Search,
    networks: Collection[Network],
    filters: Filters,
    words: Words,
    place: Place | None,
    *,
    now: datetime,
) -> Found:
    """Return what `search` finds among the services of `networks` at `now` (aware).

    One query; two when no service has all the words.
    """
    if not networks or words.are_all_unknown:
        return Found((), 0)
    given = SearchInput(search, networks, filters, words, place, local_time(now))
    found = _found(given)
    if found.candidates or len(words.queries) < 2:
        return found
    return replace(_found(replace(given, any_words=True)), has_only_some_words=True)


def clusters(
    search: Search,
    networks: Collection[Network],
    filters: Filters,
    words: Words,
    place: Place | None,
    *,
    now: datetime,
    zoom: int,
    box: tuple[float, float, float, float],
) -> list[Cluster]:
    """Return the clusters of what is found inside `box` (west, south, east, north), largest first.

    One query; three when nothing is inside, since a service outside may have all the words.
    """
    if not networks or words.are_all_unknown:
        return []
    given = SearchInput(search, networks, filters, words, place, local_time(now))
    values = parameters(given, with_counts=False) | cluster_parameters(zoom, box)
    rows = _rows(clusters_statement(given, zoom), values)
    if not rows and len(words.queries) > 1 and not _rows(any_statement(given), values)[0][0]:
        rows = _rows(clusters_statement(replace(given, any_words=True), zoom), values | {"words": words.any_of_them})
    return [
        Cluster(number, _latitude(south), _longitude(east), tuple(zip(keys or (), titles or (), strict=True)))
        for number, east, south, keys, titles in rows
    ]


def cluster_parameters(zoom: int, box: tuple[float, float, float, float]) -> dict[str, object]:
    """Return the parameters of the map's box, which is widened to whole squares of clusters."""
    west, bottom, right, top = box
    cells = squares_a_side(zoom)
    first_across, last_across = (floor(_east(side) * cells) for side in (west, right))
    first_down, last_down = (floor(_south(side) * cells) for side in (top, bottom))
    # The topmost and lowest squares reach to the poles. The margin is for what rounding takes.
    is_top, is_foot = first_down <= floor(_south(90) * cells), last_down >= floor(_south(-90) * cells)
    return {
        "west": _longitude(first_across / cells) - MARGIN,
        "bottom": -90 if is_foot else _latitude((last_down + 1) / cells) - MARGIN,
        "right": _longitude((last_across + 1) / cells) + MARGIN,
        "top": 90 if is_top else _latitude(first_down / cells) + MARGIN,
        "first_across": first_across,
        "last_across": last_across,
        "first_down": first_down,
        "last_down": last_down,
        "cells": cells,
        "kept_cells": CELLS // cells,
        "named": MAX_NAMED,
        "most": MAX_CLUSTERS,
    }


def _found(given: SearchInput) -> Found:
    rows = _rows(find_statement(given), parameters(given))
    hits = sorted((row for row in rows if row[0] == "hit"), key=lambda row: row[2])
    numbers = {(kind, key): number for kind, key, number, *_ in rows if kind != "hit"}
    return Found(
        hits=tuple(Hit(int(key), metres, serves) for _, key, _, metres, serves in hits),
        total=numbers.pop(("total", "")),
        mentions=numbers.pop(("mentions", "")),
        candidates=numbers.pop(("candidates", "")),
        counts=numbers | _count_suitable(given.filters, numbers),
    )


def _count_suitable(filters: Filters, numbers: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Return how many services take people of each demographic option: all but those for other options only.

    An option that no service asks for would change nothing, and is left out.
    """
    counts = {}
    for demographic in filters.demographics.values():
        pool = numbers.get(("pool", f"suits.{demographic.slug}"), 0)
        asking = sum(numbers.get(("asks", str(key)), 0) for key in demographic.keys)
        for group in demographic.groups.values():
            taking = sum(numbers.get(("takes", str(key)), 0) for key in group.keys)
            if taking:
                counts["suits", group.slug] = pool - asking + taking
    return counts


def _rows(statement: str, values: dict[str, object]) -> Sequence[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


# Web Mercator: `east` and `south` run from 0 to 1 on the square map of the world, as in `PublicListing`.
def _east(longitude: float) -> float:
    return min(max((longitude + 180) / 360, 0), 1)


def _south(latitude: float) -> float:
    return 0.5 - asinh(tan(radians(min(max(latitude, -85), 85)))) / (2 * pi)


def _longitude(east: float) -> float:
    return east * 360 - 180


def _latitude(south: float) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * south))))
