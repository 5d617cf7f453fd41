"""The team of an organisation or of a network, and inviting organisations."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from backoffice.responses import not_found, perform, render_page
from backoffice.team.forms import InviteForm, InviteOrganisationForm
from backoffice.team.teams import Team, find_team, pending_invitations, team_url
from referrals import accounts
from referrals.access import changeable_by, visible_to
from referrals.enums import OrganisationRole
from referrals.models import Invitation, Network


def _invited(invitation: Invitation) -> str:
    if accounts.awaits_owner(invitation):
        return f"An owner of {invitation.organisation} has been asked. If one agrees, {invitation.email} gets the link."
    return f"{invitation.email} has been invited, and can join until {invitation.expires_at:%-d %B}."


class TeamMixin:
    team: Team

    def dispatch(self, request: HttpRequest, kind: str, pk: int, **kwargs: int) -> HttpResponse:
        team = find_team(request.user, kind, pk)
        if team is None:
            return not_found(request)
        self.team = team
        return super().dispatch(request, **kwargs)


class TeamView(TeamMixin, View):
    def get(self, request: HttpRequest, form: InviteForm | None = None) -> HttpResponse:
        first = {} if self.team.rows.exists() else {"role": self.team.roles[0][0]}  # who can invite the others
        return render_page(
            request,
            "backoffice/team/team.html",
            title=f"The team of {self.team.place}",
            team=self.team,
            form=form or InviteForm(roles=self.team.roles, initial=first),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InviteForm(request.POST, roles=self.team.roles)
        if not form.is_valid():
            return self.get(request, form)
        perform(request, lambda: self.team.invite(**form.cleaned_data), _invited)
        return HttpResponseRedirect(team_url(self.team.place))


class ChangeRoleView(TeamMixin, View):
    def post(self, request: HttpRequest, member: int) -> HttpResponse:
        row = self.team.rows.filter(pk=member).first() if self.team.changes_roles else None
        role = request.POST.get("role")
        if row is None or role not in OrganisationRole.values:
            return not_found(request)
        perform(
            request,
            lambda: accounts.change_role(row.pk, actor=request.user, role=OrganisationRole(role)),
            lambda changed: f"The role of {changed.user} is now {changed.get_role_display().lower()}.",
        )
        return HttpResponseRedirect(team_url(self.team.place))


class RemoveView(TeamMixin, View):
    def get(self, request: HttpRequest, member: int) -> HttpResponse:
        row = self._find(member)
        if row is None:
            return not_found(request)
        title = f"Remove {row.user}"
        return render_page(request, "backoffice/team/remove.html", title=title, team=self.team, row=row)

    def post(self, request: HttpRequest, member: int) -> HttpResponse:
        row = self._find(member)
        if row is None:
            return not_found(request)
        perform(request, lambda: self.team.remove(row.pk), f"{row.user} has been removed.")
        is_still_in = find_team(request.user, self.team.kind, self.team.place.pk)
        return HttpResponseRedirect(team_url(self.team.place) if is_still_in else reverse("backoffice:index"))

    def _find(self, member: int):
        return self.team.rows.filter(pk=member).first() if self.team.may_manage else None


def invite_organisation(request: HttpRequest) -> HttpResponse:
    networks = changeable_by(request.user, Network)
    if not networks.exists():
        return not_found(request)
    form = InviteOrganisationForm(request.POST or None, networks=networks)
    if request.method == "POST" and form.is_valid():
        network, name, email = (form.cleaned_data[field] for field in ("network", "name", "email"))
        invite = partial(accounts.invite_organisation, network.pk, actor=request.user, name=name, email=email)
        if perform(request, invite, _invited):
            return HttpResponseRedirect(reverse("backoffice:invite_organisation"))
    invitations = visible_to(request.user, Invitation).exclude(organisation_name="")
    return render_page(
        request,
        "backoffice/team/invite_organisation.html",
        title="Invite an organisation",
        form=form,
        invitations=pending_invitations(invitations.filter(network__in=networks.values("pk"))),
    )


class InvitationView(View):
    verb: Callable[..., Invitation]
    success: str

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = visible_to(request.user, Invitation).filter(pk=pk).first()
        if invitation is None:
            return not_found(request)
        perform(request, lambda: self.verb(pk, actor=request.user), self.success.format(invitation.email))
        return HttpResponseRedirect(_listed_at(invitation))


def _listed_at(invitation: Invitation) -> str:
    if invitation.organisation_name:
        return reverse("backoffice:invite_organisation")
    return team_url(invitation.organisation or invitation.network)


class DecideView(View):
    """Lets an owner decide whether somebody may join who was invited by somebody outside the organisation."""

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = visible_to(request.user, Invitation).exclude(organisation=None)
        invitation = rows.select_related("organisation", "invited_by").filter(pk=pk).first()
        if invitation is None or request.user.pk not in accounts.find_owners(invitation.organisation):
            return not_found(request)
        return super().dispatch(request, invitation)

    def get(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        return render_page(
            request,
            "backoffice/team/decide.html",
            title=f"May {invitation.email} join?",
            invitation=invitation,
            awaits_owner=invitation.is_open and accounts.awaits_owner(invitation),
            team_url=team_url(invitation.organisation),
        )

    def post(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        if request.POST.get("answer") == "yes":
            verb, success = accounts.agree_to_invitation, f"{invitation.email} gets the invitation now."
        elif request.POST.get("answer") == "no":
            verb, success = accounts.refuse_invitation, f"{invitation.email} cannot join, and has been told."
        else:
            return self.get(request, invitation)
        perform(request, lambda: verb(invitation.pk, actor=request.user), success)
        return HttpResponseRedirect(team_url(invitation.organisation))


class SendAgainView(InvitationView):
    verb = staticmethod(accounts.send_again)
    success = "The invitation to {} is being sent again."


class WithdrawView(InvitationView):
    verb = staticmethod(accounts.withdraw_invitation)
    success = "The invitation to {} has been withdrawn. Its link no longer works."

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        pending = visible_to(request.user, Invitation).filter(accepted_at=None, withdrawn_at=None)
        invitation = pending.select_related("organisation", "network").filter(pk=pk).first()
        if invitation is None:
            return not_found(request)
        title = f"Withdraw the invitation to {invitation.email}"
        context = {"invitation": invitation, "back": _listed_at(invitation)}
        return render_page(request, "backoffice/team/withdraw.html", title=title, **context)
