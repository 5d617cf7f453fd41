"""What awaits somebody who opens the back office."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from backoffice.user_context import UserContext, get_user_context, limit_to_workplace
from referrals import accounts
from referrals.access import visible_to
from referrals.enums import AssignmentStatus, MembershipStatus, MessageState, NotificationStatus, StrandStatus
from referrals.freshness import stale
from referrals.models import (
    Assignment,
    NetworkMembership,
    Notification,
    Organisation,
    PublicMessage,
    Service,
    Strand,
)
from referrals.workflow import held_without_membership

SHOWN = 5
LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DashboardItem:
    offers: list[Assignment]
    offer_count: int
    strands: list[Strand]
    strand_count: int
    failed: int
    late: int
    refused: int
    outbox: str
    beginners: list[Organisation]
    ended: list[NetworkMembership]
    to_confirm: list[NetworkMembership]
    stale_services: int
    public_messages: list[PublicMessage]
    public_message_count: int

    @property
    def is_empty(self) -> bool:
        return not (
            self.offers
            or self.beginners
            or self.ended
            or self.to_confirm
            or self.stale_services
            or self.public_messages
            or self.strands
            or self.failed
            or self.late
            or self.refused
        )


def dashboard_items(request: HttpRequest) -> DashboardItem:
    user_context = get_user_context(request)
    offers, strands = _offers(user_context), _strands(user_context)
    first_offers, first_strands = list(offers[: SHOWN + 1]), list(strands[: SHOWN + 1])
    written = _public_messages(request, user_context)
    first_written = list(written[: SHOWN + 1])
    messages = _messages(user_context)
    return DashboardItem(
        offers=first_offers[:SHOWN],
        offer_count=len(first_offers) if len(first_offers) <= SHOWN else offers.count(),
        strands=first_strands[:SHOWN],
        strand_count=len(first_strands) if len(first_strands) <= SHOWN else strands.count(),
        failed=messages["failed"],
        late=messages["late"],
        refused=len(accounts.refused_names()) if user_context.is_operator else 0,
        outbox=reverse("backoffice:referrals_notification_changelist"),
        beginners=_beginners(user_context),
        ended=_ended(user_context),
        to_confirm=_to_confirm(user_context),
        stale_services=_stale_services(user_context),
        public_messages=first_written[:SHOWN],
        public_message_count=len(first_written) if len(first_written) <= SHOWN else written.count(),
    )


def _beginners(user_context: UserContext) -> list[Organisation]:
    """Own organisations that offer nothing yet."""
    if not user_context.organisations:
        return []
    keys = [organisation.pk for organisation in user_context.organisations]
    with_services = set(Service.objects.filter(organisation__in=keys).values_list("organisation", flat=True))
    return [organisation for organisation in user_context.organisations if organisation.pk not in with_services]


def _ended(user_context: UserContext) -> list[NetworkMembership]:
    """Where own organisations are suspended, or have left: else everything of that network would be gone in silence."""
    keys = [organisation.pk for organisation in user_context.organisations]
    ended = NetworkMembership.objects.filter(organisation__in=keys).exclude(status=MembershipStatus.ACTIVE)
    return list(ended.select_related("organisation", "network")) if keys else []


def _to_confirm(user_context: UserContext) -> list[NetworkMembership]:
    """Where own organisations have services that nobody has confirmed for long, with their number as `stale_count`."""
    if not user_context.organisations:
        return []
    services = stale(Service.objects.filter(organisation=OuterRef("organisation"), network=OuterRef("network")))
    counted = services.order_by().values("network").annotate(number=Count("pk")).values("number")
    own = NetworkMembership.objects.active().filter(
        organisation__in=[organisation.pk for organisation in user_context.organisations],
        **({"network": user_context.place.network} if user_context.place else {}),
    )
    rows = own.annotate(stale_count=Subquery(counted)).filter(stale_count__gt=0)
    return list(rows.select_related("organisation", "network"))


def _stale_services(user_context: UserContext) -> int:
    """How many services of the coordinated networks nobody has confirmed for long."""
    if not user_context.coordinated:
        return 0
    return stale(Service.objects.filter(network__in=user_context.coordinated)).count()


def _offers(user_context: UserContext) -> QuerySet:
    """Offers to one's own organisations, the most urgent and the oldest first."""
    return (
        visible_to(user_context.user, Assignment)
        .filter(
            status=AssignmentStatus.OFFERED,
            **({"strand__network": user_context.place.network} if user_context.place else {}),
            organisation__in=[organisation.pk for organisation in user_context.organisations],
        )
        .select_related("strand__referral", "organisation")
        .prefetch_related("strand__needs__category")
        .order_by("-strand__referral__is_urgent", "offered_at", "pk")
    )


def _strands(user_context: UserContext) -> QuerySet:
    """Parts of referrals that lie with this coordinator, those whose organisation has not answered in time, and those
    whose organisation is no longer in the network."""
    mine = Q() if user_context.is_operator and not user_context.place else Q(network__in=user_context.coordinated)
    unanswered = Assignment.objects.filter(
        strand=OuterRef("pk"), status=AssignmentStatus.OFFERED, lapsed_at__isnull=False
    )
    return (
        visible_to(user_context.user, Strand)
        .annotate(has_lost_its_member=Exists(held_without_membership().filter(strand=OuterRef("pk"))))
        .filter(mine, Q(status=StrandStatus.WITH_COORDINATOR) | Q(Exists(unanswered)) | Q(has_lost_its_member=True))
        .select_related("referral")
        .prefetch_related("needs__category")
        .order_by("-referral__is_urgent", "created_at", "pk")
    )


def _public_messages(request: HttpRequest, user_context: UserContext) -> QuerySet:
    """What visitors of the public site have written and nobody has done, the oldest first."""
    rows = limit_to_workplace(request, visible_to(user_context.user, PublicMessage).filter(state=MessageState.OPEN))
    return rows.select_related("service__activity", "service__organisation", "network").order_by("created_at", "pk")


def _messages(user_context: UserContext) -> dict[str, int]:
    if not user_context.coordinates:
        return {"failed": 0, "late": 0}
    waiting = Q(status__in=(NotificationStatus.PENDING, NotificationStatus.SENDING))
    return visible_to(user_context.user, Notification).aggregate(
        failed=Count("pk", filter=Q(status=NotificationStatus.FAILED)),
        late=Count("pk", filter=waiting & Q(due_at__lt=timezone.now() - LATE)),
    )
