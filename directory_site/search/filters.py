"""The filters of a site that depend on its networks: their categories and their demographics.

A query string names slugs, never keys, so two networks that use the same name share a filter.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from django.db.models import QuerySet
from django.utils.text import slugify

from directory_site.search.query import Search
from referrals.models import Category, DemographicOption, Network


@dataclass(slots=True)
class CategoryChoice:
    """above: the slugs of its ancestors, the top one first. keys: the categories with this slug.

    covers: the categories whose services it finds, which are those below it and those above, since a service listed
    under a parent covers the children too.
    """

    slug: str
    name: str
    above: tuple[str, ...] = ()
    keys: set[int] = field(default_factory=set)
    covers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class GroupChoice:
    """An option of a demographic; its slug is "gender.woman"."""

    slug: str
    name: str
    keys: set[int] = field(default_factory=set)


@dataclass(slots=True)
class DemographicChoice:
    name: str
    slug: str
    keys: set[int] = field(default_factory=set)
    groups: dict[str, GroupChoice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filters:
    """Categories by slug, parents before their children; demographics by slug.

    merged: by a slug of which only merged categories are left, the slugs of those they were merged into.
    """

    categories: dict[str, CategoryChoice]
    demographics: dict[str, DemographicChoice]
    merged: dict[str, list[str]]

    @classmethod
    def of(cls, networks: Collection[int] | QuerySet[Network]) -> Self:
        """Read the filters of `networks` (keys or rows) in two queries."""
        rows = list(Category.objects.in_tree_order(networks).order_by("tree_ordering"))
        options = (
            DemographicOption.objects.filter(demographic__network__in=networks)
            .select_related("demographic")
            .order_by("demographic__position", "demographic__name", "position", "name", "pk")
        )
        return cls(_categories(rows), _demographics(options), _merged(rows))

    def drop_unknown(self, search: Search) -> Search:
        """Follow merged categories and drop filters that this site does not have: an old link still finds something."""
        if not search.category and not search.suits:
            return search
        answers = {slug for demographic in self.demographics.values() for slug in demographic.groups}
        return replace(
            search,
            category=tuple(dict.fromkeys(choice.slug for choice in self._choices(search.category))),
            suits=tuple(slug for slug in search.suits if slug in answers),
        )

    def _choices(self, slugs: Iterable[str]) -> Iterator[CategoryChoice]:
        for slug in slugs:
            yield from (self.categories[now] for now in self.merged.get(slug, [slug]) if now in self.categories)

    def categories_of(self, slugs: Iterable[str]) -> list[int]:
        return sorted({key for choice in self._choices(slugs) for key in choice.covers})

    def options_of(self, slugs: Iterable[str]) -> dict[str, tuple[set[int], set[int]]]:
        """Return, by the slug of each demographic chosen from, its keys and those of the chosen options."""
        found: dict[str, tuple[set[int], set[int]]] = {}
        for slug in slugs:
            demographic = self.demographics.get(slug.partition(".")[0])
            group = demographic.groups.get(slug) if demographic else None
            if demographic and group:
                found.setdefault(demographic.slug, (demographic.keys, set()))[1].update(group.keys)
        return found

    def name_of_category(self, slug: str) -> str:
        return next((choice.name for choice in self._choices([slug])), "")


def _merged(rows: list[Category]) -> dict[str, list[str]]:
    slugs = {row.pk: row.slug for row in rows}
    left = {row.slug for row in rows if row.merged_into_id is None}
    merged: dict[str, list[str]] = {}
    for row in rows:
        if row.slug not in left and row.merged_into_id in slugs:
            merged.setdefault(row.slug, []).append(slugs[row.merged_into_id])
    return merged


def _categories(rows: list[Category]) -> dict[str, CategoryChoice]:
    """Return choices by slug. `rows` come with their tree paths, parents before their children."""
    slugs = {row.pk: row.slug for row in rows}
    choices: dict[str, CategoryChoice] = {}
    for row in rows:
        *above, _own = row.tree_path
        if row.slug not in choices:
            parent = choices[slugs[above[-1]]] if above else None
            choices[row.slug] = CategoryChoice(row.slug, row.name, (*parent.above, parent.slug) if parent else ())
        choice = choices[row.slug]
        choice.keys.add(row.pk)
        choice.covers.update(row.tree_path)
        for key in above:
            choices[slugs[key]].covers.add(row.pk)
    return choices


def _demographics(options: Iterable[DemographicOption]) -> dict[str, DemographicChoice]:
    found: dict[str, DemographicChoice] = {}
    for option in options:
        slug = slugify(option.demographic.name) or f"d{option.demographic_id}"
        demographic = found.setdefault(slug, DemographicChoice(option.demographic.name, slug))
        demographic.keys.add(option.demographic_id)
        own = f"{slug}.{slugify(option.name) or option.pk}"
        demographic.groups.setdefault(own, GroupChoice(own, option.name)).keys.add(option.pk)
    return found
