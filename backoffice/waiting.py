"""What is waiting for the user: offers to answer, strands that need a coordinator, messages from the public."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from backoffice.user_context import UserContext, get_user_context, limit_to_workplace
from referrals.access import visible_to
from referrals.enums import AssignmentStatus, MessageState, StrandStatus, WhyCoordinator
from referrals.filters import is_late_offer, waiting_strands
from referrals.models import Assignment, Network, PublicMessage, User
from referrals.workflow import live_without_membership

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`referrals`: those with an offer or a strand that is waiting. `late` and `urgent`: how many of these are so."""

    offers: int = 0
    strands: int = 0
    referrals: int = 0
    late: int = 0
    urgent: int = 0
    messages: int = 0


@dataclass(slots=True)
class WaitingReferral:
    """What a referral waits for: an offer to answer, a strand that needs a coordinator, or several of these, of which
    `why` and `since` tell the first."""

    is_urgent: bool
    is_late: bool
    since: datetime | None
    why: str
    strands: list[int] = field(default_factory=list)


def count_waiting(request: HttpRequest) -> Waiting:
    """Count once for each request: the header of every page shows it, except on error pages."""
    if getattr(request, "is_refused", False):
        return Waiting()
    if not hasattr(request, "_waiting"):
        request._waiting = _count_waiting(request, get_user_context(request))
    return request._waiting


def _count_waiting(request: HttpRequest, user_context: UserContext) -> Waiting:
    """Count everything in one statement."""
    wanted = {}
    if user_context.organisations:
        offers = offers_to_answer(user_context).annotate(urgent=F("strand__referral__is_urgent"))
        wanted["offers"] = _counts(offers.annotate(item=F("strand__referral")))
    if user_context.is_coordinator:
        strands = strands_to_coordinate(user_context).annotate(urgent=F("referral__is_urgent"))
        wanted["strands"] = _counts(strands.annotate(item=F("referral")))
    if not wanted:
        return Waiting()
    if len(wanted) == 2:  # whoever has both roles has some referrals to answer and to coordinate
        of_both = offers.filter(strand__referral__in=_keys(strands, "referral"))
        also_late = Q(is_late=True) & Q(strand__referral__in=_keys(strands.filter(is_late=True), "referral"))
        wanted["both"] = _counts(of_both.annotate(item=F("strand__referral"), is_late=also_late))
    messages = open_messages(request).annotate(is_late=Value(False), urgent=Value(False), item=F("pk"))
    wanted["messages"] = _counts(messages)
    found = User.objects.filter(pk=request.user.pk).values(**wanted).get()
    offers, strands, both, messages = (found.get(what) or _NONE for what in ("offers", "strands", "both", "messages"))
    total = {what: offers[what] + strands[what] - both[what] for what in _NONE}
    return Waiting(
        offers=offers["all"],
        strands=strands["all"],
        referrals=total["all"],
        late=total["late"],
        urgent=total["urgent"],
        messages=messages["all"],
    )


_NONE = {"all": 0, "late": 0, "urgent": 0}


def _counts(rows: QuerySet) -> Subquery:
    """Count the distinct `item` of rows with `is_late` and `urgent`, so that a referral in two parts counts once."""
    numbers = JSONObject(
        all=Count("item", distinct=True),
        late=Count("item", distinct=True, filter=Q(is_late=True)),
        urgent=Count("item", distinct=True, filter=Q(urgent=True)),
    )
    return Subquery(rows.order_by().values(one=Value(1)).annotate(numbers=numbers).values("numbers"))


def _keys(rows: QuerySet, path: str) -> QuerySet:
    return rows.order_by().values(path)


def find_waiting(request: HttpRequest) -> dict[int, WaitingReferral]:
    """Return what waits, by the key of its referral: the urgent first, then the late, then what has waited longest."""
    if not hasattr(request, "_waiting_referrals"):
        request._waiting_referrals = _find_waiting(get_user_context(request))
    return request._waiting_referrals


