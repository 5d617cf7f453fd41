"""The network's map: catchments over its area, how many of them overlap, and the same as a list."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from math import ceil, log10
from typing import Any

from django.contrib.gis.db.models import Extent, GeometryField, Union
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import GEOSGeometry
from django.core.paginator import Paginator
from django.db.models import BooleanField, Count, ExpressionWrapper, Func, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.gzip import gzip_page

from backoffice.network.screen import NetworkScreen, network_screen
from backoffice.responses import render_page
from backoffice.service_card import ServiceCard, cards_of
from referrals.access import visible_to
from referrals.catchments.drawing import as_multipolygon
from referrals.catchments.map_tiles import allowed_tiles
from referrals.catchments.thinning import rings_of
from referrals.matching.audience import describe_audience
from referrals.models import Area, Organisation, Service
from referrals.network.hexagons import OverlapCell, overlap_counts

PAGE_SIZE = 100  # organisations
OUTLINES_AT_MOST = 25  # with more catchments, the map counts how many overlap
VIEW_PIXELS = 1500  # of the whole view: closer than a pixel of it, no shape is followed
STEPS = 5  # of the scale
COLOURS = 8  # of areas, in tokens.css
# What a map tells of a service: rows of thousands of services with all their columns take seconds.
_TOLD = (
    "capacity",
    "paused_at",
    "archived_at",
    "activity__name",
    "organisation__name",
    "network__name",
    *(f"venue__{name}" for name in ("name", "postcode", "point", "is_confidential")),
)
_PLACED = Q(venue__point__isnull=False, venue__is_confidential=False)


def network_map(request: HttpRequest) -> HttpResponse:
    screen = network_screen(request)
    facts = screen.filter.qs.order_by().aggregate(
        catchments=Count("catchment"),
        whole=Count("pk", filter=Q(catchment=None)),
        confidential=Count("pk", filter=Q(venue__is_confidential=True)),
        placed=Count("pk", filter=_PLACED),
    )
    found = visible_to(request.user, Organisation).filter(pk__in=screen.filter.qs.order_by().values("organisation"))
    page = Paginator(found.order_by("name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    services = list(
        screen.services.filter(organisation__in=list(page))
        .annotate(has_catchment=ExpressionWrapper(Q(catchment__isnull=False), BooleanField()))
        .only(*_TOLD)
        .prefetch_related("restrictions__option__demographic")
        .order_by("organisation__name", "organisation", "activity__name", "pk")
    )
    numbers = Counter(service.organisation_id for service in services)
    return render_page(
        request,
        "backoffice/network/map.html",
        title="Map",
        screen=screen,
        facts=facts,
        page=page,
        names=[(one, numbers[one.pk], one.pk % COLOURS + 1) for one in page],
        drawn_services=_by_organisation(service for service in services if service.has_catchment).items(),
        whole_area_services=_by_organisation(service for service in services if not service.has_catchment).items(),
        drawn=_drawn_without_scripts(screen, facts["catchments"]),
        outlines_at_most=OUTLINES_AT_MOST,
        has_one_network=len(screen.networks) == 1,
        tiles=allowed_tiles(),
    )


@gzip_page
def network_map_data(request: HttpRequest) -> JsonResponse:
    """Return {"areas": [GeoJSON text, ...], "services": [{...}, ...], "organisations": {key: name}, "surface": steps}.

    A service has its `key`, `organisation`, `name`, whom it is `for`, its `load` in words, its `catchment` as GeoJSON
    text, or null for the whole area, and its `venue` as [longitude, latitude], or null where that is unknown or
    confidential. `surface` is null unless there are many catchments, all in one network. Text, since the script reads
    a shape only when it draws it. All of it is simplified to the pixel of the whole view.
    """
    screen = network_screen(request)
    areas = _areas(screen)
    west, south, east, north = areas.aggregate(extent=Extent("boundary"))["extent"] or (0, 0, 1, 1)
    pixel = max(east - west, north - south) / VIEW_PIXELS
    services = list(
        screen.services.only(*_TOLD)
        .annotate(shape=_outline("catchment", pixel))
        .prefetch_related("restrictions__option__demographic")
        .order_by("organisation__name", "activity__name", "pk")
    )
    return JsonResponse(
        {
            "areas": list(
                areas.order_by("pk").annotate(shape=_outline("boundary", pixel)).values_list("shape", flat=True)
            ),
            "services": [_written(card) for card in cards_of(services)],
            "organisations": {service.organisation_id: service.organisation.name for service in services},
            "surface": _surface(screen, services, pixel),
        }
    )


def _areas(screen: NetworkScreen) -> QuerySet[Area]:
    return visible_to(screen.request.user, Area).filter(pk__in={network.area_id for network in screen.networks})


def _by_organisation(services: Iterable[Service]) -> dict[Organisation, list[tuple[ServiceCard, str]]]:
    """Return each service's card and whom it is for."""
    groups = defaultdict(list)
    for card in cards_of(services):
        groups[card.service.organisation].append((card, describe_audience(card.service)))
    return dict(groups)


