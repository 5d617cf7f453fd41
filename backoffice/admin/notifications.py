import re
from base64 import b64encode
from hashlib import sha256

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from backoffice.scoped_admin.admin import ScopedAdmin
from referrals.access.access_log import log_access
from referrals.models import Notification, User
from referrals.models.notifications import NOT_ARRIVED
from referrals.notification_kinds import TO_MEMBERS, TO_THE_REFERRER, NotificationStatus
from referrals.notifications import render, retry

_TONES = {
    NotificationStatus.SENT: "good",
    **dict.fromkeys(NOT_ARRIVED, "urgent"),
    NotificationStatus.PENDING: "wait",
    NotificationStatus.KEPT: "wait",
    NotificationStatus.UNSAFE: "wait",
}

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def message_policy(html: str) -> str:
    """Return a policy under which a frame shows the message with its own styles, and can do nothing else."""
    style = _STYLE.search(html)
    digest = b64encode(sha256(style[1].encode()).digest()).decode() if style else ""
    styles = f"'sha256-{digest}'" if style else "'none'"
    return (
        f"sandbox; default-src 'none'; style-src {styles}; img-src data:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )


@admin.register(Notification)
class NotificationAdmin(ScopedAdmin):
    visible_when_empty = True
    read_only = True
    change_form_template = "backoffice/notification.html"
    fields = [
        "status_chip",
        "kind",
        "recipient",
        "about",
        "created_at",
        "due_at",
        "attempts",
        "claimed_at",
        "sent_at",
        "error",
    ]
    not_exported = "Messages may be read by their recipients only."
    list_display = ["about", "kind", "to", "status_chip", "sent_at", "attempts", "error"]
    list_filter = ["status", "kind", "created_at"]
    search_fields = ["event__referral__reference"]
    show_full_result_count = False

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset.select_related(
            "event__referral",
            "account_event__user",
            "account_event__invitation",
            "account_event__organisation",
            "account_event__network",
            "message__network",
            "message__service__activity",
            "card_request__service__activity",
            "digest__organisation",
            "digest__network",
        )

    @admin.display(description="status", ordering="status")
    def status_chip(self, notification: Notification) -> str:
        tone = _TONES.get(NotificationStatus(notification.status), "")
        return format_html('<span class="chip {}">{}</span>', tone, notification.get_status_display())

    @admin.display(description="about", ordering="event__referral__reference")
    def about(self, notification: Notification) -> str:
        if notification.event:
            return notification.event.referral.reference
        if notification.account_event:
            return notification.account_event.about
        return str(notification.message or notification.card_request or notification.digest)

    @admin.display(description="to")
    def to(self, notification: Notification) -> str:
        if notification.kind in TO_MEMBERS:
            return notification.recipient
        if notification.kind in TO_THE_REFERRER:
            return "The referrer"
        return "The person" if notification.event_id else "A visitor"

    def fully_shown_referrals(self, obj: Notification) -> list[int]:
        return [obj.event.referral_id] if obj.event_id and obj.kind not in TO_MEMBERS else []

    def get_urls(self) -> list:
        def screen(route: str, view, name: str):
            return path(f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"notification_{name}")

        return [
            screen("body", self.body, "body"),
            screen("again", require_POST(self.send_again), "again"),
            *super().get_urls(),
        ]

    @method_decorator(csp_update({"frame-src": [SELF]}))  # the message's own frame
    def render_change_form(self, request: HttpRequest, context: dict, *args: object, **kwargs: object) -> HttpResponse:
        obj = kwargs.get("obj")
        context |= {"message": render(obj), "can_send_again": obj.status in NOT_ARRIVED}
        context["title"] = f"Message {obj.get_kind_display()[0].lower()}{obj.get_kind_display()[1:]}"
        return super().render_change_form(request, context, *args, **kwargs)

    def _get_or_404(self, request: HttpRequest, pk: int) -> Notification:
        notification = self.get_object(request, str(pk))
        if notification is None:
            raise Http404
        return notification

    def body(self, request: HttpRequest, pk: int) -> HttpResponse:
        return xframe_options_sameorigin(self._body)(request, pk)

    def _body(self, request: HttpRequest, pk: int) -> HttpResponse:
        notification = self._get_or_404(request, pk)
        log_access(request.user, self.fully_shown_referrals(notification), self.logged_screen)
        html = render(notification).html
        response = HttpResponse(html)
        response["Content-Security-Policy"] = message_policy(html)
        return response

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        notification = self._get_or_404(request, pk)
        if retry(notification):
            self.message_user(request, "The message will be tried again at once.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing to do: this message was not given up.", messages.INFO)
        return HttpResponseRedirect(reverse("backoffice:referrals_notification_change", args=[notification.pk]))
