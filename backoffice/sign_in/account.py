"""The pages of "Your sign-in", where people manage their password, second factor and sessions."""

from base64 import b32encode

import segno
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString, mark_safe
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from backoffice.sign_in.forms import ChangePasswordForm, PasswordAgainForm, SetUpForm
from backoffice.sign_in.steps import safe_next
from backoffice.sign_in.views import render_sign_in_page
from referrals import accounts
from referrals.access import visible_to
from referrals.models import AccountEvent
from referrals.refusals import Refusal
from referrals.view_access import open_while_signing_in

SETUP_SESSION_KEY = "second_factor_key"  # the secret of an app that is being set up
EVENTS_SHOWN = 20


def account(request: HttpRequest) -> HttpResponse:
    second_factor = accounts.second_factor_of(request.user)
    events = visible_to(request.user, AccountEvent).filter(user=request.user.pk)
    return render_sign_in_page(
        request,
        "sign_in/account",
        "Your sign-in",
        second_factor=second_factor,
        codes_left=accounts.codes_left(request.user) if second_factor.is_on else 0,
        events=events.select_related("actor", "organisation", "network")[:EVENTS_SHOWN],
    )


def _redirect_to_account(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("backoffice:account"))


@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Changing it signs out every other browser, but not this one."""
    form = ChangePasswordForm(request, request.POST or None)
    if form.is_valid():
        accounts.change_password(request.user, form.cleaned_data["new_password1"], actor=request.user)
        update_session_auth_hash(request, request.user)
        return _redirect_to_account(request, "Your password is changed. Other browsers and devices are signed out.")
    return render_sign_in_page(request, "sign_in/change_password", "Change your password", form=form)


@open_while_signing_in
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up the second factor. The key waits in the session until a first code shows that the app has it."""
    state = accounts.second_factor_of(request.user)
    if state.is_on:
        return HttpResponseRedirect(reverse("backoffice:account"))
    key = request.session.setdefault(SETUP_SESSION_KEY, default_key())
    form = SetUpForm(request, request.POST or None)
    if form.is_valid():
        try:
            device, codes = accounts.turn_second_factor_on(request.user, key=key, code=form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[SETUP_SESSION_KEY]
            request.session.cycle_key()
            otp_login(request, device)
            return _show_codes(request, codes, is_new=True)
    device = TOTPDevice(user=request.user, key=key)
    return render_sign_in_page(
        request,
        "sign_in/set_up",
        "Set up your second factor",
        form=form,
        is_required=state.is_required,
        link=device.config_url,
        picture=_draw_qr_code(device.config_url),
        key=_in_groups_of_four(key),
    )


def _draw_qr_code(text: str) -> SafeString:
    """Draw dark on white whatever the page's colours: many cameras read nothing else."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S308


def _in_groups_of_four(key: str) -> str:
    """Write a hexadecimal key as apps take it: base 32, in groups that can be read aloud."""
    letters = b32encode(bytes.fromhex(key)).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _show_codes(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    """Show them in the response to the form: a redirect would need them stored in the clear."""
    response = render_sign_in_page(
        request, "sign_in/codes", "Keep your recovery codes", codes=codes, is_new=is_new, after=safe_next(request)
    )
    response["Cache-Control"] = "no-store"
    return response


class ConfirmedActionView(View):
    """Says what will happen, asks for the password unless it was just typed, and then acts."""

    title: str
    words: str
    button: str
    is_destructive = False

    def act(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request: HttpRequest) -> HttpResponse:
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._render(request, PasswordAgainForm(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasswordAgainForm(request, request.POST)
        if not form.is_valid():
            return self._render(request, form)
        try:
            return self.act(request)
        except Refusal as refusal:
            return self._render(request, form, str(refusal))

    def _render(self, request: HttpRequest, form: PasswordAgainForm, refusal: str = "") -> HttpResponse:
        context = {"words": self.words, "button": self.button, "is_destructive": self.is_destructive}
        return render_sign_in_page(request, "sign_in/confirm", self.title, form=form, refusal=refusal, **context)


class NewCodesView(ConfirmedActionView):
    title = "Make new recovery codes"
    words = "You get ten new codes. Those you have now stop working."
    button = "Make new codes"

    def act(self, request: HttpRequest) -> HttpResponse:
        return _show_codes(request, accounts.make_recovery_codes(request.user), is_new=False)


class TurnOffView(ConfirmedActionView):
    title = "Turn your second factor off"
    words = "From then on your password alone opens your account. Your recovery codes stop working."
    button = "Turn it off"
    is_destructive = True

    def act(self, request: HttpRequest) -> HttpResponse:
        accounts.turn_second_factor_off(request.user, actor=request.user)
        return _redirect_to_account(request, "Your second factor is off. From now on the password alone signs you in.")


class SignOutEverywhereView(ConfirmedActionView):
    title = button = "Sign out everywhere"
    words = "Every browser and device that is signed in with your account is signed out, this one too."

    def act(self, request: HttpRequest) -> HttpResponse:
        accounts.sign_out_everywhere(request.user, actor=request.user)
        logout(request)
        return HttpResponseRedirect(f"{reverse('backoffice:login')}?ended=everywhere")
