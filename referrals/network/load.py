"""How full services are: open cases and waiting offers against capacity. A waiting list does not count."""

from django.db.models import BooleanField, Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from referrals.access import knows_load
from referrals.enums import AssignmentStatus
from referrals.models import Assignment, User
from referrals.models.referrals import TAKES_A_PLACE
from referrals.models.services import TAKES_PEOPLE

_TAKEN = F("open_cases") + F("waiting_offers")
# Of rows from `with_known_load`: where the load is not known, a service neither has room nor is full.
HAS_ROOM = TAKES_PEOPLE & Q(load_is_known=True, capacity__gt=_TAKEN)
IS_FULL = TAKES_PEOPLE & Q(load_is_known=True, capacity__lte=_TAKEN)


def with_load(services: QuerySet) -> QuerySet:
    """Annotate `open_cases` and `waiting_offers`."""
    return services.annotate(
        open_cases=_count_of(AssignmentStatus.ACCEPTED), waiting_offers=_count_of(AssignmentStatus.OFFERED)
    )


def with_known_load(services: QuerySet, user: User) -> QuerySet:
    """Annotate `open_cases`, `waiting_offers` and `load_is_known`; without that, the two are 0 and not to be shown."""
    known = knows_load(user) or Q(pk__isnull=False)
    services = services.annotate(load_is_known=Case(When(known, then=True), default=False, output_field=BooleanField()))
    counts = {
        name: Case(When(load_is_known=True, then=_count_of(status)), default=0, output_field=IntegerField())
        for name, status in (("open_cases", AssignmentStatus.ACCEPTED), ("waiting_offers", AssignmentStatus.OFFERED))
    }
    return services.annotate(**counts)


def _count_of(status: AssignmentStatus) -> Coalesce:
    rows = Assignment.objects.filter(TAKES_A_PLACE, service=OuterRef("pk"), status=status).order_by()
    return Coalesce(
        Subquery(rows.values("service").annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField()
    )