def _drawn_without_scripts(screen: NetworkScreen, catchments: int) -> dict[str, Any]:
    """Return what is drawn on the server: catchments only if they are few, for hundreds would be illegible."""
    found = screen.filter.qs.order_by()
    shapes = found.filter(catchment__isnull=False).values_list("catchment", flat=True)
    return {
        "boundary": _areas(screen).aggregate(shape=Union("boundary"))["shape"],
        "catchments": list(shapes) if catchments <= OUTLINES_AT_MOST else [],
        "venues": list(found.filter(_PLACED).values_list("venue__point", flat=True)[:PAGE_SIZE]),
    }


def _outline(field: str, pixel: float) -> AsGeoJSON:
    simple = Func(field, Value(pixel), function="ST_SimplifyPreserveTopology", output_field=GeometryField(srid=4326))
    return AsGeoJSON(simple, precision=_decimals(pixel))


def _decimals(pixel: float) -> int:
    """Return how many decimals of a degree tell pixels apart."""
    return max(0, ceil(-log10(pixel)))


def _written(card: ServiceCard) -> dict[str, Any]:
    service, venue = card.service, card.service.venue
    is_placed = venue and venue.point and not venue.is_confidential
    return {
        "key": service.pk,
        "organisation": service.organisation_id,
        "name": service.activity.name,
        "for": describe_audience(service),
        "load": card.load_in_words if service.load_is_known else "",
        "catchment": service.shape,
        "venue": [round(place, 5) for place in venue.point.coords] if is_placed else None,
    }


def _surface(screen: NetworkScreen, services: list[Service], pixel: float) -> list[dict[str, Any]] | None:
    """Return {"from": 1, "to": 3, "rings": [[[longitude, latitude], ...], ...]} for each step of the scale.

    The hexagons of two networks would lie over each other, so there is none for several.
    """
    keys = [service.pk for service in services if service.shape]
    if len(keys) <= OUTLINES_AT_MOST or len(screen.networks) != 1:
        return None
    cells = overlap_counts(screen.networks[0], visible_to(screen.request.user, Service).filter(pk__in=keys))
    most = max((cell.count for cell in cells), default=0)
    edges = sorted({ceil(most * step / STEPS) for step in range(STEPS + 1)})
    steps = pairwise(edges)
    decimals = _decimals(pixel) + 1
    return [
        {"from": below + 1, "to": to, "rings": _joined([cell for cell in cells if below < cell.count <= to], decimals)}
        for below, to in steps
    ]


def _joined(cells: Iterable[OverlapCell], decimals: int) -> list[list[list[float]]]:
    """Return the rings of the hexagons as one shape, to be filled by the even-odd rule: a fraction of the corners."""
    rings = [",".join(f"{x} {y}" for x, y in (*cell.ring, cell.ring[0])) for cell in cells]
    if not rings:
        return []
    joined = GEOSGeometry(f"MULTIPOLYGON({','.join(f'(({ring}))' for ring in rings)})", srid=4326).unary_union
    return [[[round(x, decimals), round(y, decimals)] for x, y in ring] for ring in rings_of(as_multipolygon(joined))]
