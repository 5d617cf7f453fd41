"""The first page of the back office: what is waiting for the user, and what else needs attention."""

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from backoffice.user_context import UserContext, get_user_context
from backoffice.waiting import WaitingReferral, count_waiting, find_waiting, open_messages
from referrals.access import visible_to
from referrals.enums import MembershipStatus
from referrals.freshness import stale
from referrals.models import (
    Category,
    ConsentWording,
    Need,
    Network,
    NetworkMembership,
    Notification,
    Organisation,
    Referral,
    Service,
)
from referrals.notification_kinds import NotificationStatus
from referrals.notifications import lacks_mail_server

MAX_REFERRALS = 12
MAX_SHOWN = 5
LATE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    referral: Referral
    needs: list[str]
    waiting: WaitingReferral


def load_dashboard(request: HttpRequest) -> dict[str, object]:
    user_context = get_user_context(request)
    waiting = count_waiting(request)
    referrals = _load_waiting_referrals(request) if waiting.referrals else []
    public_messages = open_messages(request).select_related("service__activity", "service__organisation", "network")
    notices = {
        "networks_to_set_up": _networks_to_set_up(user_context),
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


def _networks_to_set_up(user_context: UserContext) -> list[Network]:
    """Return the networks that the user coordinates and that nobody can be referred to yet."""
    if not user_context.coordinated_ids:
        return []
    taking = Service.objects.taking_people().by_active_members()
    lacking = [
        ~Exists(rows.filter(network=OuterRef("pk"))) for rows in (ConsentWording.objects, Category.objects, taking)
    ]
    coordinated = Network.objects.filter(pk__in=user_context.coordinated_ids)
    return list(coordinated.filter(reduce(or_, map(Q, lacking))).order_by("name")[:MAX_SHOWN])


def _load_waiting_referrals(request: HttpRequest) -> list[WaitingRow]:
    first = dict(list(find_waiting(request).items())[:MAX_REFERRALS])
    if not first:
        return []
    strands = [strand for waiting in first.values() for strand in waiting.strands]
    names: dict[int, dict[str, None]] = {}  # of needs, by referral: each once
    needs = visible_to(request.user, Need).filter(strand__in=strands).order_by("pk")
    for referral, name in needs.values_list("strand__referral", "category__name"):
        names.setdefault(referral, {})[name] = None
    referrals = visible_to(request.user, Referral).select_related("person").in_bulk(list(first))
    return [
        WaitingRow(referrals[key], list(names.get(key, ())), waiting)
        for key, waiting in first.items()
        if key in referrals
    ]


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