def _find_waiting(user_context: UserContext) -> dict[int, WaitingReferral]:
    rows = []
    if user_context.organisations:
        offers = offers_to_answer(user_context).values_list(
            "strand__referral", "strand", "strand__referral__is_urgent", "is_late", "offered_at", "organisation__name"
        )
        for referral, strand, is_urgent, is_late, since, organisation in offers:
            why = f"{organisation} was asked" if len(user_context.organisations) > 1 else "You were asked"
            rows.append((referral, strand, WaitingReferral(is_urgent, is_late, since, why)))
    if user_context.is_coordinator:
        strands = strands_to_coordinate(user_context).values_list(
            "referral",
            "pk",
            "referral__is_urgent",
            "is_late",
            "coordinator_told_at",
            "why_coordinator",
            "has_no_member",
        )
        for referral, strand, is_urgent, is_late, since, reason, has_no_member in strands:
            why = _why_coordinator(reason, has_no_member=has_no_member)
            rows.append((referral, strand, WaitingReferral(is_urgent, is_late, since, why)))
    rows.sort(key=lambda row: (not row[2].is_urgent, not row[2].is_late, row[2].since or _LONG_AGO, row[:2]))
    found: dict[int, WaitingReferral] = {}
    for referral, strand, waiting in rows:
        found.setdefault(referral, waiting).strands.append(strand)
    return found


def _why_coordinator(reason: str, *, has_no_member: bool) -> str:
    if reason:
        return capfirst(WhyCoordinator(reason).label)
    return "Its organisation is suspended or has left" if has_no_member else "An organisation has not answered"


def waiting_condition(request: HttpRequest, *, only_late: bool = False) -> Q:
    """Return the condition for referrals with something waiting for the user."""
    user_context = get_user_context(request)
    offers, strands = offers_to_answer(user_context), strands_to_coordinate(user_context)
    if only_late:
        offers, strands = offers.filter(is_late=True), strands.filter(is_late=True)
    # A union of keys is fast, where two conditions are not: see `filters.concerns`.
    return Q(pk__in=_keys(offers, "strand__referral").union(_keys(strands, "referral")))


def offers_to_answer(user_context: UserContext) -> QuerySet:
    return (
        visible_to(user_context.user, Assignment)
        .filter(
            status=AssignmentStatus.OFFERED,
            place_from=None,
            **({"strand__network": user_context.workplace.network} if user_context.workplace else {}),
            organisation__in=[organisation.pk for organisation in user_context.organisations],
        )
        .annotate(is_late=is_late_offer())
        .order_by("-strand__referral__is_urgent", "offered_at", "pk")
    )


def strands_to_coordinate(user_context: UserContext) -> QuerySet:
    networks = Network.objects.values("pk") if user_context.runs_all_networks else user_context.coordinated_ids
    return (
        visible_to(user_context.user, waiting_strands(networks))
        .annotate(has_no_member=Exists(live_without_membership().filter(strand=OuterRef("pk"))))
        .annotate(is_late=_is_late_strand())
        .order_by("-referral__is_urgent", F("coordinator_told_at").asc(nulls_first=True), "pk")
    )


def open_messages(request: HttpRequest) -> QuerySet:
    return limit_to_workplace(request, visible_to(request.user, PublicMessage).filter(state=MessageState.OPEN))


def _is_late_strand() -> Q:
    """It has been with the coordinator for longer than an organisation may take, or its organisation has not answered
    in time or is no longer in the network."""
    days = Case(
        When(referral__is_urgent=True, then=F("network__urgent_reminder_days")), default=F("network__reminder_days")
    )
    told_long_ago = Q(coordinator_told_at__lt=timezone.now() - days * timedelta(days=1))
    return told_long_ago | ~Q(status=StrandStatus.WITH_COORDINATOR)
