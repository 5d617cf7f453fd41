"""The Referrals screen, the redirect from a referral's link, and what the screen's other views share."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse

from backoffice.responses import not_found, render_page
from backoffice.user_context import get_user_context
from backoffice.workspace.details import referral_details
from backoffice.workspace.listing import list_referrals, searched_url
from backoffice.workspace.paging import NEWER, OLDER
from referrals.access import visible_to
from referrals.models import Assignment, Referral, Strand
from referrals.references import parse_reference


def find_referral(request: HttpRequest, reference: str) -> Referral | None:
    """Return the referral if the user may know of it, however its reference was typed."""
    parsed = parse_reference(reference)
    return visible_to(request.user, Referral).filter(reference=parsed).first() if parsed else None


def workspace(request: HttpRequest) -> HttpResponse:
    if not get_user_context(request).can_see_referrals:
        return not_found(request)
    if request.method == "POST" or "q" in request.GET:  # the latter from an old bookmark
        return HttpResponseRedirect(searched_url(request))
    reference = request.GET.get("view", "")
    referral = find_referral(request, reference) if reference else None
    if reference and referral is None:
        return not_found(request)
    return render_workspace(request, referral)


def render_workspace(request: HttpRequest, referral: Referral | None, **details: object) -> HttpResponse:
    """`details` replaces parts of `referral_details`, such as by a form that was refused."""
    return render_page(
        request,
        "backoffice/workspace.html",
        title="Referrals",
        listing=list_referrals(request),
        details=referral_details(request, referral) | details if referral else None,
    )


def referral_redirect(request: HttpRequest, reference: str) -> HttpResponse:
    """Redirect from the short link in e-mails. Whoever is signed out learns nothing, not even whether it exists."""
    if not admin.site.has_permission(request):
        return redirect_to_login(request.get_full_path(), resolve_url("backoffice:login"))
    referral = find_referral(request, reference)
    if referral is None:
        return not_found(request)
    return HttpResponseRedirect(f"{reverse('backoffice:referrals')}?view={referral.reference}#viewing")


def with_referral(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the referral in its URL, if the user may see it. The two below do the same for rows of it."""

    @wraps(view)
    def wrapper(request: HttpRequest, reference: str, **kwargs: int) -> HttpResponse:
        referral = find_referral(request, reference)
        return not_found(request) if referral is None else view(request, referral, **kwargs)

    return wrapper


def with_assignment(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:

    @with_referral
    @wraps(view)
    def wrapper(request: HttpRequest, referral: Referral, pk: int) -> HttpResponse:
        assignments = visible_to(request.user, Assignment).filter(strand__referral=referral)
        related = ("strand__network", "strand__referral__person", "organisation")
        assignment = assignments.select_related(*related).filter(pk=pk).first()
        return not_found(request) if assignment is None else view(request, referral, assignment)

    return wrapper


def with_strand(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:

    @with_referral
    @wraps(view)
    def wrapper(request: HttpRequest, referral: Referral, pk: int) -> HttpResponse:
        strands = visible_to(request.user, Strand).filter(referral=referral)
        strand = strands.select_related("network", "referral__person").filter(pk=pk).first()
        return not_found(request) if strand is None else view(request, referral, strand)

    return wrapper


def back_to(request: HttpRequest, referral: Referral) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{back_url(request, referral)}#viewing")


def back_url(request: HttpRequest, referral: Referral) -> str:
    """Return the referral's URL with the list as it was: every URL of this screen carries its tab, filters and page."""
    query = request.GET.copy()
    query["view"] = referral.reference
    return f"{reverse('backoffice:referrals')}?{query.urlencode()}"


def list_url(request: HttpRequest) -> str:
    """Return the list as it was, at its beginning and with no referral chosen."""
    query = request.GET.copy()
    for name in ("pick", "view", OLDER, NEWER):
        query.pop(name, None)
    return f"{reverse('backoffice:referrals')}?{query.urlencode()}"
