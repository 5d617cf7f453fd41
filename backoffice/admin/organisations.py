from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import slugify

from backoffice.scoping import ScopedAdmin, ScopedInline
from referrals.models import Invitation, Network, NetworkMembership, Organisation, OrganisationMember
from referrals.visibility import changeable_by


def _new_organisation_form(networks: QuerySet) -> type[forms.ModelForm]:
    """A new organisation is made inside a network; joining further ones is a membership of its own."""
    network = forms.ModelChoiceField(networks, help_text="It joins this network at once.")
    network.initial = networks[0] if len(networks[:2]) == 1 else None
    return type("NewOrganisationForm", (forms.ModelForm,), {"network": network})


class MembershipInline(ScopedInline):
    model = NetworkMembership
    read_only = True
    fields = ["network", "status", "joined_at"]


class MemberInline(ScopedInline):
    model = OrganisationMember
    fields = ["user", "role"]
    autocomplete_fields = ["user"]


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    opens_empty = True
    fields = ["name", "email", "phone", "website", "description"]
    inlines = [MembershipInline, MemberInline]
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
            obj.slug = _unused_slug(obj.name)
        super().save_model(request, obj, form, change)
        if not change:
            NetworkMembership.objects.create(organisation=obj, network=form.cleaned_data["network"])


def _unused_slug(name: str) -> str:
    """Return a short name that nobody has: whether somebody elsewhere had the plain one is not to be seen."""
    plain = slugify(name)[:70] or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=plain).values_list("slug", flat=True))
    return next(slug for slug in (plain, *(f"{plain}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


@admin.register(NetworkMembership)
class NetworkMembershipAdmin(ScopedAdmin):
    fixed = ("network", "organisation")
    fields = ["network", "organisation", "status", "joined_at"]
    readonly_fields = ["joined_at"]
    autocomplete_fields = ["organisation"]
    list_display = ["organisation", "network", "status", "joined_at"]
    list_filter = ["network", "status"]
    list_select_related = ["organisation", "network"]
    search_fields = ["organisation__name"]


@admin.register(OrganisationMember)
class OrganisationMemberAdmin(ScopedAdmin):
    deletable = True
    fixed = ("organisation", "user")
    fields = ["organisation", "user", "role"]
    autocomplete_fields = ["organisation", "user"]
    list_display = ["user", "organisation", "role"]
    list_filter = ["role"]
    list_select_related = ["organisation", "user"]
    search_fields = ["user__name", "user__email", "organisation__name"]


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin):
    """The token is shown to nobody: it is the invitation itself."""

    read_only = True
    fields = ["network", "organisation", "organisation_name", "email", "role", "created_at", "expires_at", "state"]
    list_display = ["email", "organisation_name", "network", "state", "expires_at"]
    list_filter = ["network"]
    search_fields = ["email", "organisation_name"]

    def rows(self, queryset: QuerySet) -> QuerySet:
        return queryset.select_related("network", "organisation")

    @admin.display(description="state")
    def state(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return "Accepted"
        return "Withdrawn" if invitation.withdrawn_at else "Open"
