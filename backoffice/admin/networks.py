from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.inlines import ScopedInline
from backoffice.team.teams import find_team, team_url
from referrals import accounts
from referrals.access import visible_to
from referrals.models import (
    ConsentWording,
    Demographic,
    DemographicOption,
    Network,
    NetworkRole,
    ReferralLink,
)


class NetworkForm(forms.ModelForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if (others := self.fields.get("linked_networks")) and self.instance.pk:
            others.queryset = others.queryset.exclude(pk=self.instance.pk)
            if not others.queryset.exists():
                others.help_text = "There is no other network that you can choose."


@admin.register(Network)
class NetworkAdmin(ScopedAdmin):
    form = NetworkForm
    fixed = ("slug",)  # people have the address of its form
    export_columns = ["name", "slug", "area", "country", "email", "phone"]
    list_display = ["name", "area", "email"]
    list_select_related = ["area"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "area", "country", "email", "phone", "linked_networks"]}),
        (
            "Waiting for an answer",
            {
                "fields": [
                    "day_counting",
                    ("reminder_days", "lapse_days"),
                    ("urgent_reminder_days", "urgent_lapse_days"),
                    "lapse_asks_next",
                ]
            },
        ),
        (
            "The referral form and services",
            {
                "fields": [
                    "has_public_form",
                    "urgent_advice",
                    "warns_outside_area",
                    "details_length",
                    "suggestion_count",
                    "confirm_after_months",
                    "leave_address",
                ]
            },
        ),
        ("What organisations see of each other", {"fields": ["shares_load"]}),
        ("Signing in", {"fields": ["requires_second_factor"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Network, form: forms.ModelForm, change: bool) -> None:
        linked = form.cleaned_data.get("linked_networks")
        if linked is not None and change:  # those that the user may not see stay linked
            linked = [*linked, *self.unseen_links(request, form)["linked_networks"]]
        own = {field.name for field in self.opts.concrete_fields}
        fields = own.intersection(form.changed_data)
        accounts.save_network(obj, actor=request.user, fields=fields, linked=linked)

    def tools(self, request: HttpRequest, obj: Network | None) -> list[tuple[str, str]]:
        if obj is None or not find_team(request.user, "network", obj.pk):
            return []
        return [
            ("Who is suggested", reverse("backoffice:suggestion_weights", args=[obj.pk])),
            ("Team", team_url(obj)),
        ]


@admin.register(NetworkRole)
class NetworkRoleAdmin(ScopedAdmin):
    """Read-only: roles are given by invitation and removed on the network's team page."""

    only_operators = True
    read_only = True
    fields = ["network", "user", "role"]
    export_columns = ["user", "role", "network"]
    list_display = ["user", "role", "network"]
    list_filter = ["network", "role"]
    list_select_related = ["user", "network"]
    search_fields = ["user__name", "user__email"]


@admin.register(ConsentWording)
class ConsentWordingAdmin(ScopedAdmin):
    """A wording is never changed, since referrals point to the one that was shown. Add a new version instead."""

    fixed = ("network", "version", "text")
    fields = ["network", "version", "text", "created_at"]
    readonly_fields = ["created_at"]
    export_columns = ["network", "version", "text", "created_at"]
    list_display = ["network", "version", "created_at"]
    list_filter = ["network"]
    list_select_related = ["network"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Propose the next version, and the newest wording to start from, where there is one network to choose."""
        initial = super().get_changeform_initial_data(request)
        if network := initial.get("network"):
            newest = visible_to(request.user, ConsentWording).filter(network=network).order_by("-version").first()
            initial.setdefault("version", newest.version + 1 if newest else 1)
            initial.setdefault("text", newest.text if newest else "")
        return initial


@admin.register(ReferralLink)
class ReferralLinkAdmin(ScopedAdmin):
    fixed = ("network",)
    fields = [
        "network",
        "name",
        "source_name",
        "source_organisation",
        "source_email",
        "source_phone",
        "embed_origins",
        "revoked_at",
        "address",
        "created_at",
    ]
    readonly_fields = ["address", "created_at"]
    export_columns = ["name", "network", "source_organisation", "revoked_at", "created_at"]
    list_display = ["name", "network", "address", "revoked_at"]
    list_filter = ["network"]
    list_select_related = ["network"]
    search_fields = ["name", "source_organisation"]

    @admin.display(description="address")
    def address(self, link: ReferralLink) -> str:
        return format_html('<a href="{0}">{0}</a>', link.get_absolute_url()) if link.pk else "Shown when it is saved."


class DemographicOptionInline(ScopedInline):
    model = DemographicOption
    fields = ["name", "plural", "position"]


@admin.register(Demographic)
class DemographicAdmin(ScopedAdmin):
    deletable = True
    fixed = ("network",)
    fields = ["network", "name", "help_text", "is_required", "takes_several", "position"]
    inlines = [DemographicOptionInline]
    export_columns = ["network", "name", "help_text", "is_required", "takes_several", "position"]
    list_display = ["name", "network", "is_required", "takes_several", "position"]
    list_filter = ["network"]
    list_select_related = ["network"]
    search_fields = ["name"]


@admin.register(DemographicOption)
class DemographicOptionAdmin(ScopedAdmin):
    deletable = True
    fixed = ("demographic",)
    fields = ["demographic", "name", "plural", "position"]
    export_columns = ["demographic", "name", "plural", "position"]
    list_display = ["name", "demographic", "position"]
    list_filter = ["demographic"]
    list_select_related = ["demographic"]
    search_fields = ["name", "demographic__name"]
