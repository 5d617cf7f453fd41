"""Related services: the organisation's others, and similar ones of other organisations, nearest first."""

from dataclasses import dataclass
from typing import Self

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import Distance, GeometryDistance
from django.contrib.gis.geos import Point
from django.db.models import Case, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from directory_site.addresses import service_path
from directory_site.models.sites import PublicSite
from directory_site.search.distances import CLOSE_BY, in_miles
from referrals.models import PublicListing, Service
from referrals.words import METRES_PER_MILE

MAX_LINES = 5


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service listed on another's page. away: "" where the place of either is unknown or confidential."""

    activity: str
    organisation: str
    summary: str
    path: str
    away: str

    @classmethod
    def of(cls, service: Service) -> Self:
        return cls(
            activity=service.activity.name,
            organisation=service.organisation.name,
            summary=service.summary,
            path=service_path(service),
            away=_miles_away(service.away.m / METRES_PER_MILE) if service.away is not None else "",
        )


@dataclass(frozen=True, slots=True)
class Related:
    """others: more of the same organisation, by name. similar: of other organisations, for the same need."""

    others: list[ServiceLine]
    similar: list[ServiceLine]


def related_to(site: PublicSite, service: Service) -> Related:
    """Return at most five of each. Two queries, neither of which grows with the number of services.

    `service` comes from `find_service`.
    """
    lines = site.shown_services.select_related("activity", "organisation")
    lines = lines.only("summary", "activity__name", "organisation__name")
    own = lines.filter(organisation=service.organisation_id).exclude(pk=service.pk)
    own = own.annotate(away=Value(None, output_field=FloatField())).order_by("activity__name", "pk")
    similar = lines.filter(pk__in=_keys_of_similar(service)).annotate(away=_distance(public_point(service)))
    similar = similar.order_by(F("away").asc(nulls_last=True), "activity__name", "pk")
    return Related(
        others=[ServiceLine.of(row) for row in own[:MAX_LINES]],
        similar=[ServiceLine.of(row) for row in similar[:MAX_LINES]],
    )


def _keys_of_similar(service: Service) -> QuerySet:
    """Return the nearest that share a category, from an index, which stops after a few.

    The index of places knows no second order: some more are taken, so that names decide among those equally far.
    """
    rows = PublicListing.objects.filter(network=service.network_id, is_listed=True)
    rows = rows.filter(categories__overlap=service.category_keys).exclude(organisation=service.organisation_id)
    if point := public_point(service):
        place = Cast("point", PointField(geography=True))
        rows = rows.order_by(GeometryDistance(place, point).asc(nulls_last=True))
    else:
        rows = rows.order_by("title", "pk")
    return rows.values("pk")[: 4 * MAX_LINES]


def _distance(point: Point | None) -> Distance | Value:
    """The distance to each row's venue; null if the venue is confidential."""
    if point is None:
        return Value(None, output_field=FloatField())
    venue_point = Case(When(venue__is_confidential=False, then="venue__point"), output_field=PointField())
    return Distance(venue_point, point)


def public_point(service: Service) -> Point | None:
    return service.venue.point if service.venue and not service.venue.is_confidential else None


def _miles_away(miles: float) -> str:
    return in_miles(miles) if miles < CLOSE_BY else _("%(miles)s away") % {"miles": in_miles(miles)}
