"""What a new organisation should do first, and what it has done."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from backoffice.first_step import FirstStep
from backoffice.responses import not_found, render_page
from backoffice.team.teams import team_url
from referrals.access import own_organisations
from referrals.models import Invitation, Organisation, OrganisationMember, Service, User, Venue


def find_steps(organisation: Organisation, user: User) -> list[FirstStep]:
    services = Service.objects.filter(organisation=organisation, archived_at=None)
    colleagues = OrganisationMember.objects.filter(organisation=organisation).exclude(user=user)
    invited = Invitation.objects.open().filter(organisation=organisation)
    back = reverse("backoffice:first_steps", args=[organisation.pk])
    query = f"?organisation={organisation.pk}&next={back}"
    return [
        FirstStep(
            "Say who you are",
            "Organisations and referrers in the network read this.",
            "Check your details",
            reverse("backoffice:referrals_organisation_change", args=[organisation.pk]) + f"?next={back}",
            is_done=bool(organisation.description),
        ),
        FirstStep(
            "Add a venue",
            "Where people come to you. Skip it if you visit people or help by phone.",
            "Add a venue",
            reverse("backoffice:referrals_venue_add") + query,
            is_done=Venue.objects.filter(organisation=organisation).exists(),
            is_optional=True,
        ),
        FirstStep(
            "Add a service",
            "What you offer, where, when, for whom and for how many people. From then on you can be suggested.",
            "Add a service",
            reverse("backoffice:referrals_service_add") + query,
            is_done=services.filter(capacity__gt=0).exists(),
            is_essential=True,
        ),
        FirstStep(
            "Invite a colleague",
            "So that a referral is answered when you are away.",
            "Invite a colleague",
            team_url(organisation),
            is_done=colleagues.exists() or invited.exists(),
            is_optional=True,
        ),
    ]


def first_steps(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = own_organisations(request.user).filter(pk=pk).first()
    if organisation is None:
        return not_found(request)
    steps = find_steps(organisation, request.user)
    is_member = organisation.memberships.active().exists()
    return render_page(
        request,
        "backoffice/team/first_steps.html",
        title="First steps",
        organisation=organisation,
        steps=steps,
        next_step=next((step for step in steps if not step.is_done), None),
        is_ready=is_member and all(step.is_done for step in steps if step.is_essential),
        is_member=is_member,
    )
