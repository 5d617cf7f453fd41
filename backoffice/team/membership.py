"""Suspending an organisation in a network, taking it back, leaving: each with what follows, before it is done."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backoffice.team.people import say
from backoffice.workspace.screen import not_found, screen
from referrals import workflow
from referrals.access import can_coordinate, can_leave, own_organisations, visible_to
from referrals.enums import AssignmentStatus, MembershipStatus
from referrals.models import Assignment, NetworkMembership, Organisation, User

_HANDED_OVER = " Its unanswered offers ({offers}) were passed on; its open cases ({cases}) wait on the start page."


def _changes(
    template: str, verb: Callable[..., NetworkMembership], may: Callable[[User, NetworkMembership], bool], told: str
) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        rows = visible_to(request.user, NetworkMembership).select_related("organisation", "network")
        membership = rows.filter(pk=pk).first()
        if membership is None or not may(request.user, membership):
            return not_found(request)
        held = _held(membership)
        if request.method == "POST":
            say(
                request,
                lambda: verb(pk, actor=request.user),
                lambda done: told.format(done.organisation, done.network, **held),
            )
            return HttpResponseRedirect(_after(request, membership))
        title = str(membership)
        return screen(request, f"backoffice/team/{template}.html", title=title, membership=membership, **held)

    return view


def _may_coordinate(user: User, membership: NetworkMembership) -> bool:
    return can_coordinate(user, membership.network_id)


suspend = _changes("suspend", workflow.suspend, _may_coordinate, "{} is suspended in {}." + _HANDED_OVER)
resume = _changes("resume", workflow.resume, _may_coordinate, "{} is back in {}.")
leave = _changes("leave", workflow.leave, can_leave, "{} has left {}." + _HANDED_OVER)


def _held(membership: NetworkMembership) -> dict[str, int]:
    held = Assignment.objects.filter(organisation=membership.organisation_id, strand__network=membership.network_id)
    return {
        "offers": held.filter(status=AssignmentStatus.OFFERED).count(),
        "cases": held.filter(status=AssignmentStatus.ACCEPTED).count(),
    }


def _after(request: HttpRequest, membership: NetworkMembership) -> str:
    if visible_to(request.user, Organisation).filter(pk=membership.organisation_id).exists():
        return reverse("backoffice:referrals_organisation_change", args=[membership.organisation_id])
    return reverse("backoffice:index")


def steps_for(user: User, organisation: Organisation) -> list[tuple[str, str]]:
    """Return label and address of what `user` can do about the organisation's places in networks."""
    rows = visible_to(user, NetworkMembership).filter(organisation=organisation).select_related("network")
    leaving = "Leave" if own_organisations(user).filter(pk=organisation.pk).exists() else "Take out of"
    several = len(rows) > 1
    found = []
    for membership in rows:
        where = f" in {membership.network}" if several else ""
        is_active, has_left = (membership.status == s for s in (MembershipStatus.ACTIVE, MembershipStatus.LEFT))
        offers = [
            ("suspend", f"Suspend{where}", is_active and _may_coordinate(user, membership)),
            ("resume", f"Take back{where}", not is_active and _may_coordinate(user, membership)),
            ("leave", f"{leaving} {membership.network}", not has_left and can_leave(user, membership)),
        ]
        found += [(label, _url(name, membership)) for name, label, is_offered in offers if is_offered]
    return found


def _url(name: str, membership: NetworkMembership) -> str:
    return reverse(f"backoffice:membership_{name}", args=[membership.pk])
