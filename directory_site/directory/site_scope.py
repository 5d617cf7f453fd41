"""What a search stands on: the networks of the visited site, and what is known of them before anybody asks."""

from dataclasses import dataclass

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry
from django.http import HttpRequest

from directory_site.caching.version_cache import remembered
from directory_site.models import PublicSite, SynonymGroup
from directory_site.search import Filters
from directory_site.visited import visited_site
from referrals.models import Area, Network

COARSE = 0.0004  # degrees, about 40 metres


@dataclass(frozen=True, slots=True)
class SiteScope:
    """`boundary` is that of all the networks together, thinned out; None without networks. `synonyms` are groups of
    terms that mean the same."""

    networks: tuple[Network, ...]
    filters: Filters
    synonyms: tuple[tuple[str, ...], ...]
    boundary: GEOSGeometry | None

    @property
    def keys(self) -> list[int]:
        return [network.pk for network in self.networks]


def site_scope_of(request: HttpRequest) -> SiteScope:
    """Return the ground of the visited site: five queries, or none when it is remembered. Raises Http404."""
    site = visited_site(request)
    return remembered(request, ("ground", site.pk), lambda: lay_out(site))


def lay_out(site: PublicSite) -> SiteScope:
    networks = tuple(site.shown_networks)
    boundary = Area.objects.filter(networks__in=networks).aggregate(all=Union("boundary"))["all"]
    return SiteScope(
        networks=networks,
        filters=Filters.of([network.pk for network in networks]),
        synonyms=tuple(tuple(group.terms) for group in SynonymGroup.objects.all()),
        boundary=boundary.simplify(COARSE, preserve_topology=True) if boundary else None,
    )
