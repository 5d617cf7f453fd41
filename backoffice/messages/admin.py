from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from backoffice.responses import perform
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.permissions import may_change
from referrals.enums import MessageState
from referrals.mailboxes import refuse_address
from referrals.models import CardRequest, PublicMessage, Service, User
from referrals.services.public_card import card_of, with_card_rows
from referrals.visitor_messages import public_messages

_PAGE = "backoffice:referrals_publicmessage_change"


class MessageStateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"
    template = "backoffice/not_in_sidebar.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("done", "Done"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        every, *others = super().choices(changelist)
        return [{**every, "display": "Open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=MessageState.DONE if self.value() == "done" else MessageState.OPEN)


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it",
        max_length=PublicMessage._meta.get_field("outcome").max_length,
        required=False,
        help_text="For your colleagues and the coordinator; the visitor does not read it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _as_email(contact: str) -> str:
    try:
        refuse_address(contact)
    except ValidationError:
        return ""
    return contact


@admin.register(PublicMessage)
class PublicMessageAdmin(ScopedAdmin):
    """Messages to deal with. Nobody writes or changes one here, only marks it as done or opens it again."""

    read_only = True
    visible_when_empty = True
    change_form_template = "backoffice/messages/message.html"
    fields = ["kind", "service", "network", "wrong", "text", "writer_name", "writer_contact", "created_at", "state"]
    not_exported = "Messages hold what people have written of themselves and others, and are deleted after a time."
    list_display = ["__str__", "created_at", "state"]
    list_filter = [MessageStateFilter, "kind", "wrong"]
    list_select_related = ["service__activity", "service__organisation", "network"]
    search_fields = ["service__activity__name", "service__organisation__name", "text"]
    show_full_result_count = False

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset.select_related("service__activity", "service__organisation", "network", "done_by")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            states = next(spec for spec in context["cl"].filter_specs if isinstance(spec, MessageStateFilter))
            context["states"] = list(states.choices(context["cl"]))
            context["state"] = states.value()
        return response

    def render_change_form(self, request: HttpRequest, context: dict, *args: object, **kwargs: object) -> HttpResponse:
        message: PublicMessage = kwargs["obj"]
        context |= {
            "title": message.headline,
            "outcome_form": OutcomeForm(),
            "writer_email": _as_email(message.writer_contact),
            "can_close": may_change(request, PublicMessage, message.pk),
        }
        if message.service_id:
            service = with_card_rows(Service.objects.filter(pk=message.service_id)).get()
            context |= {
                "card": card_of(service, now=timezone.now()),
                "can_correct": may_change(request, Service, message.service_id),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list:
        def screen(route: str, view: Callable, name: str):
            guarded = self.admin_site.admin_view(require_POST(view))
            return path(f"<int:pk>/{route}/", guarded, name=f"public_message_{name}")

        return [screen("done", self.done, "done"), screen("reopen", self.reopen, "reopen"), *super().get_urls()]

    def done(self, request: HttpRequest, pk: int) -> HttpResponse:
        redirect = self._redirect_to_message(request, pk)
        form = OutcomeForm(request.POST)
        if form.is_valid():
            outcome = form.cleaned_data["outcome"]
            verb = partial(public_messages.mark_done, pk, actor=request.user, outcome=outcome)
            self._perform(request, verb, "Marked as done.")
        else:
            messages.error(request, " ".join(form.errors["outcome"]))
        return redirect

    def reopen(self, request: HttpRequest, pk: int) -> HttpResponse:
        redirect = self._redirect_to_message(request, pk)
        verb = partial(public_messages.reopen, pk, actor=request.user)
        self._perform(request, verb, "Reopened.")
        return redirect

    def _perform(self, request: HttpRequest, verb: Callable[[], PublicMessage], success: str) -> None:
        def do_and_log() -> None:
            LogEntry.objects.log_actions(request.user.pk, [verb()], CHANGE, success)

        perform(request, do_and_log, success)

    def _redirect_to_message(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.get_object(request, str(pk)) is None:
            raise Http404
        return HttpResponseRedirect(reverse(_PAGE, args=[pk]))


@admin.register(CardRequest)
class CardRequestAdmin(ScopedAdmin):
    """Shows which cards were requested. Only the message itself holds the address."""

    only_operators = True
    read_only = True
    fields = ["service", "page", "at"]
    not_exported = "Recipients are deleted once the card is sent."
    list_display = ["service", "at"]
    list_filter = ["at"]
    list_select_related = ["service__activity", "service__organisation"]
