"""What waits for the user on the first page of the back office."""

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
from referrals.notifications import lacks_mail_server
from referrals.workflow import held_without_membership

MAX_SHOWN = 5
LATE_AFTER = timedelta(minutes=15)


def load_dashboard(request: HttpRequest) -> dict[str, object]:
    user_context = get_user_context(request)
    offers, offer_count = _first_and_count(_offers(user_context))
    strands, strand_count = _first_and_count(_strands(user_context))
    public_messages, public_message_count = _first_and_count(_public_messages(request, user_context))
    waiting = {
        "offers": offers,
        "strands": strands,
        "public_messages": public_messages,
        "without_services": _organisations_without_services(user_context),
        "inactive_memberships": _inactive_memberships(user_context),
        "to_confirm": _memberships_to_confirm(user_context),
        "stale_services": _count_stale_services(user_context),
        **_count_unsent_messages(user_context),
        "refused": len(accounts.refused_names()) if user_context.is_operator else 0,
    }
    return {
        **waiting,
        "is_empty": not any(waiting.values()),
        "offer_count": offer_count,
        "strand_count": strand_count,
        "public_message_count": public_message_count,
        "outbox": reverse("backoffice:referrals_notification_changelist"),
    }


def _first_and_count(rows: QuerySet) -> tuple[list, int]:
    """Return the first rows and the number of all, which costs a second query only where there are more."""
    first = list(rows[: MAX_SHOWN + 1])
    return first[:MAX_SHOWN], len(first) if len(first) <= MAX_SHOWN else rows.count()


def _organisations_without_services(user_context: UserContext) -> list[Organisation]:
    if not user_context.organisations:
        return []
    keys = [organisation.pk for organisation in user_context.organisations]
    with_services = set(Service.objects.filter(organisation__in=keys).values_list("organisation", flat=True))
    return [organisation for organisation in user_context.organisations if organisation.pk not in with_services]


def _inactive_memberships(user_context: UserContext) -> list[NetworkMembership]:
    """Return where the user's organisations are suspended or have left, or their referrals would vanish unexplained."""
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


def _offers(user_context: UserContext) -> QuerySet:
    return (
        visible_to(user_context.user, Assignment)
        .filter(
            status=AssignmentStatus.OFFERED,
            **({"strand__network": user_context.workplace.network} if user_context.workplace else {}),
            organisation__in=[organisation.pk for organisation in user_context.organisations],
        )
        .select_related("strand__referral", "organisation")
        .prefetch_related("strand__needs__category")
        .order_by("-strand__referral__is_urgent", "offered_at", "pk")
    )


def _strands(user_context: UserContext) -> QuerySet:
    """Return strands that need the coordinator: with them already, not answered in time, or held by an organisation
    that is no longer in the network."""
    unanswered = Assignment.objects.filter(
        strand=OuterRef("pk"), status=AssignmentStatus.OFFERED, lapsed_at__isnull=False
    )
    return (
        visible_to(user_context.user, Strand)
        .annotate(has_no_member=Exists(held_without_membership().filter(strand=OuterRef("pk"))))
        .filter(
            user_context.coordinated(),
            Q(status=StrandStatus.WITH_COORDINATOR) | Q(Exists(unanswered)) | Q(has_no_member=True),
        )
        .select_related("referral")
        .prefetch_related("needs__category")
        .order_by("-referral__is_urgent", "created_at", "pk")
    )


def _public_messages(request: HttpRequest, user_context: UserContext) -> QuerySet:
    rows = limit_to_workplace(request, visible_to(user_context.user, PublicMessage).filter(state=MessageState.OPEN))
    return rows.select_related("service__activity", "service__organisation", "network").order_by("created_at", "pk")


def _count_unsent_messages(user_context: UserContext) -> dict[str, int | bool]:
    if not user_context.is_coordinator:
        return {}
    waiting = Q(status__in=(NotificationStatus.PENDING, NotificationStatus.SENDING))
    counts = visible_to(user_context.user, Notification).aggregate(
        failed=Count("pk", filter=Q(status=NotificationStatus.FAILED)),
        late=Count("pk", filter=waiting & Q(first_due_at__lt=timezone.now() - LATE_AFTER)),
        kept=Count("pk", filter=Q(status=NotificationStatus.KEPT)),
    )
    # Where no e-mail is wanted, what is kept awaits nobody.
    return counts | {"lacks_mail_server": True} if lacks_mail_server() else counts | {"kept": 0}
