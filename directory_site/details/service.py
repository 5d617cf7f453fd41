"""What the page of a service shows. Everything on it comes out of the `PublicCard` or is as public as that."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _

from directory_site.details.related import public_point
from directory_site.models.sites import PublicSite
from referrals.catchments.place_map import PlaceMap, draw_map
from referrals.hours import Ahead, ComingDay, Timetable, ahead, coming_days, local_time, usual_week_in_words
from referrals.models import Category, ConsentWording, Service
from referrals.services.public_card import PublicCard, card_of, with_card_rows
from referrals.services.rich_text import as_plain

THINNED = 0.0004  # degrees, about 40 metres: a boundary of thousands of corners is drawn a few hundred pixels wide


@dataclass(frozen=True, slots=True)
class Hours:
    """`days` are the coming seven, `usual` the week in words, `departures` what is different on days ahead."""

    days: list[ComingDay]
    usual: list[str]
    departures: list[Ahead]
    today: date
    tomorrow: date


@dataclass(frozen=True, slots=True)
class ServicePage:
    """`plain` says in words without markup what it is. `place_on_maps` is latitude and longitude, as map services take
    them. `takes_referrals`: its network's form is open; whether the service suits somebody is found out there."""

    card: PublicCard
    plain: str
    hours: Hours
    timetable: Timetable
    map: PlaceMap | None
    place_on_maps: str
    area: str
    categories: tuple[str, ...]
    takes_referrals: bool


def find_service(site: PublicSite, number: int) -> Service | None:
    """Return a service that this site shows, with all that its page reads, in a fixed number of queries."""
    return _with_page_rows(with_card_rows(site.shown_services)).filter(pk=number).first()


def _with_page_rows(services: QuerySet[Service]) -> QuerySet[Service]:
    thinned = Func(
        F("network__area__boundary"),
        Value(THINNED),
        function="ST_SimplifyPreserveTopology",
        output_field=GeometryField(srid=4326),
    )
    names = Category.objects.filter(services=OuterRef("pk")).order_by("position", "name", "pk").values("name")
    wordings = ConsentWording.objects.filter(network=OuterRef("network"))
    return services.annotate(outline=thinned, category_names=ArraySubquery(names), form_is_open=Exists(wordings))


def page_of(service: Service, *, now: datetime) -> ServicePage:
    """Return the page of a service from `find_service`, as it stands at `now` (aware). No query."""
    timetable = Timetable.of(service)
    card = card_of(service, now=now)
    return ServicePage(
        card=card,
        plain=" ".join((service.summary or as_plain(service.description)).split()),
        hours=_hours(timetable, local_time(now).date()),
        timetable=timetable,
        map=_map(service, card),
        place_on_maps=_place_on_maps(card),
        area=service.network.area.name,
        categories=tuple(service.category_names),
        takes_referrals=service.form_is_open,
    )


def _hours(timetable: Timetable, today: date) -> Hours:
    return Hours(
        days=coming_days(timetable, today),
        usual=usual_week_in_words(timetable, today),
        departures=ahead(timetable, today),
        today=today,
        tomorrow=today + timedelta(days=1),
    )


def _map(service: Service, card: PublicCard) -> PlaceMap | None:
    outline: GEOSGeometry = service.outline
    return draw_map(
        boundary=outline, catchments=[service.catchment], venues=[public_point(service)], label=_label(card)
    )


def _label(card: PublicCard) -> str:
    if card.place is None or card.place.point is None:
        return _("Map of the area served: %(area)s") % {"area": card.serves}
    return _("Map of the area served, %(area)s, and of %(venue)s") % {"area": card.serves, "venue": card.place.name}


def _place_on_maps(card: PublicCard) -> str:
    """Return "51.54000,-0.15000", to the metre; empty without a place that may be known."""
    if card.place is None or card.place.point is None:
        return ""
    longitude, latitude = card.place.point
    return f"{latitude:.5f},{longitude:.5f}"
