"""What every search on a site needs: its networks, and what is prepared from them once."""

from dataclasses import dataclass
from typing import Self

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry
from django.http import HttpRequest

from directory_site.caching import version_cache
from directory_site.models.search_words import DangerWords, PhraseMeaning
from directory_site.models.sites import PublicSite
from directory_site.models.synonyms import SynonymGroup
from directory_site.search import DangerMatcher, Filters, Vocabulary
from referrals.models import Area, Network

COARSE = 0.0004  # degrees, about 40 metres


@dataclass(frozen=True, slots=True)
class SiteScope:
    """`boundary` is that of all the networks together, simplified; None without networks."""

    networks: tuple[Network, ...]
    filters: Filters
    vocabulary: Vocabulary
    danger: DangerMatcher
    boundary: GEOSGeometry | None

    @classmethod
    def for_request(cls, request: HttpRequest) -> Self:
        """Return the scope of the visited site: seven queries, or none when it is cached. Raises Http404."""
        site = PublicSite.for_request_or_404(request)
        return version_cache.get_or_set(request, ("site scope", site.pk), lambda: cls.of(site))

    @classmethod
    def of(cls, site: PublicSite) -> Self:
        networks = tuple(site.shown_networks)
        boundary = Area.objects.filter(networks__in=networks).aggregate(all=Union("boundary"))["all"]
        return cls(
            networks=networks,
            filters=Filters.of([network.pk for network in networks]),
            vocabulary=Vocabulary.of(
                [group.terms for group in SynonymGroup.objects.all()],
                {term: row.meanings for row in PhraseMeaning.objects.all() for term in row.terms},
            ),
            danger=DangerMatcher.of(term for row in DangerWords.objects.all() for term in row.terms),
            boundary=boundary.simplify(COARSE, preserve_topology=True) if boundary else None,
        )

    @property
    def network_ids(self) -> list[int]:
        return [network.pk for network in self.networks]
