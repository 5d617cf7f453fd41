"""Your sign-in: the page where people look after their password, their second factor and their sessions."""

from base64 import b32encode
from collections.abc import Callable

import segno
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from backoffice.sign_in.forms import ChangePasswordForm, ProofForm, SetUpForm
from backoffice.sign_in.steps import safe_next
from backoffice.sign_in.views import page
from referrals import accounts
from referrals.access import visible_to
from referrals.models import AccountEvent
from referrals.view_access import open_while_signing_in
from referrals.workflow import Refusal

KEY = "second_factor_key"
EVENTS_SHOWN = 20


def account(request: HttpRequest) -> HttpResponse:
    second_factor = accounts.second_factor_of(request.user)
    events = visible_to(request.user, AccountEvent).filter(user=request.user.pk)
    return page(
        request,
        "sign_in/account",
        "Your sign-in",
        second_factor=second_factor,
        codes_left=accounts.codes_left(request.user) if second_factor.is_on else 0,
        events=events.select_related("actor", "organisation", "network")[:EVENTS_SHOWN],
    )


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("backoffice:account"))


@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password; this browser stays signed in, every other is signed out."""
    form = ChangePasswordForm(request, request.POST or None)
    if form.is_valid():
        accounts.change_password(request.user, form.cleaned_data["new_password1"], actor=request.user)
        update_session_auth_hash(request, request.user)
        return _back(request, "Your password is changed. Other browsers and devices are signed out.")
    return page(request, "sign_in/change_password", "Change your password", form=form)


@open_while_signing_in
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set the second factor up. The key stays in the session until a first code shows that an app has it."""
    state = accounts.second_factor_of(request.user)
    if state.is_on:
        return HttpResponseRedirect(reverse("backoffice:account"))
    key = request.session.setdefault(KEY, default_key())
    form = SetUpForm(request, request.POST or None)
    if form.is_valid():
        try:
            device, codes = accounts.turn_second_factor_on(request.user, key=key, code=form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[KEY]
            request.session.cycle_key()
            otp_login(request, device)
            return _codes_once(request, codes, is_new=True)
    device = TOTPDevice(user=request.user, key=key)
    return page(
        request,
        "sign_in/set_up",
        "Set up your second factor",
        form=form,
        is_required=state.is_required,
        link=device.config_url,
        picture=_picture(device.config_url),
        key=_in_fours(key),
    )


def _picture(text: str) -> SafeString:
    """Draw a QR code, dark on white whatever the page's colours are: many cameras know no other."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S308


def _in_fours(key: str) -> str:
    """Write a hexadecimal key as apps take it: base 32, in groups that can be read aloud."""
    letters = b32encode(bytes.fromhex(key)).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _codes_once(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    """Answer the form itself with the codes: kept for another page, they would be stored as they are."""
    response = page(
        request, "sign_in/codes", "Keep your recovery codes", codes=codes, is_new=is_new, onwards=safe_next(request)
    )
    response["Cache-Control"] = "no-store"
    return response


def _confirmed(
    act: Callable[[HttpRequest], HttpResponse], title: str, words: str, button: str, *, is_grave: bool = False
) -> Callable[[HttpRequest], HttpResponse]:
    """Make a screen that says what will happen, asks for the password unless it was just typed, and then acts."""

    @sensitive_post_parameters()
    def screen(request: HttpRequest) -> HttpResponse:
        form = ProofForm(request, request.POST if request.method == "POST" else None)
        refusal = ""
        if form.is_valid():
            try:
                return act(request)
            except Refusal as refused:
                refusal = str(refused)
        context = {"form": form, "words": words, "button": button, "is_grave": is_grave, "refusal": refusal}
        return page(request, "sign_in/confirm", title, **context)

    return screen


def _new_codes(request: HttpRequest) -> HttpResponse:
    return _codes_once(request, accounts.make_recovery_codes(request.user), is_new=False)


def _turn_off(request: HttpRequest) -> HttpResponse:
    accounts.turn_second_factor_off(request.user, actor=request.user)
    return _back(request, "Your second factor is off. From now on the password alone signs you in.")


def _sign_out(request: HttpRequest) -> HttpResponse:
    accounts.sign_out_everywhere(request.user, actor=request.user)
    logout(request)
    return HttpResponseRedirect(f"{reverse('backoffice:login')}?ended=everywhere")


new_codes = _confirmed(
    _new_codes,
    "Make new recovery codes",
    "You get ten new codes. Those you have now are good no more.",
    "Make new codes",
)
turn_off = _confirmed(
    _turn_off,
    "Turn your second factor off",
    "From then on your password alone opens your account. Your recovery codes are good no more.",
    "Turn it off",
    is_grave=True,
)
sign_out_everywhere = _confirmed(
    _sign_out,
    "Sign out everywhere",
    "Every browser and device that is signed in with your account is signed out, this one too.",
    "Sign out everywhere",
)
