"""The list of the Referrals screen: tabs, filters, pages."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from backoffice.searches import PARAMETER, find_search, keep_search
from backoffice.user_context import UserContext, get_user_context, limit_to_workplace
from backoffice.waiting import WaitingReferral, find_waiting, waiting_condition
from backoffice.workspace.own_cases import pick_own_cases
from backoffice.workspace.paging import MOST_COUNTED, NEWER, OLDER, count_each, read_page
from backoffice.workspace.saved_filters import query_of
from backoffice.workspace.states import Chip, chip_of, leading_chip
from referrals.access import coordinated_strands, visible_to
from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, WhyCoordinator
from referrals.filters import OPEN_AND_URGENT, ReferralFilter, concerns
from referrals.models import Assignment, Need, Referral, Strand
from referrals.models.referrals import can_still_be_accepted


def filter_referrals(request: HttpRequest) -> ReferralFilter:
    """Filter as the address says. Where its search is no longer kept nothing is found, rather than everything."""
    newest = limit_to_workplace(request, visible_to(request.user, Referral)).order_by("-created_at", "-pk")
    query, text = request.GET.copy(), find_searched(request)
    query["q"] = text or ""
    return ReferralFilter(query, queryset=newest.none() if text is None else newest, request=request)


def find_searched(request: HttpRequest) -> str | None:
    """Return the text that was looked for, "" for none; None if it is no longer kept."""
    if "q" in request.GET:  # an address of old, which only the screen itself still understands
        return None
    return find_search(request.session, request.GET.get(PARAMETER, ""))


def searched_url(request: HttpRequest) -> str:
    """Keep what is looked for, and return the address of the list with the other filters as they were sent."""
    given = request.POST if request.method == "POST" else request.GET
    query = QueryDict(mutable=True)
    for name, value in given.items():
        if value and name in {*ReferralFilter.base_filters, "tab", "view"} - {"q"}:
            query[name] = value
    if key := keep_search(request.session, given.get("q", "")):
        query[PARAMETER] = key
    return f"{reverse('backoffice:referrals')}?{query.urlencode()}"


def _query_without_filters(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in (*ReferralFilter.base_filters, PARAMETER, OLDER, NEWER):
        query.pop(name, None)
    return f"?{query.urlencode()}"


def _is_yours(request: HttpRequest) -> Q:
    user_context = get_user_context(request)
    return concerns([organisation.pk for organisation in user_context.organisations], user_context.coordinated_ids)


def _is_to_check(request: HttpRequest) -> Q:
    held = coordinated_strands(request.user).filter(why_coordinator=WhyCoordinator.HELD)
    return Q(pk__in=held.order_by().values("referral"))


# "late" and "pressing" are reached from the first page, and shown only while they are current.
_CONDITIONS: dict[str, Callable[[HttpRequest], Q]] = {
    "all": lambda request: Q(),
    "yours": _is_yours,
    "waiting": waiting_condition,
    "urgent": lambda request: OPEN_AND_URGENT,
    "check": _is_to_check,
    "late": partial(waiting_condition, only_late=True),
    "pressing": lambda request: waiting_condition(request) & OPEN_AND_URGENT,
}

# Work to be done, in the order of the first page. The other tabs begin with the newest.
_WORK_TABS = ("waiting", "late", "pressing")
_PAGE_LABELS = {
    True: {"previous_label": "Previous", "next_label": "Next"},
    False: {"previous_label": "Newer", "next_label": "Older"},
}


def current_tab(request: HttpRequest) -> str:
    """Return the tab asked for. Organisations begin with their own referrals, coordinators with all."""
    has_own = bool(get_user_context(request).organisations)
    tab = request.GET.get("tab")
    if tab == "yours" and not has_own:
        return "waiting"
    return tab if tab in _CONDITIONS else "yours" if has_own else "all"


def limit_to_tab(referrals: QuerySet, tab: str, request: HttpRequest) -> QuerySet:
    found = referrals.filter(_CONDITIONS[tab](request))
    return found.order_by(_place_among_waiting(request), "pk") if tab in _WORK_TABS else found


def _place_among_waiting(request: HttpRequest) -> Func:
    keys = Cast(Value(list(find_waiting(request))), ArrayField(BigIntegerField()))
    return Func(keys, F("pk"), function="array_position")


def list_referrals(request: HttpRequest) -> dict[str, Any]:
    user_context = get_user_context(request)
    referral_filter = filter_referrals(request)
    current = current_tab(request)
    labels = {
        "all": "All",
        # Without an organisation, this tab would be the same as "Waiting for you".
        **({"yours": "Your referrals"} if user_context.organisations else {}),
        "waiting": "Waiting for you",
        "check": "To check",
        "urgent": "Urgent",
        **({"late": "Late"} if current == "late" else {}),
        **({"pressing": "Waiting and urgent"} if current == "pressing" else {}),
    }
    numbers = count_each([referral_filter.qs.filter(_CONDITIONS[tab](request)) for tab in labels])
    counts = dict(zip(labels, numbers, strict=True))
    if not counts["check"] and current != "check":
        del labels["check"]
    found = referral_filter.qs.filter(_CONDITIONS[current](request))
    waiting = find_waiting(request) if current in _WORK_TABS else {}
    order = _in_order_of_work(found, waiting) if current in _WORK_TABS else None
    page = read_page(_with_row_details(found, request), request, order=order)
    form = referral_filter.form
    return {
        "filter": referral_filter,
        "tabs": [
            {"key": key, "label": label, "count": counts[key], "is_current": key == current}
            for key, label in labels.items()
        ],
        "most_counted": MOST_COUNTED,
        "current": current,
        "page": page,
        **_PAGE_LABELS[current in _WORK_TABS],
        "rows": [_row(referral, user_context, waiting.get(referral.pk)) for referral in page.rows],
        "is_coordinator": user_context.is_coordinator,
        "saved_filters": request.user.saved_filters,
        "query": query_of(request),
        "forms": [network for network in user_context.networks if network.has_public_form],
        "is_search_over": find_searched(request) is None,
        "without_filters": _query_without_filters(request),
        "is_filtered": any(form.cleaned_data.values()) if form.is_valid() else True,
    }


def _in_order_of_work(referrals: QuerySet, waiting: Mapping[int, WaitingReferral]) -> list[int]:
    found = set(referrals.order_by().values_list("pk", flat=True))
    return [key for key in waiting if key in found]


def list_rows(request: HttpRequest, referrals: QuerySet) -> list[dict[str, Any]]:
    user_context = get_user_context(request)
    return [_row(referral, user_context) for referral in _with_row_details(referrals, request)]


def _with_row_details(referrals: QuerySet, request: HttpRequest) -> QuerySet:
    """Load what a row shows: of the person, no more than the name."""
    own_late = can_still_be_accepted() & Q(organisation__in=get_user_context(request).organisations)
    shown = Assignment.objects.filter(Q(status__in=LIVE_ASSIGNMENT) | own_late)
    shown = shown.select_related("organisation", "owner__user")
    strands = visible_to(request.user, Strand).prefetch_related(Prefetch("assignments", shown, to_attr="shown"))
    needs = visible_to(request.user, Need).select_related("category")
    return (
        referrals.select_related("person")
        .only("reference", "status", "is_urgent", "outcode", "created_at", "closed_at", "person__name")
        .prefetch_related(Prefetch("strands", strands), Prefetch("needs", needs))
    )


def _row(referral: Referral, user_context: UserContext, waiting: WaitingReferral | None = None) -> dict[str, Any]:
    strands = list(referral.strands.all())
    chips = [_chip(strand, user_context) for strand in strands]
    needs = [need.category.name for need in referral.needs.all()]
    return {
        "referral": referral,
        "needs": needs,
        "chip": leading_chip(chips),
        "parts": len(strands),
        "waiting": waiting,
        "own_cases": pick_own_cases((one for strand in strands for one in strand.shown), user_context),
    }


def _chip(strand: Strand, user_context: UserContext) -> Chip:
    live = next((each for each in strand.shown if each.status in LIVE_ASSIGNMENT), None)
    own_late = next((each for each in strand.shown if each.status == AssignmentStatus.LAPSED), None)
    return chip_of(strand, live, own_late, user_context)
