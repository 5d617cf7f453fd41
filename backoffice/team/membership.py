"""Suspending an organisation in a network, reinstating it, leaving. Each page first says what will happen."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from backoffice.responses import not_found, perform, render_page
from referrals import workflow
from referrals.access import can_coordinate, can_leave, visible_to
from referrals.enums import AssignmentStatus
from referrals.models import Assignment, NetworkMembership, Organisation, User

_HANDED_OVER = " Its unanswered offers ({offers}) were passed on; its open cases ({cases}) wait on the start page."


class ChangeMembershipView(View):
    template: str
    verb: Callable[..., NetworkMembership]
    success: str

    def is_allowed(self, user: User, membership: NetworkMembership) -> bool:
        return can_coordinate(user, membership.network_id)

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        memberships = visible_to(request.user, NetworkMembership).select_related("organisation", "network")
        membership = memberships.filter(pk=pk).first()
        if membership is None or not self.is_allowed(request.user, membership):
            return not_found(request)
        assignments = Assignment.objects.filter(
            organisation=membership.organisation_id, strand__network=membership.network_id
        )
        counts = {
            "offers": assignments.filter(status=AssignmentStatus.OFFERED).count(),
            "cases": assignments.filter(status=AssignmentStatus.ACCEPTED).count(),
        }
        return super().dispatch(request, membership, counts)

    def get(self, request: HttpRequest, membership: NetworkMembership, counts: dict[str, int]) -> HttpResponse:
        return render_page(request, self.template, title=str(membership), membership=membership, **counts)

    def post(self, request: HttpRequest, membership: NetworkMembership, counts: dict[str, int]) -> HttpResponse:
        success = self.success.format(membership.organisation, membership.network, **counts)
        perform(request, lambda: self.verb(membership.pk, actor=request.user), success)
        # Those who took their own organisation out of its last network may no longer see it.
        if visible_to(request.user, Organisation).filter(pk=membership.organisation_id).exists():
            page = reverse("backoffice:network_organisation", args=[membership.organisation_id])
        else:
            page = reverse("backoffice:index")
        return HttpResponseRedirect(page)


class SuspendView(ChangeMembershipView):
    template = "backoffice/team/suspend.html"
    verb = staticmethod(workflow.suspend)
    success = "{} is suspended in {}." + _HANDED_OVER


class ReinstateView(ChangeMembershipView):
    template = "backoffice/team/reinstate.html"
    verb = staticmethod(workflow.reinstate)
    success = "{} is back in {}."


class LeaveView(ChangeMembershipView):
    template = "backoffice/team/leave.html"
    verb = staticmethod(workflow.leave)
    success = "{} has left {}." + _HANDED_OVER

    def is_allowed(self, user: User, membership: NetworkMembership) -> bool:
        return can_leave(user, membership)
