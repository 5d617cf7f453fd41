"""The data of the directory's map: clusters of the services found, the networks' areas, the catchment of a service."""

from django.contrib.gis.geos import GEOSGeometry
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from directory_site.addresses import short_paths
from directory_site.caching.page_cache import cacheable
from directory_site.directory.site_scope import COARSE, SiteScope
from directory_site.models.sites import PublicSite
from directory_site.search import Search, clusters, extract_place, find_place, parse_words
from referrals.places.labels import labels_for_live_map, read_box
from referrals.view_access import public_site

FINEST = 0.00002  # degrees, about two metres: how closely a simplified shape follows the stored one
MAX_ZOOM = 18  # as in map.js


@public_site
@cacheable(reads_query=True)
@require_safe
def public_clusters(request: HttpRequest) -> HttpResponse:
    """Take `?zoom=12&box=west,south,east,north` and the parameters of the directory.

    Return {"clusters": [{"n": 12, "at": [latitude, longitude], "services": [[key, title, path], ...]}, ...]}. Only
    small clusters list their services. The paths are the short ones, which redirect: they halve what a map fetches.
    """
    zoom, box = _zoom(request.GET.get("zoom", "")), read_box(request.GET.get("box", ""))
    if zoom is None or box is None:
        return HttpResponseBadRequest("zoom is a whole number, box is west,south,east,north in degrees.")
    scope = SiteScope.for_request(request)
    search = extract_place(scope.filters.drop_unknown(Search.of(request.GET)), scope.network_ids)
    words = parse_words(search.q, scope.network_ids, scope.vocabulary)
    place = find_place(search, scope.network_ids)
    found = clusters(search, scope.networks, scope.filters, words, place, now=timezone.now(), zoom=zoom, box=box)
    paths = iter(short_paths(key for cluster in found for key, _ in cluster.services))
    rows = [
        {
            "n": cluster.number,
            "at": [round(cluster.latitude, 5), round(cluster.longitude, 5)],
            "services": [[key, title, next(paths)] for key, title in cluster.services],
        }
        for cluster in found
    ]
    return JsonResponse({"clusters": rows})


@public_site
@cacheable
@require_safe
def public_boundary(request: HttpRequest) -> HttpResponse:
    return _geojson(SiteScope.for_request(request).boundary)


@public_site
@cacheable
@require_safe
def public_catchment(request: HttpRequest, pk: int) -> HttpResponse:
    """Empty for a service without a catchment, which serves the whole area."""
    services = PublicSite.for_request_or_404(request).shown_services
    row = services.filter(pk=pk).values_list("catchment", flat=True)
    if not row:
        raise Http404
    return _geojson(row[0])


@public_site
@cacheable(reads_query=True)
@require_safe
def public_map_labels(request: HttpRequest) -> HttpResponse:
    """Take `?box=west,south,east,north&width=pixels`; return the names of areas and postcode districts that fit."""
    labels = labels_for_live_map(request.GET)
    if labels is None:
        return HttpResponseBadRequest("box is west,south,east,north in degrees, width is a number of pixels.")
    return JsonResponse({"labels": labels})


def _geojson(shape: GEOSGeometry | None) -> HttpResponse:
    if shape is None:
        return JsonResponse({"type": "GeometryCollection", "geometries": []})
    simplified = shape.simplify(COARSE if shape.num_coords > 500 else FINEST, preserve_topology=True)
    return HttpResponse(simplified.json, content_type="application/geo+json")


def _zoom(text: str) -> int | None:
    return min(int(text), MAX_ZOOM) if text.isascii() and text.isdigit() and len(text) < 3 else None
