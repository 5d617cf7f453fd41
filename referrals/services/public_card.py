"""What the public may know about a service: not how full it is, nor where a confidential venue is.

Public pages and e-mails show a `PublicCard` or `PublicLine`, never the model, so nothing else can leak.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.images import get_image_model

from referrals.enums import AccessFeature, Cost, ReferralPathway
from referrals.hours import Timetable, current_or_next, local_time, open_now_in_words, week_in_words
from referrals.matching.audience import describe_audience
from referrals.models import Restriction, Service, Venue
from referrals.services.pictures import ShownPicture, picture_of, with_stock_sizes
from referrals.services.rich_text import as_html
from referrals.user_input.phones import dial_link


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """A venue that is not confidential. `point` is longitude and latitude.

    `access_features` and `access` may be empty: not known, never not accessible.
    """

    name: str
    address: str
    postcode: str
    map_link: str
    access_features: tuple[str, ...]
    access: str
    facilities: str
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a service. `link` is a tel:, mailto: or https: address; empty if there is none."""

    label: str
    words: str
    link: str


@dataclass(frozen=True, slots=True)
class PublicCard:
    """`serves` is the area. Text that is not known is empty, and so is `for_whom` when the service is for everyone.

    `is_free` is None when the cost is not known.
    """

    activity: str
    organisation: str
    summary: str
    description: SafeString
    picture: ShownPicture | None
    for_whom: str
    is_open: bool
    open_now: str
    week: tuple[str, ...]
    opening_note: str
    place: PublicPlace | None
    serves: str
    pathways: tuple[str, ...]
    cost: str
    is_free: bool | None
    contacts: tuple[Contact, ...]
    confirmed: str
    is_stale: bool


def with_card_rows(services: QuerySet) -> QuerySet:
    stock = with_stock_sizes(get_image_model().objects.all())
    return (
        services.select_related("organisation", "activity", "venue", "network__area", "picture")
        .defer("network__area__boundary")
        .prefetch_related(
            "opening_hours",
            "opening_exceptions",
            Prefetch("restrictions", Restriction.objects.select_related("option__demographic")),
            Prefetch("stock_picture", stock),
        )
    )


def card_of(service: Service, *, now: datetime) -> PublicCard:
    """`now` is aware. The service need not be listed publicly."""
    local_now = local_time(now)
    timetable = Timetable.of(service)
    opening = current_or_next(timetable, local_now)
    return PublicCard(
        activity=service.activity.name,
        organisation=service.organisation.name,
        summary=service.summary,
        description=as_html(service.description),
        picture=picture_of(service),
        for_whom=describe_audience(service, in_full=True),
        is_open=opening is not None and opening.starts <= local_now,
        open_now=open_now_in_words(timetable, local_now),
        week=tuple(week_in_words(timetable, local_now.date())),
        opening_note=service.opening_note,
        place=_place(service.venue),
        serves=area_served(service, has_catchment=service.catchment is not None),
        pathways=_pathways(service),
        cost=cost_in_words(service),
        is_free=service.cost == Cost.FREE if service.cost else None,
        contacts=tuple(ways_to_reach(phone=service.phone, email=service.email, website=service.website)),
        confirmed=confirmed_in_words(service.last_confirmed_on, local_now.date()),
        is_stale=service.is_stale(local_now.date()),
    )


def cost_in_words(service: Service) -> str:
    if not service.cost:
        return ""
    words = str(Cost(service.cost).label)
    return f"{words}: {service.cost_note}" if service.cost_note else words


def confirmed_in_words(confirmed_on: date | None, today: date) -> str:
    """Return "Confirmed in May 2026, 6 months ago"; in the first month with the day."""
    if confirmed_on is None:
        return _("Nobody has confirmed this yet")
    age = relativedelta(today, confirmed_on)
    if age.years or age.months:
        return _long_ago(date_format(confirmed_on, "F Y"), age.years * 12 + age.months)
    days = (today - confirmed_on).days
    if days <= 0:
        return _("Confirmed today")
    if days == 1:
        words = _("Confirmed on %(date)s, yesterday")
    else:
        words = ngettext(
            "Confirmed on %(date)s, %(number)s day ago", "Confirmed on %(date)s, %(number)s days ago", days
        )
    return words % {"date": date_format(confirmed_on, "j E Y"), "number": days}


def _long_ago(month: str, months: int) -> str:
    if months < 24:
        number = months
        words = ngettext(
            "Confirmed in %(month)s, %(number)s month ago", "Confirmed in %(month)s, %(number)s months ago", number
        )
    else:
        number = months // 12
        words = ngettext(
            "Confirmed in %(month)s, %(number)s year ago", "Confirmed in %(month)s, %(number)s years ago", number
        )
    return words % {"month": month, "number": number}


def _place(venue: Venue | None) -> PublicPlace | None:
    if venue is None or venue.is_confidential:
        return None
    return PublicPlace(
        name=venue.name,
        address=venue.address,
        postcode=venue.postcode,
        map_link=_web_address(venue.map_link),
        access_features=tuple(str(words) for code, words in AccessFeature.choices if code in venue.access_features),
        access=venue.access,
        facilities=venue.facilities,
        point=venue.point.coords if venue.point else None,
    )


def area_served(service: Service, *, has_catchment: bool) -> str:
    area = service.network.area.name
    return _("Part of %(area)s") % {"area": area} if has_catchment else area


def ways_to_reach(*, phone: str = "", email: str = "", website: str = "") -> Iterator[Contact]:
    if phone:
        yield Contact(_("Phone"), phone, dial_link(phone))
    if email:
        yield Contact(_("E-mail"), email, f"mailto:{email}")
    if website:
        words = re.sub(r"^https?://(www\.)?|/$", "", website)
        yield Contact(_("Website"), words, _web_address(website))


def _web_address(address: str) -> str:
    return address if address.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A service in a list: less than its card. `point` is longitude and latitude; None if confidential or not known."""

    activity: str
    organisation: str
    summary: str
    for_whom: str
    is_open: bool
    open_now: str
    place: str
    point: tuple[float, float] | None
    has_catchment: bool
    is_free: bool
    pathways: tuple[str, ...]
    is_stale: bool


def with_line_rows(services: QuerySet) -> QuerySet:
    restrictions = Prefetch("restrictions", Restriction.objects.select_related("option__demographic"))
    return (
        services.select_related("organisation", "activity", "venue", "network")
        .annotate(has_catchment=ExpressionWrapper(Q(catchment__isnull=False), BooleanField()))
        .defer("catchment", "description")
        .prefetch_related("opening_hours", "opening_exceptions", restrictions)
    )


def line_of(service: Service, *, now: datetime) -> PublicLine:
    """Expects a service from `with_line_rows`; `now` is aware."""
    local_now = local_time(now)
    timetable = Timetable.of(service)
    opening = current_or_next(timetable, local_now)
    place = _place(service.venue)
    return PublicLine(
        activity=service.activity.name,
        organisation=service.organisation.name,
        summary=service.summary,
        for_whom=describe_audience(service),
        is_open=opening is not None and opening.starts <= local_now,
        open_now=open_now_in_words(timetable, local_now),
        place=", ".join(part for part in (place.name, place.postcode) if part) if place else "",
        point=place.point if place else None,
        has_catchment=service.has_catchment,
        is_free=service.cost == Cost.FREE,
        pathways=_pathways(service),
        is_stale=service.is_stale(local_now.date()),
    )


def _pathways(service: Service) -> tuple[str, ...]:
    return tuple(str(label) for code, label in ReferralPathway.choices if code in service.pathways)
