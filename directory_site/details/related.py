"""What else might help: the organisation's other services, and similar services of others, nearest first."""

from dataclasses import dataclass
from typing import Self

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import BooleanField, Case, Exists, F, FloatField, OuterRef, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from directory_site.addresses import service_path
from directory_site.models.sites import PublicSite
from directory_site.search.distances import CLOSE_BY, in_miles
from referrals.models import Service
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
    """Return at most five of each. One query for both."""
    shared = Service.categories.through.objects.filter(service=OuterRef("pk"), category__services=service.pk)
    own = Q(organisation=service.organisation_id)
    rows = site.shown_services.exclude(pk=service.pk).filter(own | Exists(shared))
    rows = rows.annotate(
        is_own=Case(When(own, then=Value(True)), default=Value(False), output_field=BooleanField()),
        away=_distance(public_point(service), unless=own),
    )
    order = [F("away").asc(nulls_last=True), F("activity__name").asc(), F("pk").asc()]
    rows = rows.annotate(number=Window(RowNumber(), partition_by=F("is_own"), order_by=order))
    rows = rows.filter(number__lte=MAX_LINES).order_by("number").select_related("activity", "organisation")
    found = list(rows.only("summary", "activity__name", "organisation__name"))
    return Related(
        others=[ServiceLine.of(row) for row in found if row.is_own],
        similar=[ServiceLine.of(row) for row in found if not row.is_own],
    )


def _distance(point: Point | None, *, unless: Q) -> Distance | Value:
    """The distance to each row's venue; null if the venue is confidential, or if `unless` matches the row."""
    if point is None:
        return Value(None, output_field=FloatField())
    venue_point = Case(When(Q(venue__is_confidential=False) & ~unless, then="venue__point"), output_field=PointField())
    return Distance(venue_point, point)


def public_point(service: Service) -> Point | None:
    return service.venue.point if service.venue and not service.venue.is_confidential else None


def _miles_away(miles: float) -> str:
    return in_miles(miles) if miles < CLOSE_BY else _("%(miles)s away") % {"miles": in_miles(miles)}
