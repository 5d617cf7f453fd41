"""What is done with a service by one click, or after a page that says what follows."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from backoffice.services.listing import with_load
from backoffice.team.people import say
from backoffice.workspace.screen import not_found, screen
from referrals import freshness, workflow
from referrals.access import changeable_by, own_organisations, visible_to
from referrals.import_export.widgets import is_key
from referrals.models import NetworkMembership, Service
from referrals.services.public_card import card_of, with_card_rows

_LIST = "backoffice:referrals_service_changelist"
_PAGE = "backoffice:referrals_service_change"


def _after(request: HttpRequest) -> HttpResponse:
    """Lead back to the page of ours whose button was pressed."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return HttpResponseRedirect(back if is_ours else reverse(_LIST))


def _log(request: HttpRequest, services: list[Service], what: str) -> None:
    LogEntry.objects.log_actions(request.user.pk, services, CHANGE, what)


def _do(request: HttpRequest, verb: Callable[[], Service], told: str) -> None:
    def logged() -> Service:
        service = verb()
        _log(request, [service], told.format("The service"))
        return service

    say(request, logged, lambda service: told.format(service.activity))


def _click(verb: Callable[..., Service], told: str) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        if not changeable_by(request.user, Service).filter(pk=pk).exists():
            return not_found(request)
        _do(request, lambda: verb(pk, actor=request.user), told)
        return _after(request)

    return view


pause = _click(workflow.pause, "{} is paused: it is suggested to nobody until you resume it.")
resume = _click(workflow.take_up, "{} can be suggested again.")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring it back and lead to it: it wants to be looked at."""
    if not changeable_by(request.user, Service).filter(pk=pk).exists():
        return not_found(request)
    told = "{} is back. It is paused and not listed: look at it, then resume it."
    _do(request, lambda: workflow.restore(pk, actor=request.user), told)
    return HttpResponseRedirect(reverse(_PAGE, args=[pk]))


def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what becomes of its offers and cases; when that is confirmed, archive it."""
    services = with_load(changeable_by(request.user, Service)).select_related("activity", "organisation", "network")
    service = services.filter(pk=pk).first()
    if service is None:
        return not_found(request)
    if request.method == "POST":
        _do(request, lambda: workflow.archive(pk, actor=request.user), "{} is archived.")
        is_own = own_organisations(request.user).filter(pk=service.organisation_id).exists()
        return HttpResponseRedirect(reverse(_LIST) + ("?whose=own" if is_own else ""))
    if service.archived_at:
        return HttpResponseRedirect(reverse(_PAGE, args=[pk]))
    return screen(request, "backoffice/services/archive.html", title=f"Archive {service.activity}", service=service)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that all of one service is correct today."""
    services = changeable_by(request.user, Service).filter(pk=pk)
    service = services.select_related("activity").first()
    if service is None:
        return not_found(request)
    if freshness.confirm(Service.objects.filter(pk=pk)):
        _log(request, [service], "Confirmed.")
        messages.success(request, f"Thank you. {service.activity} is confirmed as of today.")
    return _after(request)


def confirm_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an organisation's services of a network as they stand, those to be confirmed first."""
    memberships = visible_to(request.user, NetworkMembership).select_related("organisation", "network")
    membership = memberships.filter(pk=pk).first()
    if membership is None:
        return not_found(request)
    own = changeable_by(request.user, Service).filter(
        organisation=membership.organisation_id, network=membership.network_id, archived_at=None
    )
    if not own.exists():
        return not_found(request)
    if request.method == "POST":
        return _confirm_shown(request, own)
    now = timezone.now()
    shown = with_card_rows(freshness.stale(own)).order_by("activity__name", "pk")
    return screen(
        request,
        "backoffice/services/confirm.html",
        title=f"Is all of this still correct? {membership.organisation}",
        membership=membership,
        cards=[(service, card_of(service, now=now)) for service in shown],
        count=own.count(),
    )


def _confirm_shown(request: HttpRequest, own: QuerySet) -> HttpResponse:
    """Confirm those that were on the page: what has become due since was not looked at."""
    keys = [key for key in request.POST.getlist("service") if is_key(key)]
    services = list(own.filter(pk__in=keys))
    count = freshness.confirm(Service.objects.filter(pk__in=[service.pk for service in services]))
    if count:
        _log(request, services, "Confirmed.")
        what = "1 service is" if count == 1 else f"{count} services are"
        messages.success(request, f"Thank you. {what} confirmed as of today.")
    return HttpResponseRedirect(request.path)
