"""What else might help: the organisation's other services, and similar ones of others, nearest first."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import Case, Exists, F, OuterRef, QuerySet, When
from django.utils.translation import gettext as _

from directory_site.addresses import service_path
from directory_site.models import PublicSite
from directory_site.templatetags.directory import in_miles
from referrals.models import Service

AT_MOST = 5
METRES_PER_MILE = 1609.344
CLOSE_BY = 0.05  # miles, which have words of their own


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service in a list beside another one. `away` is empty where either of them has no place that may be known."""

    activity: str
    organisation: str
    summary: str
    path: str
    away: str = ""


def others_of_organisation(site: PublicSite, service: Service) -> list[ServiceLine]:
    """Return some of the organisation's other services; its own page has them all. One query."""
    rows = site.shown_services.filter(organisation=service.organisation_id).exclude(pk=service.pk)
    return [*_lines(rows.order_by("activity__name", "pk"))]


def similar_nearby(site: PublicSite, service: Service) -> list[ServiceLine]:
    """Return services of other organisations for the same need, nearest first where there is a place. One query.

    No distance tells where a confidential venue is, neither the own one nor another's.
    """
    shared = Service.categories.through.objects.filter(service=OuterRef("pk"), category__services=service.pk)
    rows = site.shown_services.filter(Exists(shared)).exclude(organisation=service.organisation_id)
    point = public_point(service)
    if point is None:
        return [*_lines(rows.order_by("organisation__name", "pk"))]
    known = Case(When(venue__is_confidential=False, then="venue__point"), output_field=PointField())
    rows = rows.annotate(away=Distance(known, point))
    return [*_lines(rows.order_by(F("away").asc(nulls_last=True), "pk"))]


def public_point(service: Service) -> Point | None:
    return service.venue.point if service.venue and not service.venue.is_confidential else None


def _lines(rows: QuerySet) -> Iterator[ServiceLine]:
    read = ("summary", "activity__name", "organisation__name")
    for service in rows.select_related("activity", "organisation").only(*read)[:AT_MOST]:
        metres = getattr(service, "away", None)
        yield ServiceLine(
            activity=service.activity.name,
            organisation=service.organisation.name,
            summary=service.summary,
            path=service_path(service),
            away="" if metres is None else _miles_away(metres.m / METRES_PER_MILE),
        )


def _miles_away(miles: float) -> str:
    return in_miles(miles) if miles < CLOSE_BY else _("%(miles)s away") % {"miles": in_miles(miles)}
