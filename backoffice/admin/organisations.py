from functools import partial

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from backoffice.organisation_tools import organisation_tools
from backoffice.responses import perform, render_page
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.inlines import ScopedInline
from backoffice.sign_in.forms import PasswordAgainForm
from referrals import accounts
from referrals.access import changeable_by
from referrals.import_export import OrganisationResource
from referrals.models import Invitation, Network, NetworkMembership, Organisation, OrganisationMember, User


def _new_organisation_form(networks: QuerySet) -> type[forms.ModelForm]:
    """Return a form that adds an organisation to a network. It joins others through further memberships."""
    network = forms.ModelChoiceField(networks, help_text="It joins this network at once.")
    network.initial = networks[0] if len(networks[:2]) == 1 else None
    return type("NewOrganisationForm", (forms.ModelForm,), {"network": network})


class ForceForm(PasswordAgainForm):
    reason = forms.CharField(
        label="Why?",
        max_length=500,
        help_text="Recorded, and sent to the owners and to whoever sent the invitation.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ["reason", "password"]

    def __init__(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().__init__(request, *args, always=True, **kwargs)


class MembershipInline(ScopedInline):
    model = NetworkMembership
    read_only = True
    fields = ["network", "status", "joined_at"]


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    visible_when_empty = True
    fields = ["name", "email", "phone", "website", "description"]
    inlines = [MembershipInline]
    resource = OrganisationResource
    list_display = ["name", "email", "phone"]
    list_filter = ["networks"]
    search_fields = ["name"]

    def get_form(self, request: HttpRequest, obj: Organisation | None = None, change: bool = False, **kwargs: object):
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        kwargs |= {"form": _new_organisation_form(changeable_by(request.user, Network))}
        return super().get_form(request, obj, change, **kwargs | {"fields": [*self.fields, "network"]})

    def get_fields(self, request: HttpRequest, obj: Organisation | None = None) -> list[str]:
        return self.fields if obj else [*self.fields, "network"]

    def get_inlines(self, request: HttpRequest, obj: Organisation | None) -> list:
        return self.inlines if obj else []

    def save_model(self, request: HttpRequest, obj: Organisation, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.slug = accounts.unused_slug(obj.name)
        accounts.save_organisation(obj, actor=request.user)
        if not change:
            NetworkMembership.objects.create(organisation=obj, network=form.cleaned_data["network"])

    def tools(self, request: HttpRequest, obj: Organisation | None) -> list[tuple[str, str]]:
        if obj is None:
            may_invite = changeable_by(request.user, Network).exists()
            return [("Invite an organisation", reverse("backoffice:invite_organisation"))] if may_invite else []
        return organisation_tools(request.user, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Only operators have this list: the others' is a screen of its own."""
        if not request.user.is_superuser:
            return HttpResponseRedirect(reverse("backoffice:network_list"))
        return super().changelist_view(request, extra_context)


@admin.register(NetworkMembership)
class NetworkMembershipAdmin(ScopedAdmin):
    """Read-only: suspending, reinstating and leaving also pass on offers, and are done on the organisation's page."""

    visible_when_empty = True
    read_only = True
    fields = ["network", "organisation", "status", "joined_at"]
    export_columns = ["organisation", "network", "status", "joined_at"]
    list_display = ["organisation", "network", "status", "joined_at"]
    list_filter = ["network", "status"]
    list_select_related = ["organisation", "network"]
    search_fields = ["organisation__name"]


@admin.register(OrganisationMember)
class OrganisationMemberAdmin(ScopedAdmin):
    """Read-only: people join by invitation and are removed on their organisation's team page."""

    visible_when_empty = True
    read_only = True
    fields = ["organisation", "user", "role"]
    export_columns = ["user", "organisation", "role"]
    list_display = ["user", "organisation", "role"]
    list_filter = ["role"]
    list_select_related = ["organisation", "user"]
    search_fields = ["user__name", "user__email", "organisation__name"]


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin):
    """Read-only: sending again and withdrawing are done on the team page of the organisation or network."""

    visible_when_empty = True
    read_only = True
    fields = ["place", "network", "email", "role", "network_role", "invited_by", "created_at", "expires_at", "state"]
    export_columns = ["email", "place", "network", "state", "created_at", "expires_at"]
    list_display = ["email", "place", "network", "state", "expires_at"]
    list_filter = ["network"]
    search_fields = ["email", "organisation_name"]

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset.select_related("network", "organisation")

    def get_urls(self) -> list:
        force = self.admin_site.admin_view(self.force)
        return [path("<int:pk>/let-in/", force, name="invitation_force"), *super().get_urls()]

    def tools(self, request: HttpRequest, obj: Invitation | None) -> list[tuple[str, str]]:
        if obj is None or not request.user.is_superuser or not self._awaits_owner(obj):
            return []
        return [("Let in without an owner's agreement", reverse("backoffice:invitation_force", args=[obj.pk]))]

    def force(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For operators, when no owner can be reached: the reason is recorded and sent to the owners."""
        if not request.user.is_superuser:
            raise PermissionDenied
        invitation = self.get_object(request, str(pk))
        if invitation is None or (request.method != "POST" and not self._awaits_owner(invitation)):
            raise Http404
        form = ForceForm(request, request.POST or None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            verb = partial(accounts.force_invitation, pk, actor=request.user, reason=reason)
            perform(request, verb, f"{invitation.email} gets the invitation now. The owners are told why.")
            return HttpResponseRedirect(reverse("backoffice:referrals_invitation_change", args=[pk]))
        title = f"Let {invitation.email} in without an owner's agreement"
        return render_page(request, "backoffice/team/force.html", title=title, invitation=invitation, form=form)

    def _awaits_owner(self, invitation: Invitation) -> bool:
        return invitation.is_open and accounts.awaits_owner(invitation)

    @admin.display(description="state")
    def state(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return "Accepted"
        return "Withdrawn" if invitation.withdrawn_at else "Expired" if invitation.has_expired else "Open"
