"""What lists say of a service: how full it is, when it is open, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR

from referrals.access import changeable_by
from referrals.hours import Timetable, week_in_words
from referrals.models import Service, User

NOT_SHARED = "Not shared"  # how full a service is


def with_card_details(services: QuerySet, user: User) -> QuerySet:
    """Load what cards show, in two more queries than the rows themselves."""
    changeable = changeable_by(user, Service).filter(pk=OuterRef("pk")).order_by()
    listed = Service.categories.through.objects.filter(service=OuterRef("pk"))
    rows = services.annotate(may_change=Exists(changeable), has_categories=Exists(listed))
    return rows.prefetch_related("opening_hours", "opening_exceptions")


@dataclass(frozen=True)
class ServiceCard:
    """`service` comes from `with_known_load`, its network and opening hours; for `missing`, `with_card_details`."""

    service: Service
    today: date

    @property
    def is_stale(self) -> bool:
        return self.service.is_stale(self.today)

    @cached_property
    def hours(self) -> list[str]:
        return week_in_words(Timetable.of(self.service), self.today)

    @property
    def open_days(self) -> str:
        """Return "Mon to Wed, Fri"; "By appointment" if so and no hours are known."""
        openings = self.service.opening_hours.all()
        days = sorted({row.weekday for row in openings if row.valid_to is None or row.valid_to >= self.today})
        # In a run of days, the number of the day minus its place in the list is constant.
        runs = [[day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0])]
        if not runs and self.service.by_appointment:
            return "By appointment"
        return ", ".join(_run_in_words(run) for run in runs)

    @property
    def state(self) -> tuple[str, str]:
        service = self.service
        if service.archived_at:
            return "Archived", ""
        if service.paused_at:
            return "Paused", "wait"
        if not service.capacity:
            return "No capacity", "wait"
        if not service.load_is_known:
            return "Takes referrals", ""
        is_full = service.open_cases + service.waiting_offers >= service.capacity
        return ("Full", "wait") if is_full else ("Has room", "")

    @property
    def has_load(self) -> bool:
        service = self.service
        return service.load_is_known and bool(service.capacity or service.open_cases or service.waiting_offers)

    @property
    def shares(self) -> tuple[float, float]:
        """Open cases and offers as percentages of the bar, whose end is the capacity or, if greater, their sum."""
        service = self.service
        whole = max(service.capacity, service.open_cases + service.waiting_offers, 1)
        return round(100 * service.open_cases / whole, 1), round(100 * service.waiting_offers / whole, 1)

    @property
    def load_in_words(self) -> str:
        """Return how many places are taken; "Not shared" to those who may not know."""
        service = self.service
        if not service.load_is_known:
            return NOT_SHARED
        return places_in_words(service.open_cases, service.waiting_offers, service.capacity)

    @property
    def missing(self) -> list[str]:
        """What visitors and referrers would miss."""
        service = self.service
        wanted = {
            "what it helps with": service.has_categories,
            "when it is open": self.hours,
            "a summary": service.summary or not service.is_public,
            "how to reach you": service.phone or service.email or service.website or not service.is_public,
            "what it costs": service.cost or not service.is_public,
        }
        return [words for words, there in wanted.items() if not there]


def places_in_words(open_cases: int, offers: int, capacity: int) -> str:
    """Return "11 of 10 places taken, 2 asked, over capacity by 1"."""
    words = [f"{open_cases} of {capacity} place{pluralize(capacity)} taken"]
    if offers:
        words.append(f"{offers} asked")
    if open_cases > capacity:
        words.append(f"over capacity by {open_cases - capacity}")
    return ", ".join(words)


def _run_in_words(days: list[int]) -> str:
    names = [str(WEEKDAYS_ABBR[day]) for day in days]
    if len(names) == 7:
        return "Every day"
    return f"{names[0]} to {names[-1]}" if len(names) > 2 else ", ".join(names)


def cards_of(services: Iterable[Service], *, today: date | None = None) -> list[ServiceCard]:
    return [ServiceCard(row, today or timezone.localdate()) for row in services]
