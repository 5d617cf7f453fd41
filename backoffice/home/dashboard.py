"""The first page of the back office: what is waiting for the user, and what else needs attention."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from backoffice.user_context import UserContext, get_user_context
from backoffice.waiting import Waiting, count_waiting, offers_to_answer, open_messages, strands_to_coordinate
from referrals.access import visible_to
from referrals.enums import MembershipStatus, NotificationStatus
from referrals.freshness import stale
from referrals.models import (
    NetworkMembership,
    Notification,
    Organisation,
    Referral,
    Service,
    Strand,
)
from referrals.notifications import lacks_mail_server

MAX_REFERRALS = 12
MAX_SHOWN = 5
LATE_AFTER = timedelta(minutes=15)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WaitingReferral:
    """What a referral waits for: an offer to answer, a strand that needs a coordinator, or several of these."""

    referral: Referral
    needs: list[str]
    why: str
    since: datetime | None
    is_late: bool


def load_dashboard(request: HttpRequest) -> dict[str, object]:
    user_context = get_user_context(request)
    waiting = count_waiting(request)
    referrals = _load_waiting_referrals(user_context, waiting)
    public_messages = open_messages(request).select_related("service__activity", "service__organisation", "network")
    notices = {
        "without_services": _organisations_without_services(user_context),
        "inactive_memberships": _inactive_memberships(user_context),
        "to_confirm": _memberships_to_confirm(user_context),
        "stale_services": _count_stale_services(user_context),
        **_count_unsent_messages(user_context),
    }
    return {
        **notices,
        "waiting": waiting,
        "referrals": referrals,
        "public_messages": public_messages.order_by("created_at", "pk")[:MAX_SHOWN] if waiting.messages else [],
        "is_empty": not (referrals or waiting.messages or any(notices.values())),
        "belongs_somewhere": bool(user_context.networks or user_context.organisations),
        "outbox": reverse("backoffice:referrals_notification_changelist"),
    }


def _load_waiting_referrals(user_context: UserContext, waiting: Waiting) -> list[WaitingReferral]:
    """Return the first of what is waiting: the urgent, then the late, then the oldest."""
    referrals = []
    if waiting.offers:
        offers = offers_to_answer(user_context).select_related("strand__referral__person", "organisation")
        referrals += [
            _waiting_referral(
                offer.strand,
                f"{offer.organisation} was asked" if len(user_context.organisations) > 1 else "You were asked",
                offer.offered_at,
                offer.is_late,
            )
            for offer in offers.prefetch_related("strand__needs__category")[:MAX_REFERRALS]
        ]
    if waiting.strands:
        strands = strands_to_coordinate(user_context).select_related("referral__person")
        referrals += [
            _waiting_referral(strand, _describe_strand(strand), strand.coordinator_told_at, strand.is_late)
            for strand in strands.prefetch_related("needs__category")[:MAX_REFERRALS]
        ]
    referrals.sort(key=lambda row: (not row.referral.is_urgent, not row.is_late, row.since or _LONG_AGO))
    first_of: dict[int, WaitingReferral] = {}
    for row in referrals:
        first = first_of.setdefault(row.referral.pk, row)
        first.needs.extend(need for need in row.needs if need not in first.needs)
    return list(first_of.values())[:MAX_REFERRALS]


def _waiting_referral(strand: Strand, why: str, since: datetime | None, is_late: bool) -> WaitingReferral:
    needs = [need.category.name for need in strand.needs.all()]
    return WaitingReferral(referral=strand.referral, needs=needs, why=why, since=since, is_late=is_late)


def _describe_strand(strand: Strand) -> str:
    if strand.why_coordinator:
        return capfirst(strand.get_why_coordinator_display())
    if strand.has_no_member:
        return "Its organisation is suspended or has left"
    return "An organisation has not answered"


def _organisations_without_services(user_context: UserContext) -> list[Organisation]:
    if not user_context.organisations:
        return []
    keys = [organisation.pk for organisation in user_context.organisations]
    with_services = set(Service.objects.filter(organisation__in=keys).values_list("organisation", flat=True))
    return [organisation for organisation in user_context.organisations if organisation.pk not in with_services]


def _inactive_memberships(user_context: UserContext) -> list[NetworkMembership]:
    """Return the ended memberships of the user's organisations: they explain why referrals are no longer shown."""
    keys = [organisation.pk for organisation in user_context.organisations]
    ended = NetworkMembership.objects.filter(organisation__in=keys).exclude(status=MembershipStatus.ACTIVE)
    return list(ended.select_related("organisation", "network")) if keys else []


def _memberships_to_confirm(user_context: UserContext) -> list[NetworkMembership]:
    """Annotate `stale_count`, the number of services to confirm."""
    if not user_context.organisations:
        return []
    services = stale(Service.objects.filter(organisation=OuterRef("organisation"), network=OuterRef("network")))
    counted = services.order_by().values("network").annotate(number=Count("pk")).values("number")
    own = NetworkMembership.objects.active().filter(
        organisation__in=[organisation.pk for organisation in user_context.organisations],
        **({"network": user_context.workplace.network} if user_context.workplace else {}),
    )
    rows = own.annotate(stale_count=Subquery(counted)).filter(stale_count__gt=0)
    return list(rows.select_related("organisation", "network"))


def _count_stale_services(user_context: UserContext) -> int:
    if not user_context.is_coordinator:
        return 0
    return stale(Service.objects.filter(user_context.coordinated())).count()


def _count_unsent_messages(user_context: UserContext) -> dict[str, int | bool]:
    if not user_context.is_coordinator:
        return {}
    waiting = Q(status__in=(NotificationStatus.PENDING, NotificationStatus.SENDING))
    counts = visible_to(user_context.user, Notification).aggregate(
        failed=Count("pk", filter=Q(status=NotificationStatus.FAILED)),
        late=Count("pk", filter=waiting & Q(first_due_at__lt=timezone.now() - LATE_AFTER)),
        kept=Count("pk", filter=Q(status=NotificationStatus.KEPT)),
    )
    # If an operator has chosen to send no e-mail at all, kept messages call for nothing to be done.
    return counts | {"lacks_mail_server": True} if lacks_mail_server() else counts | {"kept": 0}
