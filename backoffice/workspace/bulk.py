"""Closing many referrals as spam, and letting many through: choose them, see how many they are, confirm."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backoffice.responses import not_found, render_page
from backoffice.workspace.listing import current_tab, filter_referrals, find_searched, limit_to_tab, list_rows
from backoffice.workspace.screen import list_url
from referrals import workflow
from referrals.access import coordinated_networks, coordinated_strands, visible_to
from referrals.enums import AssignmentStatus, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Referral, Strand, User

MAX_AT_ONCE = 500  # each is a transaction of its own, of about ten milliseconds


@dataclass(frozen=True, slots=True)
class BulkAction:
    """`suits` is a condition on referrals; `do` raises Refusal. The template bulk_<name>.html asks for confirmation."""

    name: str
    title: str
    done: str
    suits: Callable[[User], Q]
    do: Callable[[Referral, User], None]


def _is_open_and_not_accepted(user: User) -> Q:
    coordinated = coordinated_strands(user).filter(referral=OuterRef("pk"))
    accepted = Assignment.objects.filter(
        strand__referral=OuterRef("pk"), strand__in=coordinated_strands(user), status=AssignmentStatus.ACCEPTED
    )
    return Q(Exists(coordinated.exclude(status=StrandStatus.CLOSED))) & ~Q(Exists(accepted))


def _held_strands(user: User) -> QuerySet[Strand]:
    return coordinated_strands(user).filter(why_coordinator=WhyCoordinator.HELD)


@transaction.atomic  # all its strands or none
def _let_through(referral: Referral, user: User) -> None:
    for strand in _held_strands(user).filter(referral=referral).order_by("network_id").distinct("network_id"):
        workflow.let_through(strand.pk, actor=user)


SPAM = BulkAction(
    "spam",
    "Close as spam",
    "closed as spam. Nobody was told.",
    _is_open_and_not_accepted,
    lambda referral, user: workflow.close_as_spam(referral.pk, actor=user),
)
LET_THROUGH = BulkAction(
    "let_through",
    "Let through",
    "let through: the organisations that suit are asked now.",
    lambda user: Q(Exists(_held_strands(user).filter(referral=OuterRef("pk")))),
    _let_through,
)


def close_many_as_spam(request: HttpRequest) -> HttpResponse:
    return _show_or_do(request, SPAM)


def let_many_through(request: HttpRequest) -> HttpResponse:
    return _show_or_do(request, LET_THROUGH)


def _show_or_do(request: HttpRequest, verb: BulkAction) -> HttpResponse:
    """Without `pick`, choose from what the list shows; with it, confirm; with `confirmed` as well, do it."""
    user = request.user
    if not (user.is_superuser or coordinated_networks(user).exists()):
        return not_found(request)
    given = request.POST if request.method == "POST" else request.GET
    picked = set(" ".join(given.getlist("pick")).split())
    if picked:
        listed = visible_to(user, Referral).filter(reference__in=picked)
    else:
        listed = limit_to_tab(filter_referrals(request).qs, current_tab(request), request)
    # Referrals that the user may see but not coordinate are left out before anything is counted.
    listed = listed.filter(Exists(coordinated_strands(user).filter(referral=OuterRef("pk"))))
    suited = listed.filter(verb.suits(user)).order_by("-created_at", "-pk")
    if request.method == "POST" and picked and "confirmed" in request.POST:
        return _do_to_each(request, verb, suited[:MAX_AT_ONCE], asked=listed.count())
    number = suited.count()
    return render_page(
        request,
        f"backoffice/answers/bulk_{verb.name}.html",
        title=verb.title,
        rows=list_rows(request, suited[:MAX_AT_ONCE]),
        number=number,
        left_out=listed.count() - number,
        is_picked=bool(picked),
        # If a list of everything were ticked to begin with, genuine referrals would soon be closed.
        is_ticked=current_tab(request) == "check" or bool(find_searched(request)),
        nothing_picked=request.method == "POST" and not picked,
        back=list_url(request),
    )


def _do_to_each(request: HttpRequest, verb: BulkAction, referrals: QuerySet[Referral], *, asked: int) -> HttpResponse:
    done = 0
    for referral in referrals:
        try:
            verb.do(referral, request.user)
        except workflow.Refusal:  # somebody else was first: said below
            continue
        done += 1
    if done:
        messages.success(request, f"{done} referral{'s were' if done != 1 else ' was'} {verb.done}")
    if left := asked - done:
        were = "1 was left unchanged" if left == 1 else f"{left} were left unchanged"
        messages.info(request, f"{were}: accepted by an organisation, or dealt with in the meantime.")
    return HttpResponseRedirect(list_url(request))
