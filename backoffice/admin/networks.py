from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from backoffice.responses import not_found, render_page
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.inlines import ScopedInline
from backoffice.team.teams import find_team, team_url
from referrals import accounts
from referrals.access import changeable_by
from referrals.models import (
    ConsentWording,
    Demographic,
    DemographicOption,
    Network,
    NetworkRole,
    Referral,
    ReferralLink,
    User,
)
from referrals.notifications.links import absolute
from referrals.translations import languages_in_english
from referrals.user_input.dates import DaysField
from referrals.user_input.embedding import read_embedding_lines

_MOST_TO_CHECK = 10_000  # characters


class NetworkForm(forms.ModelForm):
    form_languages = forms.MultipleChoiceField(
        label="Other languages of the form",
        required=False,
        choices=languages_in_english()[1:],
        widget=forms.CheckboxSelectMultiple,
        help_text=Network._meta.get_field("form_languages").help_text,
    )

    class Meta:
        field_classes = {"closed_days": DaysField}
        # Low enough to be seen whole above the bar of buttons.
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in ("closed_days", "urgent_advice")}

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
    when_new = ("name", "slug", "area", "country", "email", "phone")
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
                    "closed_days",
                    ("reminder_days", "lapse_days"),
                    ("urgent_reminder_days", "urgent_lapse_days"),
                    "lapse_asks_next",
                    "undo_seconds",
                ]
            },
        ),
        (
            "The referral form and services",
            {
                "fields": [
                    "has_public_form",
                    "urgent_advice",
                    "form_languages",
                    "translations",
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

    def get_prepopulated_fields(self, request: HttpRequest, obj: Network | None = None) -> dict:
        return {} if obj else {"slug": ["name"]}

    def response_post_save_add(self, request: HttpRequest, obj: Network) -> HttpResponse:
        messages.info(request, "Nothing can be sent to it yet: put a wording of consent into force, as below.")
        address = f"{reverse('backoffice:settings')}#network-{obj.pk}"
        return self._redirect_to_next(request) or HttpResponseRedirect(address)

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


def links_to_settings(user: User, page: str, label: str) -> list[tuple[str, str]]:
    """Return links to this page of the networks that the user sets up; to all settings, if they are many."""
    networks = list(changeable_by(user, Network).order_by("name")[:4])
    several = len(networks) > 1
    links = [
        (f"{label}: {one}" if several else label, reverse(f"backoffice:settings_{page}", args=[one.pk]))
        for one in networks
    ]
    return links if len(links) < 4 else [(label, reverse("backoffice:settings"))]


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
    """A wording is never changed, since referrals point to it. The next is put into force in the network's settings."""

    visible_when_empty = True
    read_only = True
    fields = ["network", "version", "text", "translations", "created_at"]
    export_columns = ["network", "version", "text", "created_at"]
    list_display = ["network", "version", "created_at"]
    list_filter = ["network"]
    list_select_related = ["network"]

    def tools(self, request: HttpRequest, obj: ConsentWording | None) -> list[tuple[str, str]]:
        return links_to_settings(request.user, "consent", "Put a new wording into force")


class EmbeddingPagesWidget(forms.Textarea):
    """What each line allows is said below it: as it was stored, and anew as it is typed where scripts run.

    What is wrong stands above as the field's errors when the page is shown.
    """

    template_name = "backoffice/referral_links/embedding_widget.html"

    def get_context(self, name: str, value: str | None, attrs: dict | None) -> dict:
        lines = [line for line in read_embedding_lines(value or "") if line.origin]
        read = {"lines": lines, "check_url": reverse("backoffice:referral_link_check")}
        return super().get_context(name, value, attrs) | read


class ReferralLinkForm(forms.ModelForm):
    class Meta:
        widgets = {"embed_origins": EmbeddingPagesWidget(attrs={"rows": 3})}


@admin.register(ReferralLink)
class ReferralLinkAdmin(ScopedAdmin):
    form = ReferralLinkForm
    fixed = ("network",)
    when_new = (
        "network",
        "name",
        "source_name",
        "source_organisation",
        "source_email",
        "source_phone",
        "embed_origins",
    )
    fields = [
        "network",
        "name",
        "address",
        "openings",
        "referrals_made",
        "revoked_at",
        "source_name",
        "source_organisation",
        "source_email",
        "source_phone",
        "embed_origins",
        "snippet",
        "created_at",
    ]
    readonly_fields = ["address", "openings", "referrals_made", "revoked_at", "snippet", "created_at"]
    export_columns = ["name", "network", "source_organisation", "revoked_at", "created_at"]
    list_display = ["name", "network", "openings", "referrals_made", "link", "revoked_at"]
    list_filter = ["network"]
    list_select_related = ["network"]
    search_fields = ["name", "source_organisation"]

    class Media:
        js = ["referrals/copy.js"]

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        made = Referral.objects.filter(referral_link=OuterRef("pk")).order_by().values("referral_link")
        return queryset.annotate(number_made=Subquery(made.annotate(number=Count("pk")).values("number")))

    def response_post_save_add(self, request: HttpRequest, obj: ReferralLink) -> HttpResponse:
        """Show what the partner is to be given: its address, and what embeds the form."""
        address = reverse("backoffice:referrals_referrallink_change", args=[obj.pk])
        return self._redirect_to_next(request) or HttpResponseRedirect(address)

    @admin.display(description="referrals made", ordering="number_made")
    def referrals_made(self, link: ReferralLink) -> int:
        return getattr(link, "number_made", None) or 0

    @admin.display(description="address")
    def link(self, link: ReferralLink) -> str:
        return format_html('<a href="{0}">{0}</a>', link.get_absolute_url())

    @admin.display(description="address")
    def address(self, link: ReferralLink) -> str:
        return _copied("address", absolute(link.get_absolute_url()))

    @admin.display(description="to embed it")
    def snippet(self, link: ReferralLink) -> str:
        """Return what a partner puts into its page: see docs/embedding.md."""
        if not link.framing_origins:
            return "Name the pages that may embed it and save: what goes into them is shown here then."
        # Not the hashed name of the script: what stands in a partner's page has to outlive an upgrade.
        script = absolute(f"{settings.STATIC_URL}referrals/embed.js")
        context = {"link": link, "address": absolute(link.get_absolute_url()), "script": script}
        return _copied("snippet", render_to_string("backoffice/referral_links/snippet.html", context).strip())

    def tools(self, request: HttpRequest, obj: ReferralLink | None) -> list[tuple[str, str]]:
        if obj is None or not self.has_change_permission(request, obj):
            return []
        label, name = ("Open it again", "referral_link_open") if obj.revoked_at else ("Revoke", "referral_link_revoke")
        return [(label, reverse(f"backoffice:{name}", args=[obj.pk]))]

    def get_urls(self) -> list:
        revoke, open_again = (self.admin_site.admin_view(view) for view in (self.revoke, self.open_again))
        return [
            path("check/", self.admin_site.admin_view(self.check_pages), name="referral_link_check"),
            path("<int:pk>/revoke/", revoke, name="referral_link_revoke"),
            path("<int:pk>/open/", open_again, name="referral_link_open"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def check_pages(self, request: HttpRequest) -> HttpResponse:
        lines = read_embedding_lines(request.POST.get("embed_origins", "")[:_MOST_TO_CHECK])
        return render(request, "backoffice/referral_links/embedding_lines.html", {"lines": lines})

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask_first(request, pk, timezone.now(), "{} is revoked: it opens no form any more.")

    def open_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask_first(request, pk, None, "{} opens the form again.")

    def _ask_first(self, request: HttpRequest, pk: int, revoked_at: datetime | None, success: str) -> HttpResponse:
        link = changeable_by(request.user, self.get_queryset(request)).filter(pk=pk).first()
        if link is None:
            return not_found(request)
        if request.method != "POST":
            title = f"Revoke {link}" if revoked_at else f"Open {link} again"
            context = {"link": link, "title": title, "number": self.referrals_made(link), "revokes": revoked_at}
            return render_page(request, "backoffice/referral_links/revoke.html", **context)
        words = success.format(link)
        # Whoever comes second changes nothing.
        with transaction.atomic():
            changed = ReferralLink.objects.filter(pk=pk).exclude(revoked_at__isnull=revoked_at is None)
            if changed.update(revoked_at=revoked_at):
                LogEntry.objects.log_actions(request.user.pk, [link], CHANGE, words)
        messages.success(request, words)
        return HttpResponseRedirect(reverse("backoffice:referrals_referrallink_change", args=[pk]))


def _copied(name: str, words: str) -> str:
    """Return words with a button that copies them, which its script shows."""
    return format_html(
        '<div class="copied-line"><code id="link-{0}">{1}</code> '
        '<button type="button" class="button quiet" data-copy="link-{0}" hidden>Copy</button></div>',
        name,
        words,
    )


class DemographicOptionInline(ScopedInline):
    model = DemographicOption
    fields = ["name", "plural", "position"]
    can_delete = False


@admin.register(Demographic)
class DemographicAdmin(ScopedAdmin):
    """Never deleted, nor its answers: people have given them. They are retired."""

    fixed = ("network",)
    fields = ["network", "name", "help_text", "is_required", "takes_several", "position", "translations"]
    inlines = [DemographicOptionInline]
    export_columns = ["network", "name", "help_text", "is_required", "takes_several", "position"]
    list_display = ["name", "network", "is_required", "takes_several", "position"]
    list_filter = ["network"]
    list_select_related = ["network"]
    search_fields = ["name"]

    def tools(self, request: HttpRequest, obj: Demographic | None) -> list[tuple[str, str]]:
        return links_to_settings(request.user, "demographics", "Order, add and retire")


@admin.register(DemographicOption)
class DemographicOptionAdmin(ScopedAdmin):
    fixed = ("demographic",)
    fields = ["demographic", "name", "plural", "position", "translations"]
    export_columns = ["demographic", "name", "plural", "position"]
    list_display = ["name", "demographic", "position"]
    list_filter = ["demographic"]
    list_select_related = ["demographic"]
    search_fields = ["name", "demographic__name"]
