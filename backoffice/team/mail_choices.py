"""Who gets which e-mail of an organisation or of a network's coordinators, and the page that stops the summaries."""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from backoffice.responses import perform, render_page
from backoffice.team.views import TeamMixin
from referrals import accounts, notifications
from referrals.enums import Role
from referrals.notification_kinds import MailGroup
from referrals.refusals import Refusal
from referrals.view_access import open_to_signed_out

OWN_ADDRESS = "own"


@dataclass(frozen=True, slots=True)
class AddressRow:
    """key: of its checkboxes. came_back: e-mail to it did, so that nothing is sent there."""

    key: str
    name: str
    address: str
    groups: tuple[str, ...]
    may_change: bool
    came_back: bool


class MailChoicesView(TeamMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, self._rows(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        place = self.team.place
        if address := request.POST.get("use_again"):
            use_again = partial(accounts.use_address_again, place, address, actor=request.user)
            perform(request, use_again, f"E-mail goes to {address} again.")
            return HttpResponseRedirect(request.path)
        rows = self._rows(request)
        members = [row for row in rows if row.key != OWN_ADDRESS and row.may_change]
        team = {int(row.key): request.POST.getlist(row.key) for row in members}
        own = request.POST.getlist(OWN_ADDRESS)
        try:
            accounts.choose_mail(place, actor=request.user, own_address=own, team=team)
        except Refusal as refusal:
            return self._page(request, self._rows(request, typed=True), problem=str(refusal))
        messages.success(request, "Saved.")
        return HttpResponseRedirect(request.path)

    def _page(self, request: HttpRequest, rows: list[AddressRow], *, problem: str = "") -> HttpResponse:
        return render_page(
            request,
            "backoffice/team/mail_choices.html",
            title=f"Who gets which e-mail of {self.team.place}",
            team=self.team,
            rows=rows,
            problem=problem,
            groups=MailGroup.choices,
            chooses_for_all=accounts.can_choose_for_all(request.user, self.team.place),
        )

    def _rows(self, request: HttpRequest, *, typed: bool = False) -> list[AddressRow]:
        place = self.team.place
        for_all = accounts.can_choose_for_all(request.user, place)
        team = [row for row in self.team.rows if getattr(row, "role", "") not in (Role.COMMISSIONER, Role.EDITOR)]
        came_back = notifications.suppressed([place.email, *(row.user.email for row in team)])
        found = [(OWN_ADDRESS, "Common address", place.email, place.mail_groups, for_all)]
        found += [
            (str(row.pk), str(row.user), row.user.email, row.mail_groups, for_all or row.user == request.user)
            for row in team
        ]
        return [
            AddressRow(
                key,
                name,
                address,
                tuple(request.POST.getlist(key) if typed and may_change else groups),
                may_change,
                address.lower() in came_back,
            )
            for key, name, address, groups, may_change in found
        ]


@open_to_signed_out
@never_cache
@csrf_exempt  # a mail program presses the button (RFC 8058); all that one can do here is get less e-mail
@require_http_methods(["GET", "HEAD", "POST"])
def stop_digest(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first: scanners open every link in an e-mail."""
    notification = accounts.find_digest_of(token)
    context = {"title": "Weekly summaries", "place": None, "is_done": False}
    if notification is None:
        return TemplateResponse(request, "backoffice/team/stop_digest.html", context, status=404)
    context["place"] = notification.digest.organisation or notification.digest.network
    if request.method == "POST":
        accounts.stop_digest(token)
        context["is_done"] = True
    return TemplateResponse(request, "backoffice/team/stop_digest.html", context)
