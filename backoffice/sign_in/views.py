"""Signing in by password and code or recovery code, and setting a new password."""

from datetime import datetime

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.urls import reverse
from django.views import csrf
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from backoffice.requests import is_by_script, is_from_own_page, is_staff_area
from backoffice.responses import render_page
from backoffice.sign_in import sessions, unsent
from backoffice.sign_in.forms import (
    CodeForm,
    NewPasswordForm,
    RecoveryForm,
    ResetForm,
    SignInForm,
    describe_wait_until,
)
from backoffice.sign_in.steps import (
    complete_code_step,
    complete_password_step,
    pending_step,
    safe_next,
    user_awaiting_code,
    with_next,
)
from referrals import accounts
from referrals.client_address import client_address
from referrals.models import User
from referrals.rate_limits import TooMany
from referrals.view_access import public

_IDLE = "an hour" if settings.SESSION_IDLE_MINUTES == 60 else f"{settings.SESSION_IDLE_MINUTES} minutes"
ENDED = {
    "idle": f"You were signed out after {_IDLE} without a click, so that nobody else can use your screen.",
    "long": f"You were signed out {settings.SESSION_HOURS} hours after you signed in. Sign in again to carry on.",
    "everywhere": "You are signed out everywhere. Sign in again to carry on here.",
    "unsent": "You had been signed out, so nothing was sent. What you typed is kept for an hour. Sign in again, look "
    "at it, and press once more.",
    "lost": "You had been signed out, so nothing was sent. Sign in again, then press once more.",
}


def render_sign_in_page(request: HttpRequest, name: str, title: str, **context: object) -> HttpResponse:
    return render_page(request, f"backoffice/{name}.html", title=title, next=safe_next(request), **context)


def _refusal(until: datetime | None) -> dict[str, object]:
    """Return the page's context while this person must wait before another try."""
    return {"status": 429, "wait": describe_wait_until(until)} if until else {}


@never_cache
@csrf_protect
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password. The error does not reveal whether there is such an account."""
    if request.method != "POST" and admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("backoffice:index"))  # not to `next`, which may have sent them here
    if request.htmx:  # asked for a part of a page, whose session has ended: reload the whole page
        return HttpResponseClientRefresh()
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return complete_password_step(request, form.get_user())
    refused = _refusal(form.refused_until) if form.is_bound else {}
    ended = "" if form.is_bound else ENDED.get(request.GET.get("ended", ""), "")
    return render_sign_in_page(request, "sign_in", "Sign in", form=form, ended=ended, **refused)


@public
@never_cache
@csrf_protect
def code(request: HttpRequest) -> HttpResponse:
    return _second_step(request, CodeForm, accounts.check_code, "This code is wrong, or has been used already.")


@public
@never_cache
@csrf_protect
def recovery(request: HttpRequest) -> HttpResponse:
    wrong = "That is not one of your recovery codes, or it has been used already."
    return _second_step(request, RecoveryForm, accounts.use_recovery_code, wrong)


def _second_step(request: HttpRequest, form_class: type[Form], check, wrong: str) -> HttpResponse:
    user = user_awaiting_code(request)
    if user is None:
        return HttpResponseRedirect(with_next("backoffice:login", request))
    form = form_class(request.POST or None)
    refused: dict[str, object] = {}
    if form.is_valid():
        try:
            if device := check(user, form.cleaned_data["code"]):
                return complete_code_step(request, user, device)
            form.add_error("code", wrong)
        except accounts.TooManyTries as refusal:
            refused = _refusal(refusal.until)
    return render_sign_in_page(
        request, f"sign_in/{request.resolver_match.url_name}", "Your second factor", form=form, **refused
    )


@public
@never_cache
@csrf_protect
def ask_for_reset(request: HttpRequest) -> HttpResponse:
    """Answer in the same words, and the same time, whether or not there is an account with this address."""
    form = ResetForm(request.POST or None)
    if form.is_valid():
        try:
            accounts.ask_for_password_reset(form.cleaned_data["email"], client=client_address(request))
        except TooMany:
            return render_sign_in_page(
                request, "sign_in/reset", "A new password", form=form, status=429, is_refused=True
            )
        return render_sign_in_page(request, "sign_in/reset", "Check your e-mail", is_asked=True)
    return render_sign_in_page(request, "sign_in/reset", "A new password", form=form)


class NewPassword(PasswordResetConfirmView):
    """The page behind the link in the e-mail. Whoever opens it can read the account's mail, so it signs them in too."""

    form_class = NewPasswordForm
    token_generator = default_token_generator

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if user and user.is_active and user.is_staff else None

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        accounts.change_password(self.user, form.cleaned_data["new_password1"], actor=self.user)
        accounts.forgive_all(self.user.email)
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        return complete_password_step(self.request, self.user)

    def render_to_response(self, context: dict, **kwargs: object) -> HttpResponse:
        title = "A new password" if self.validlink else "This link no longer works"
        return render_sign_in_page(self.request, "sign_in/new_password", title, form=context["form"])


@public
@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Return how long the session lasts. Only a POST, which "Stay signed in" sends, prolongs it."""
    return JsonResponse({"seconds": sessions.seconds_left(request.session)})


@require_http_methods(["GET", "HEAD", "POST"])
def show_unsent(request: HttpRequest) -> HttpResponse:
    """Show what could not be sent, until it is sent or discarded (a POST). If only buttons were pressed, lead back."""
    if request.method == "POST":  # the middleware has dropped the one that KEY_FIELD names
        messages.success(request, "Discarded. Nothing was sent.")
        return HttpResponseRedirect(reverse("backoffice:unsent"))
    kept = unsent.find(request.session)
    if any(not one.is_button_alone for one in kept):
        return _render_unsent(request, kept, "You had been signed out, so nothing has been sent yet.")
    if not kept:
        return HttpResponseRedirect(reverse("backoffice:index"))
    for one in kept:
        unsent.forget(request.session, one.key)
    messages.warning(request, "You had been signed out, so nothing was done. Please press again.")
    return HttpResponseRedirect(kept[-1].back)


def _render_unsent(
    request: HttpRequest, kept: list[unsent.Unsent], reason: str, *, is_stale: bool = False
) -> HttpResponse:
    """`is_stale`: it was sent just now, from a page that was opened before the last sign-in."""
    context = {"title": "Not sent yet", "kept": kept, "reason": reason, "is_stale": is_stale}
    return render_page(request, "backoffice/sign_in/unsent.html", status=403 if is_stale else 200, **context)


STALE_PAGE = "Somebody signed in again after this page was opened, so nothing has been sent yet."


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show what was sent from a page of ours, if somebody has signed in again in another tab since it was opened.

    Nothing is kept: the words go back into the page that they came from.
    """
    if reason == REASON_NO_CSRF_COOKIE or not is_staff_area(request) or pending_step(request.user):
        return csrf.csrf_failure(request, reason)
    if not is_from_own_page(request):
        return csrf.csrf_failure(request, reason)
    if is_by_script(request):
        return unsent.refuse_script(request, "Somebody signed in again in another tab. Please load this page again.")
    return _render_unsent(request, [unsent.Unsent.of(request)], STALE_PAGE, is_stale=True).render()
