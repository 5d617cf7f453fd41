"""Passing on many offers and cases, as of an organisation that is silent: choose, see who is next, confirm."""

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backoffice.responses import not_found, render_page
from backoffice.workspace.listing import current_tab, filter_referrals, limit_to_tab, list_rows
from backoffice.workspace.screen import list_url
from referrals import workflow
from referrals.access import coordinated_networks, coordinated_strands, visible_to
from referrals.enums import LIVE_ASSIGNMENT, StrandStatus
from referrals.models import Assignment, Need, Referral, Strand

MAX_AT_ONCE = 100  # each is done twice, once to see who is next


def reassign_many(request: HttpRequest) -> HttpResponse:
    """Without `pick`, choose from what the list shows; with it, see who is next; with `confirmed` as well, do it."""
    user = request.user
    if not (user.is_superuser or coordinated_networks(user).exists()):
        return not_found(request)
    given = request.POST if request.method == "POST" else request.GET
    picked = {int(key) for key in " ".join(given.getlist("pick")).split() if key.isdecimal() and len(key) < 19}
    held = _find_held(request)
    held = held.filter(pk__in=picked) if picked else _limit_to_list(held, request)
    if request.method == "POST" and picked and "confirmed" in request.POST:
        return _reassign_each(request, held[:MAX_AT_ONCE], asked=len(picked))
    rows = _make_rows(request, list(held[:MAX_AT_ONCE]), with_next=bool(picked))
    return render_page(
        request,
        "backoffice/answers/bulk_reassign.html",
        title="Ask somebody else",
        rows=rows,
        number=held.count(),
        is_picked=bool(picked),
        is_ticked="assigned" in request.GET,
        nothing_picked=request.method == "POST" and not picked,
        back=list_url(request),
    )


def _find_held(request: HttpRequest) -> QuerySet[Assignment]:
    """Return the offers and cases of the parts that the user coordinates, the oldest first."""
    own = coordinated_strands(request.user).exclude(status=StrandStatus.CLOSED)
    live = visible_to(request.user, Assignment).filter(strand__in=own, status__in=LIVE_ASSIGNMENT)
    related = ("organisation", "strand__referral")
    needs = Prefetch("strand__needs", Need.objects.select_related("category"))
    return live.select_related(*related).prefetch_related(needs).order_by("offered_at", "pk")


def _limit_to_list(held: QuerySet[Assignment], request: HttpRequest) -> QuerySet[Assignment]:
    """Leave those of the referrals that the list shows and, if it shows those of one organisation, of that alone."""
    found = filter_referrals(request)
    listed = limit_to_tab(found.qs, current_tab(request), request).order_by()
    held = held.filter(strand__referral__in=listed.values("pk"))
    organisation = found.form.cleaned_data.get("assigned") if found.form.is_valid() else None
    return held.filter(organisation=organisation) if organisation else held


def _make_rows(request: HttpRequest, held: list[Assignment], *, with_next: bool) -> list[dict]:
    """Return a row for each; `next` is the organisation that would be asked, or None."""
    referrals = Referral.objects.filter(pk__in=[assignment.strand.referral_id for assignment in held])
    shown = {row["referral"].pk: row for row in list_rows(request, visible_to(request.user, referrals))}
    rows = []
    for assignment in held:
        needs = [need.category.name for need in assignment.strand.needs.all()]
        row = {**shown[assignment.strand.referral_id], "held": assignment, "pick": assignment.pk, "needs": needs}
        if with_next:
            try:
                row["next"] = workflow.preview_reassign(assignment.pk, actor=request.user)
            except workflow.Refusal:  # somebody else was first
                continue
        rows.append(row)
    return rows


def _reassign_each(request: HttpRequest, held: QuerySet[Assignment], *, asked: int) -> HttpResponse:
    strands = []
    for assignment in held:
        try:
            strands.append(workflow.reassign(assignment.pk, actor=request.user).pk)
        except workflow.Refusal:  # said below
            continue
    handed = Strand.objects.filter(pk__in=strands, status=StrandStatus.WITH_COORDINATOR).count()
    if others := len(strands) - handed:
        messages.success(request, f"For {others} of them the next organisation has been asked.")
    if handed:
        messages.warning(request, f"For {handed} nobody was left on the list: choose an organisation yourself.")
    if left := asked - len(strands):
        were = "1 was left unchanged" if left == 1 else f"{left} were left unchanged"
        messages.info(request, f"{were}: answered, or dealt with in the meantime.")
    return HttpResponseRedirect(list_url(request))
