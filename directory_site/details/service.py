"""The page of a service. Everything on it comes from the `PublicCard` or is as public as that."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, OuterRef, Value
from django.utils.translation import gettext as _

from directory_site.details.related import public_point
from directory_site.models.sites import PublicSite
from referrals.catchments.place_map import PlaceMap, draw_map
from referrals.hours import (
    ComingDay,
    Timetable,
    UnusualDays,
    coming_days,
    local_time,
    unusual_days,
    usual_week_in_words,
)
from referrals.models import Category, ConsentWording, Service
from referrals.services.public_card import PublicCard, card_of, with_card_rows
from referrals.services.rich_text import as_plain

OUTLINE_TOLERANCE = 0.0004  # degrees, about 40 metres: the boundary is drawn a few hundred pixels wide


@dataclass(frozen=True, slots=True)
class Hours:
    """days: the next seven. usual: the week in words. exceptions: those to come."""

    days: list[ComingDay]
    usual: list[str]
    exceptions: list[UnusualDays]
    today: date
    tomorrow: date


@dataclass(frozen=True, slots=True)
class ServicePage:
    """plain: the description without markup. coordinates: "latitude,longitude", as map services take it.
    takes_referrals: the network's form is open. Whether the service suits a person is for the form to find out."""

    card: PublicCard
    plain: str
    hours: Hours
    timetable: Timetable
    map: PlaceMap | None
    coordinates: str
    area: str
    categories: tuple[str, ...]
    takes_referrals: bool


def find_service(site: PublicSite, number: int) -> Service | None:
    outline = Func(
        F("network__area__boundary"),
        Value(OUTLINE_TOLERANCE),
        function="ST_SimplifyPreserveTopology",
        output_field=GeometryField(srid=4326),
    )
    names = Category.objects.filter(services=OuterRef("pk")).order_by("position", "name", "pk").values("name")
    wordings = ConsentWording.objects.filter(network=OuterRef("network"))
    services = with_card_rows(site.shown_services).filter(pk=number)
    return services.annotate(
        outline=outline,
        category_names=ArraySubquery(names),
        category_keys=F("listing__categories"),
        form_is_open=Exists(wordings),
    ).first()


def make_service_page(service: Service, *, now: datetime) -> ServicePage:
    """Make the page as it is at `now` (aware), without a query. `service` comes from `find_service`."""
    timetable, today = Timetable.of(service), local_time(now).date()
    card = card_of(service, now=now)
    return ServicePage(
        card=card,
        plain=" ".join((service.summary or as_plain(service.description)).split()),
        hours=Hours(
            days=coming_days(timetable, today),
            usual=usual_week_in_words(timetable, today),
            exceptions=unusual_days(timetable, today),
            today=today,
            tomorrow=today + timedelta(days=1),
        ),
        timetable=timetable,
        map=_draw_map(service, card),
        coordinates=_coordinates(card),
        area=service.network.area.name,
        categories=tuple(service.category_names),
        takes_referrals=service.form_is_open and service.network.has_public_form,
    )


def _draw_map(service: Service, card: PublicCard) -> PlaceMap | None:
    if card.place is None or card.place.point is None:
        label = _("Map of the area served: %(area)s") % {"area": card.serves}
    else:
        facts = {"area": card.serves, "venue": card.place.name}
        label = _("Map of the area served, %(area)s, and of %(venue)s") % facts
    shapes = {"boundary": service.outline, "catchments": [service.catchment], "venues": [public_point(service)]}
    return draw_map(**shapes, label=label)


def _coordinates(card: PublicCard) -> str:
    """Return "51.54000,-0.15000", to the metre, or "" where the place is unknown or confidential."""
    if card.place is None or card.place.point is None:
        return ""
    longitude, latitude = card.place.point
    return f"{latitude:.5f},{longitude:.5f}"
