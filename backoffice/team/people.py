"""The screen of an organisation's or a network's people, and inviting organisations."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.team.forms import InviteForm, InviteOrganisationForm
from backoffice.team.teams import Team, find_team, pending, people_url
from backoffice.workspace.screen import not_found, screen
from referrals import accounts
from referrals.access import changeable_by, visible_to
from referrals.enums import OrganisationRole
from referrals.models import Invitation, Network, Organisation
from referrals.workflow import AlreadyDone, Refusal


def say(request: HttpRequest, verb: Callable[[], object], told: Callable[[object], str]) -> bool:
    """Do it and say what happened; a refusal is said in its own words. Return whether it was done."""
    try:
        result = verb()
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told(result))
        return True
    return False


def with_team(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def found(request: HttpRequest, kind: str, pk: int, **keys: int) -> HttpResponse:
        team = find_team(request.user, kind, pk)
        return view(request, team, **keys) if team else not_found(request)

    return found


def _invited(invitation: Invitation) -> str:
    return f"{invitation.email} is invited and has until {invitation.expires_at:%-d %B}."


@with_team
def people(request: HttpRequest, team: Team) -> HttpResponse:
    form = InviteForm(request.POST or None, roles=team.roles)
    if request.method == "POST" and form.is_valid():
        say(request, lambda: team.invite(**form.cleaned_data), _invited)
        return HttpResponseRedirect(people_url(team.place))
    title = f"The team of {team.place}"
    return screen(request, "backoffice/team/people.html", title=title, team=team, form=form)


@with_team
@require_POST
def change_role(request: HttpRequest, team: Team, member: int) -> HttpResponse:
    row = team.rows.filter(pk=member).first() if team.changes_roles else None
    role = request.POST.get("role")
    if row is None or role not in OrganisationRole.values:
        return not_found(request)
    say(
        request,
        lambda: accounts.change_role(row.pk, actor=request.user, role=OrganisationRole(role)),
        lambda changed: f"{changed.user} is {changed.get_role_display().lower()} now.",
    )
    return HttpResponseRedirect(people_url(team.place))


@with_team
def remove(request: HttpRequest, team: Team, member: int) -> HttpResponse:
    row = team.rows.filter(pk=member).first() if team.may_manage else None
    if row is None:
        return not_found(request)
    if request.method == "POST":
        say(request, lambda: team.remove(row.pk), lambda gone: f"{gone.user} has been removed.")
        still_in = find_team(request.user, team.kind, team.place.pk)
        return HttpResponseRedirect(people_url(team.place) if still_in else reverse("backoffice:index"))
    return screen(request, "backoffice/team/remove.html", title=f"Remove {row.user}", team=team, row=row)


def invite_organisation(request: HttpRequest) -> HttpResponse:
    networks = changeable_by(request.user, Network)
    if not networks.exists():
        return not_found(request)
    form = InviteOrganisationForm(request.POST or None, networks=networks)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        arguments = {"actor": request.user, "name": chosen["name"], "email": chosen["email"]}
        if say(request, lambda: accounts.invite_organisation(chosen["network"].pk, **arguments), _invited):
            return HttpResponseRedirect(reverse("backoffice:invite_organisation"))
    invitations = visible_to(request.user, Invitation).exclude(organisation_name="")
    return screen(
        request,
        "backoffice/team/invite_organisation.html",
        title="Invite an organisation",
        form=form,
        invitations=pending(invitations.filter(network__in=networks.values("pk"))),
    )


def _on_invitation(verb: Callable[..., Invitation], told: str) -> Callable[..., HttpResponse]:
    """Make a view that does `verb` to an invitation the user can see, and goes back to where it is listed."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        invitation = visible_to(request.user, Invitation).filter(pk=pk).first()
        if invitation is None:
            return not_found(request)
        say(request, lambda: verb(pk, actor=request.user), lambda done: told.format(done.email))
        return HttpResponseRedirect(_listed_at(invitation))

    return view


send_again = _on_invitation(accounts.send_again, "The invitation of {} is being sent again.")
withdraw = _on_invitation(accounts.withdraw_invitation, "The invitation of {} is withdrawn: its link says so now.")


def _listed_at(invitation: Invitation) -> str:
    if invitation.organisation_name:
        return reverse("backoffice:invite_organisation")
    place: Organisation | Network = invitation.organisation or invitation.network
    return people_url(place)
