"""The page that the link in an invitation opens."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from backoffice.team.forms import NewOrganisationForm, NewUserForm, OwnOrganisationForm
from referrals import accounts
from referrals.access import own_organisations
from referrals.models import Invitation, Organisation, User
from referrals.refusals import Refusal
from referrals.view_access import open_to_signed_out


@open_to_signed_out  # but not while the second factor is due
@never_cache
@sensitive_post_parameters("password", "again")
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation. Whoever has the link can read mail sent to its address, so the page hides nothing."""
    invitation = Invitation.objects.of_token(token)
    if invitation is None:
        return _page(request, None, "unknown", 404)
    if reason := _why_not_valid(invitation):
        return _page(request, invitation, reason, 410)
    if request.user.is_authenticated:
        is_theirs = request.user.email == invitation.email.lower()
        return _as_user(request, invitation) if is_theirs else _page(request, invitation, "somebody_else", 403)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return _page(request, invitation, "sign_in")
    return _as_new_user(request, invitation)


def _why_not_valid(invitation: Invitation) -> str:
    """Return "" if it can still be accepted."""
    if invitation.accepted_at:
        return "used"
    if invitation.withdrawn_at:
        return "withdrawn"
    if invitation.has_expired:
        return "expired"
    if not accounts.may_inviter_invite(invitation):
        return "lapsed"
    return "waits" if accounts.awaits_owner(invitation) else ""


def _page(request: HttpRequest, invitation: Invitation | None, state: str, status: int = 200, **context: object):
    has_errors = any(form.errors for form in context.get("forms", ()))
    context = {
        "invitation": invitation,
        "state": state,
        "title": "Your invitation",
        "has_errors": has_errors,
        **context,
    }
    return TemplateResponse(request, "backoffice/team/join.html", context, status=status)


def _as_new_user(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    data = request.POST or None
    form = NewUserForm(data, email=invitation.email)
    organisation_form = NewOrganisationForm(data, invitation=invitation, prefix="organisation")
    wanted = [form, *([organisation_form] if invitation.organisation_name else [])]
    problem = ""
    valid = [each.is_valid() for each in wanted]  # validate each, so that all errors are shown
    if request.method == "POST" and all(valid):
        organisation = organisation_form.organisation if invitation.organisation_name else None
        try:
            user = accounts.join(invitation.pk, user=form.user, organisation=organisation)
        except Refusal as refusal:
            problem = str(refusal)
        else:
            login(request, user)
            return _welcome(request, invitation, user)
    return _page(request, invitation, "new_user", forms=wanted, problem=problem)


def _as_user(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    data = request.POST or None
    choice = OwnOrganisationForm(data, user=request.user)
    new = NewOrganisationForm(data, invitation=invitation, prefix="organisation")
    brings = bool(invitation.organisation_name)
    has_some = brings and own_organisations(request.user).exists()
    existing = choice.cleaned_data["existing"] if has_some and choice.is_bound and choice.is_valid() else None
    is_ready = not brings or existing is not None or bool(data and choice.is_valid() and new.is_valid())
    problem = ""
    if request.method == "POST" and is_ready:
        organisation = None if not brings else existing.pk if existing else new.organisation
        try:
            accounts.join(invitation.pk, user=request.user, organisation=organisation)
        except Refusal as refusal:
            problem = str(refusal)
        else:
            return _welcome(request, invitation, request.user)
    forms = [*([choice] if has_some else []), new] if brings else []
    return _page(request, invitation, "confirm", forms=forms, problem=problem)


def _welcome(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    messages.success(request, f"Welcome: you have joined {invitation.joins}.")
    if invitation.organisation_name:
        joined = Organisation.objects.filter(account_events__invitation=invitation, members__user=user).first()
        return HttpResponseRedirect(reverse("backoffice:first_steps", args=[joined.pk]))
    return HttpResponseRedirect(reverse("backoffice:index"))
