"""Which services count for a category at a moment, and as what: places, room, where; now and if something changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.db.models.expressions import RawSQL

from referrals.enums import Weekday
from referrals.models import Category, Service
from referrals.network.load import with_load


class PartOfDay(TextChoices):
    MORNING = "morning", "morning, 6:00 to 12:00"
    AFTERNOON = "afternoon", "afternoon, 12:00 to 17:00"
    EVENING = "evening", "evening, 17:00 to 22:00"
    NIGHT = "night", "night, 22:00 to 6:00"


_HOURS = {
    PartOfDay.MORNING: (6, 12),
    PartOfDay.AFTERNOON: (12, 17),
    PartOfDay.EVENING: (17, 22),
    PartOfDay.NIGHT: (22, 30),
}
OPEN_AT_LEAST = 60  # minutes


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of a day in a usual week; the night is that which begins on the day."""

    weekday: Weekday
    part: PartOfDay

    def __str__(self) -> str:
        return f"{self.weekday.label} {self.part.label}"


@dataclass(frozen=True, slots=True)
class Grow:
    """A service reaches farther, by metres on all sides."""

    service: int
    metres: int


@dataclass(frozen=True, slots=True)
class SetCapacity:
    service: int
    places: int


@dataclass(frozen=True, slots=True)
class Close:
    service: int


@dataclass(frozen=True, slots=True)
class Open:
    """A new service for those within `metres` of a point, in the category and at the moment asked for."""

    longitude: float
    latitude: float
    metres: int
    places: int


Change = Grow | SetCapacity | Close | Open


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as the statement takes it, now and then: without places, it is not there in that state."""

    service: int | None
    now_places: int
    then_places: int
    now_room: bool = False
    then_room: bool = False
    metres: float = 0
    longitude: float | None = None
    latitude: float | None = None


# Minutes from midnight of the day asked for. Openings that overlap, or go on the day before, are counted once.
_OPEN_IN = """
(SELECT service_id FROM (
    SELECT service_id, range_agg(int4range(starts, ends) * int4range(%s, %s)) AS open
    FROM (
        SELECT service_id, shift + extract(epoch FROM opens)::int / 60 AS starts,
               shift + extract(epoch FROM closes)::int / 60 + CASE WHEN closes > opens THEN 0 ELSE 1440 END AS ends
        FROM referrals_openinghours JOIN (VALUES (%s, -1440), (%s, 0), (%s, 1440)) AS day (weekday, shift)
            USING (weekday)
        WHERE (valid_from IS NULL OR valid_from <= %s) AND (valid_to IS NULL OR valid_to >= %s)
    ) spell GROUP BY service_id
) week WHERE (SELECT sum(upper(span) - lower(span)) FROM unnest(open) AS span) >= %s)
"""


def open_in(moment: Moment, today: date) -> RawSQL:
    """Return the keys of services open then for OPEN_AT_LEAST minutes, by the weekly hours valid today; `pk__in`."""
    first, last = (hour * 60 for hour in _HOURS[moment.part])
    days = [(moment.weekday + shift) % 7 for shift in (-1, 0, 1)]
    return RawSQL(_OPEN_IN, [first, last, *days, today, today, OPEN_AT_LEAST])  # noqa: S611 - only constants


def choose_services(
    services: QuerySet, *, category: Category | None = None, moment: Moment | None = None, today: date
) -> QuerySet:
    """Return those of `services` that help with the category, listed at it, above or below it, and are open then."""
    if category:
        listed = Service.categories.through.objects.filter(
            service=OuterRef("pk"), category__in=Category.objects.keys_of_help(category)
        )
        services = services.filter(Exists(listed))
    return services.filter(pk__in=open_in(moment, today)) if moment else services


def offers_of(services: QuerySet, changes: Sequence[Change] = ()) -> list[Offer]:
    """Return what the services offer now, and would after the changes. Changes to other services have no effect.

    Paused and archived services, and those without capacity, offer nothing. What is new has room.
    """
    rows = with_load(services.order_by()).values_list(
        "pk", "capacity", "paused_at", "archived_at", "open_cases", "waiting_offers"
    )
    capacity = {change.service: change.places for change in changes if isinstance(change, SetCapacity)}
    closed = {change.service for change in changes if isinstance(change, Close)}
    grown = {change.service: change.metres for change in changes if isinstance(change, Grow)}
    offers: list[Offer] = []
    for key, places, paused_at, archived_at, cases, waiting in rows:
        is_resting = paused_at is not None or archived_at is not None
        now = 0 if is_resting else places
        then = 0 if is_resting or key in closed else capacity.get(key, places)
        load = cases + waiting
        if key in grown:
            offers.append(Offer(key, now, 0, now_room=now > load))
            offers.append(Offer(key, 0, then, then_room=then > load, metres=grown[key]))
        else:
            offers.append(Offer(key, now, then, now_room=now > load, then_room=then > load))
    offers += [
        Offer(None, 0, new.places, then_room=True, metres=new.metres, longitude=new.longitude, latitude=new.latitude)
        for new in changes
        if isinstance(new, Open)
    ]
    return [offer for offer in offers if offer.now_places or offer.then_places]


def columns_of(offers: Iterable[Offer]) -> dict[str, list]:
    """Return the offers as the statement's arrays."""
    offers = list(offers)
    return {name: [getattr(offer, name) for offer in offers] for name in Offer.__slots__}
