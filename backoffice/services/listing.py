"""The list of services as cards: how full each is, when it is open, and what the user can do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.access import changeable_by
from referrals.enums import AssignmentStatus
from referrals.hours import Timetable, week_in_words
from referrals.models import Assignment, Service, User


def _count_of(status: AssignmentStatus) -> Coalesce:
    rows = Assignment.objects.filter(service=OuterRef("pk"), status=status).order_by()
    return Coalesce(
        Subquery(rows.values("service").annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField()
    )


def with_case_counts(services: QuerySet) -> QuerySet:
    """Annotate `open_cases` and `waiting_offers`."""
    return services.annotate(
        open_cases=_count_of(AssignmentStatus.ACCEPTED), waiting_offers=_count_of(AssignmentStatus.OFFERED)
    )


def with_card_details(services: QuerySet, user: User) -> QuerySet:
    """Load what cards show, in two more queries than the rows themselves."""
    changeable = changeable_by(user, Service).filter(pk=OuterRef("pk")).order_by()
    listed = Service.categories.through.objects.filter(service=OuterRef("pk"))
    rows = services.annotate(may_change=Exists(changeable), has_categories=Exists(listed))
    return rows.prefetch_related("opening_hours", "opening_exceptions")


@dataclass(frozen=True, slots=True)
class ServiceCard:
    service: Service
    is_stale: bool
    hours: list[str]

    @property
    def state(self) -> tuple[str, str]:
        service = self.service
        if service.archived_at:
            return "Archived", ""
        if service.paused_at:
            return "Paused", "wait"
        if not service.capacity:
            return "No capacity", "wait"
        is_full = service.open_cases + service.waiting_offers >= service.capacity
        return ("Full", "wait") if is_full else ("Has room", "")

    @property
    def shares(self) -> tuple[float, float]:
        """Open cases and offers as percentages of the bar, whose end is the capacity or, if greater, their sum."""
        service = self.service
        whole = max(service.capacity, service.open_cases + service.waiting_offers, 1)
        return round(100 * service.open_cases / whole, 1), round(100 * service.waiting_offers / whole, 1)

    @property
    def missing(self) -> list[str]:
        """What visitors, or people who refer, would look for in vain."""
        service = self.service
        wanted = {
            "what it helps with": service.has_categories,
            "when it is open": self.hours,
            "a summary": service.summary or not service.is_public,
            "how to reach you": service.phone or service.email or service.website or not service.is_public,
            "what it costs": service.cost or not service.is_public,
        }
        return [words for words, there in wanted.items() if not there]


def cards_of(services: Iterable[Service], *, today: date | None = None) -> list[ServiceCard]:
    """Return a card for each of `services`, from `with_case_counts` and `with_card_details`, with their network."""
    today = today or timezone.localdate()
    return [
        ServiceCard(service=row, is_stale=row.is_stale(today), hours=week_in_words(Timetable.of(row), today))
        for row in services
    ]
