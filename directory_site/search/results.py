"""Runs a search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import atan, degrees, pi, sinh

from django.db import connection

from directory_site.search.filters import Filters
from directory_site.search.places import Place
from directory_site.search.query import MAX_PAGES, PAGE_SIZE, Search
from directory_site.search.statement import SearchInput, any_statement, clusters_statement, find_statement, parameters
from directory_site.search.words import Words
from referrals.hours import local_time
from referrals.models import Network
from referrals.words import METRES_PER_MILE

CELL_PIXELS = 64  # the side of a cluster's square on the map
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
    rows = _rows(clusters_statement(given), values)
    if not rows and len(words.queries) > 1 and not _rows(any_statement(given), values)[0][0]:
        rows = _rows(clusters_statement(replace(given, any_words=True)), values | {"words": words.any_of_them})
    return [
        Cluster(number, _latitude(south), east * 360 - 180, tuple(zip(keys or (), titles or (), strict=True)))
        for number, east, south, keys, titles in rows
    ]


def cluster_parameters(zoom: int, box: tuple[float, float, float, float]) -> dict[str, object]:
    west, bottom, right, top = box
    return {
        "west": west,
        "bottom": bottom,
        "right": right,
        "top": top,
        "cells": 256 * 2**zoom / CELL_PIXELS,
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


def _latitude(south: float) -> float:
    # Web Mercator backwards: `south` runs from 0 at the top of the map of the world to 1 at its foot.
    return degrees(atan(sinh(pi * (1 - 2 * south))))
