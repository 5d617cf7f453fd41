"""The list of the Referrals screen: tabs, filters, pages. The number of queries does not depend on the rows."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest

from backoffice.user_context import UserContext, get_user_context, limit_to_workplace
from backoffice.workspace.states import Chip, chip_of, leading_chip
from referrals.access import visible_to
from referrals.enums import LIVE_ASSIGNMENT
from referrals.filters import OPEN_AND_URGENT, ReferralFilter, concerning
from referrals.models import Assignment, Need, Referral, Strand

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class ListRow:
    referral: Referral
    needs: list[str]
    chip: Chip | None
    parts: int


@dataclass(frozen=True, slots=True)
class Listing:
    filter: ReferralFilter
    tabs: list[Tab]
    page: Page
    rows: list[ListRow]
    is_filtered: bool


class _CountedPaginator(Paginator):
    """The count is known already, from the tabs."""

    def __init__(self, queryset: QuerySet, count: int) -> None:
        super().__init__(queryset, PAGE_SIZE)
        self.count = count


def filtered(request: HttpRequest) -> ReferralFilter:
    newest = limit_to_workplace(request, visible_to(request.user, Referral)).order_by("-created_at", "-pk")
    return ReferralFilter(request.GET, queryset=newest, request=request)


def current_tab(request: HttpRequest) -> str:
    """Return the tab asked for; organisations begin with their own referrals, coordinators with all."""
    tab = request.GET.get("tab")
    return tab if tab in ("all", "yours", "urgent") else ("yours" if get_user_context(request).organisations else "all")


def _yours(request: HttpRequest) -> Q:
    user_context = get_user_context(request)
    return concerning([organisation.pk for organisation in user_context.organisations], user_context.coordinated)


def within_tab(referrals: QuerySet, tab: str, request: HttpRequest) -> QuerySet:
    if tab == "yours":
        return referrals.filter(_yours(request))
    return referrals.filter(OPEN_AND_URGENT) if tab == "urgent" else referrals


def listing(request: HttpRequest) -> Listing:
    found = filtered(request)
    current = current_tab(request)
    counts = found.qs.order_by().aggregate(
        all=Count("pk"),
        yours=Count("pk", filter=_yours(request)),
        urgent=Count("pk", filter=OPEN_AND_URGENT),
    )
    labels = {"all": "All", "yours": _yours_label(get_user_context(request)), "urgent": "Urgent"}
    tabs = [Tab(key, label, counts[key], key == current) for key, label in labels.items()]
    rows = _with_what_rows_show(within_tab(found.qs, current, request), request)
    page = _CountedPaginator(rows, counts[current]).get_page(request.GET.get("page"))
    return Listing(
        filter=found,
        tabs=tabs,
        page=page,
        rows=[_row(referral, get_user_context(request)) for referral in page],
        is_filtered=any(found.form.cleaned_data.values()) if found.form.is_valid() else True,
    )


def _yours_label(user_context: UserContext) -> str:
    return "Your referrals" if user_context.organisations else "With you"


def _with_what_rows_show(referrals: QuerySet, request: HttpRequest) -> QuerySet:
    """Add what a row shows, and of the person no more than the name."""
    live = Assignment.objects.filter(status__in=LIVE_ASSIGNMENT).select_related("organisation")
    strands = visible_to(request.user, Strand).prefetch_related(Prefetch("assignments", live, to_attr="live"))
    needs = visible_to(request.user, Need).select_related("category")
    return (
        referrals.select_related("person")
        .only("reference", "status", "is_urgent", "outcode", "created_at", "closed_at", "person__name")
        .prefetch_related(Prefetch("strands", strands), Prefetch("needs", needs))
    )


def _row(referral: Referral, user_context: UserContext) -> ListRow:
    strands = list(referral.strands.all())
    chips = [chip_of(strand, next(iter(strand.live), None), user_context) for strand in strands]
    needs = [need.category.name for need in referral.needs.all()]
    return ListRow(referral, needs, leading_chip(chips), len(strands))
