"""Categories on a public site. Networks share them by slug."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from directory_site.caching import version_cache
from directory_site.models.sites import PublicSite, networks_of_any_site
from referrals.models import Category, Service


@dataclass(slots=True)
class Tile:
    """A top-level category and its `position`. `includes` names the categories below it that have a service."""

    name: str
    slug: str
    position: int
    includes: list[str] = field(default_factory=list)


def list_tiles(site: PublicSite) -> list[Tile]:
    """Return the top-level categories of the site's networks under which a service is listed. Two queries."""
    categories = {row.pk: row for row in Category.objects.in_tree_order(site.shown_networks)}
    positions = {pk: position for position, pk in enumerate(categories)}
    listed = site.shown_services.filter(categories=OuterRef("pk"))
    tiles: dict[str, Tile] = {}
    for pk in Category.objects.filter(Exists(listed), network__in=site.shown_networks).values_list("pk", flat=True):
        if pk not in categories:  # it is below itself
            continue
        top, *below = (categories[key] for key in categories[pk].tree_path[:2])
        tile = tiles.setdefault(top.slug, Tile(top.name, top.slug, positions[top.pk]))
        tile.includes += [category.name for category in below if category.name not in tile.includes]
    return sorted(tiles.values(), key=lambda tile: tile.position)


def names(site: PublicSite) -> dict[str, str]:
    """Return names by slug: of a merged category, the name of the one that took its place."""
    rows = Category.objects.filter(network__in=site.shown_networks)
    rows = rows.order_by(F("merged_into").asc(nulls_last=True), "pk")  # of one slug, the last counts
    return dict(rows.values_list("slug", Coalesce("merged_into__name", "name")))


def choices() -> list[tuple[str, str]]:
    """Return what editors may choose from: the categories that any site shows, which are public anyway."""
    offered, _retired = _offered_and_retired()
    return offered


def choices_and_retired() -> list[tuple[str, Any]]:
    """Return `choices` and a group of what is retired: pages that have it keep it."""
    offered, retired = _offered_and_retired()
    return [*offered, (_("Retired"), retired)] if retired else offered


def _offered_and_retired() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    offered: dict[str, set[str]] = defaultdict(set)
    retired: dict[str, set[str]] = defaultdict(set)
    for category in Category.objects.filter(network__in=networks_of_any_site()).select_related("parent"):
        names = retired if category.retired_at else offered
        names[category.slug].add(f"{category.parent}: {category}" if category.parent else str(category))
    only_retired = {slug: words for slug, words in retired.items() if slug not in offered}
    return _in_order(offered), _in_order(only_retired)


def _in_order(names: dict[str, set[str]]) -> list[tuple[str, str]]:
    return sorted(((slug, " / ".join(sorted(words))) for slug, words in names.items()), key=lambda choice: choice[1])


def network_choices() -> list[tuple[str, str]]:
    return list(networks_of_any_site().values_list("slug", "name"))


def sensitive_categories(request: HttpRequest) -> frozenset[int]:
    """Return `sensitive_keys` of the visited site's networks."""
    site = PublicSite.for_request_or_404(request)
    return version_cache.get_or_set(
        request, ("sensitive categories", site.pk), lambda: Category.objects.sensitive_keys(site.shown_networks)
    )


def has_sensitive(request: HttpRequest, services: QuerySet[Service]) -> bool:
    keys = sensitive_categories(request)
    return bool(keys) and services.filter(categories__in=keys).exists()
