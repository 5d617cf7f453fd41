"""The Referrals screen itself, the way into it from a link, and what its other views share."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice.user_context import get_user_context
from backoffice.workspace.listing import listing
from backoffice.workspace.viewing import viewing
from referrals import workflow
from referrals.access import visible_to
from referrals.models import Assignment, Referral, Strand
from referrals.references import parse_reference


def find_referral(request: HttpRequest, reference: str) -> Referral | None:
    """Return the referral if the user may know of it, however its reference was typed."""
    parsed = parse_reference(reference)
    return visible_to(request.user, Referral).filter(reference=parsed).first() if parsed else None


def screen(request: HttpRequest, template: str, status: int = 200, **context: object) -> TemplateResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer alike whether there is no such referral or it is somebody else's."""
    return screen(request, "backoffice/not_found.html", 404, title="Nothing to see here")


def workspace(request: HttpRequest) -> HttpResponse:
    if not get_user_context(request).knows_referrals:
        return not_found(request)
    wanted = request.GET.get("view", "")
    referral = find_referral(request, wanted) if wanted else None
    if wanted and referral is None:
        return not_found(request)
    return screen(
        request,
        "backoffice/workspace.html",
        title="Referrals",
        listing=listing(request),
        viewing=viewing(request, referral) if referral else None,
    )


def referral_redirect(request: HttpRequest, reference: str) -> HttpResponse:
    """Open a referral from its link. The signed-out learn nothing, not even whether there is such a referral."""
    if not admin.site.has_permission(request):
        return redirect_to_login(request.get_full_path(), resolve_url("backoffice:login"))
    referral = find_referral(request, reference)
    if referral is None:
        return not_found(request)
    return HttpResponseRedirect(f"{reverse('backoffice:referrals')}?view={referral.reference}#viewing")


def of_referral(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view its referral, found within what the user may see before anything else is looked at."""

    @wraps(view)
    def found(request: HttpRequest, reference: str, **keys: int) -> HttpResponse:
        referral = find_referral(request, reference)
        return not_found(request) if referral is None else view(request, referral, **keys)

    return found


def _of_row(model: type[Model], **through: str) -> Callable:
    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @of_referral
        @wraps(view)
        def found(request: HttpRequest, referral: Referral, pk: int) -> HttpResponse:
            rows = visible_to(request.user, model).select_related(*through["related"])
            row = rows.filter(**{through["referral"]: referral}, pk=pk).first()
            return not_found(request) if row is None else view(request, referral, row)

        return found

    return decorate


of_assignment = _of_row(
    Assignment, referral="strand__referral", related=["strand__network", "strand__referral__person", "organisation"]
)
of_strand = _of_row(Strand, referral="referral", related=["network", "referral__person"])


def back_to(request: HttpRequest, referral: Referral) -> HttpResponseRedirect:
    """Return to the referral with the list as it was: its state travels in every address."""
    return HttpResponseRedirect(f"{back_url(request, referral)}#viewing")


def back_url(request: HttpRequest, referral: Referral) -> str:
    query = request.GET.copy()
    query["view"] = referral.reference
    return f"{reverse('backoffice:referrals')}?{query.urlencode()}"


def perform(request: HttpRequest, referral: Referral, verb: Callable[[], object], told: Callable) -> HttpResponse:
    """Do it, say what happened, go back. A refusal is said in its own words; then nothing has changed."""
    try:
        result = verb()
    except workflow.AlreadyDone as done:
        messages.info(request, str(done))
    except workflow.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told(result))
    return back_to(request, referral)
