"""Actions on a service: with one click, or after a page that says what will happen."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.decorators.http import require_POST

from backoffice.responses import not_found, own_path, perform, render_page
from backoffice.user_context import get_user_context
from referrals import freshness, workflow
from referrals.access import changeable_by, visible_to
from referrals.import_export.widgets import is_key
from referrals.models import NetworkMembership, Service
from referrals.network.load import with_load
from referrals.services.public_card import card_of, with_card_rows

_LIST = "backoffice:referrals_service_changelist"
_PAGE = "backoffice:referrals_service_change"


def _list_with(request: HttpRequest, organisation_id: int) -> str:
    """Return the address of the list that shows this organisation's services: by default it shows the user's own."""
    own = {organisation.pk for organisation in get_user_context(request).organisations}
    return reverse(_LIST) + (f"?whose={organisation_id}" if own and organisation_id not in own else "")


def _redirect_back(request: HttpRequest, service: Service) -> HttpResponse:
    target = own_path(request.POST.get("back", "")) or _list_with(request, service.organisation_id)
    return HttpResponseRedirect(target)


def _log(request: HttpRequest, services: list[Service], message: str) -> None:
    LogEntry.objects.log_actions(request.user.pk, services, CHANGE, message)


class ServiceVerbView(View):
    """Calls `verb` for a service that the user may change. `success` is shown to them, `logged` in its history."""

    verb: Callable[..., Service]
    success: str
    logged: str

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        service = changeable_by(request.user, Service).filter(pk=pk).first()
        if service is None:
            return not_found(request)
        perform(request, lambda: self._do(request, pk), lambda done: self.success.format(done.activity))
        return self.redirect(request, service)

    def redirect(self, request: HttpRequest, service: Service) -> HttpResponse:
        return _redirect_back(request, service)

    def _do(self, request: HttpRequest, pk: int) -> Service:
        service = self.verb(pk, actor=request.user)
        _log(request, [service], self.logged)
        return service


class PauseView(ServiceVerbView):
    verb = staticmethod(workflow.pause)
    success = "{} is paused: it will not be suggested until you resume it."
    logged = "Paused."


class ResumeView(ServiceVerbView):
    verb = staticmethod(workflow.resume)
    success = "{} can be suggested again."
    logged = "Resumed."


class RestoreView(ServiceVerbView):
    verb = staticmethod(workflow.restore)
    success = "{} is back, but paused and not listed. Check it, then resume it."
    logged = "Brought back from the archive."

    def redirect(self, request: HttpRequest, service: Service) -> HttpResponse:
        return HttpResponseRedirect(reverse(_PAGE, args=[service.pk]))


class ArchiveView(ServiceVerbView):
    verb = staticmethod(workflow.archive)
    success = "{} is archived."
    logged = "Archived."

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        services = with_load(changeable_by(request.user, Service)).select_related("activity", "organisation", "network")
        service = services.filter(pk=pk).first()
        if service is None:
            return not_found(request)
        if service.archived_at:
            return HttpResponseRedirect(reverse(_PAGE, args=[pk]))
        title = f"Archive {service.activity}"
        return render_page(request, "backoffice/services/archive.html", title=title, service=service)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    if not changeable_by(request.user, Service).filter(pk=pk).exists():
        return not_found(request)
    for service in freshness.confirm([pk], actor=request.user):
        _log(request, [service], "Confirmed.")
        messages.success(request, f"Thank you. Everything about {service.activity} is confirmed as of today.")
    return _redirect_back(request, service)


class ConfirmAllView(View):
    """Shows the services of an organisation in a network that are due to be confirmed, and confirms them together."""

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        memberships = visible_to(request.user, NetworkMembership).select_related("organisation", "network")
        membership = memberships.filter(pk=pk).first()
        if membership is None:
            return not_found(request)
        services = changeable_by(request.user, Service).filter(
            organisation=membership.organisation_id, network=membership.network_id, archived_at=None
        )
        if not services.exists():
            return not_found(request)
        return super().dispatch(request, membership, services)

    def get(self, request: HttpRequest, membership: NetworkMembership, services: QuerySet) -> HttpResponse:
        now = timezone.now()
        stale = with_card_rows(freshness.stale(services)).order_by("activity__name", "pk")
        return render_page(
            request,
            "backoffice/services/confirm.html",
            title=f"Is all of this still correct? {membership.organisation}",
            membership=membership,
            cards=[(service, card_of(service, now=now)) for service in stale],
            count=services.count(),
            list_url=_list_with(request, membership.organisation_id),
        )

    def post(self, request: HttpRequest, membership: NetworkMembership, services: QuerySet) -> HttpResponse:
        # Only those that were on the page: nobody has checked one that has become due since.
        keys = [key for key in request.POST.getlist("service") if is_key(key)]
        on_page = services.filter(pk__in=keys).values_list("pk", flat=True)
        if confirmed := freshness.confirm(list(on_page), actor=request.user):
            _log(request, confirmed, "Confirmed.")
            what = "1 service is" if len(confirmed) == 1 else f"{len(confirmed)} services are"
            messages.success(request, f"Thank you. {what} confirmed as of today.")
        return HttpResponseRedirect(request.path)
