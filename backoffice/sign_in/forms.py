from datetime import datetime

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from backoffice.sign_in import sessions
from referrals import accounts
from referrals.client_address import client_address
from referrals.mailboxes import PlainAddressField
from referrals.models import User
from referrals.user_input.text import strip_invisible


def describe_wait_until(moment: datetime) -> str:
    seconds = max((moment - timezone.now()).total_seconds(), 1)
    if seconds < 60:
        return f"{round(seconds + 0.5)} seconds" if seconds > 1 else "a second"
    minutes = -(-int(seconds) // 60)
    if minutes < 60:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    hours = -(-minutes // 60)
    return f"{hours} hour{'s' if hours > 1 else ''}"


class SignInForm(AuthenticationForm):
    username = forms.CharField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username", "spellcheck": "false"}),
    )
    error_messages = {
        "invalid_login": "This e-mail and password do not match. Please check both and try again.",
    }

    @property
    def refused_until(self) -> datetime | None:
        return accounts.refused_until(self.data.get("username", ""), client_address(self.request))


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code from your app",
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "code"}
        ),
    )

    def clean_code(self) -> str:
        code = strip_invisible("".join(self.cleaned_data["code"].split()))
        if len(code) != 6 or not (code.isascii() and code.isdecimal()):
            raise ValidationError("A code has six figures. Please type the one your app shows now.")
        return code


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label="Recovery code",
        max_length=30,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        return strip_invisible(self.cleaned_data["code"])


class ResetForm(forms.Form):
    email = PlainAddressField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )


class NewPasswordForm(SetPasswordForm):
    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(user, *args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, first.help_text = "New password", "Ten characters or more. Three words at random do well."
        second.label, second.help_text = "New password again", ""


class PasswordAgainForm(forms.Form):
    """Asks for the password again unless it was typed a moment ago, so that a screen left open is not enough."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, *args: object, always: bool = False, **kwargs: object) -> None:
        self.request = request
        super().__init__(*args, **kwargs)
        if sessions.was_password_typed_recently(request.session) and not always:
            del self.fields["password"]

    def clean_password(self) -> None:
        check_own_password(self.request, self.cleaned_data["password"])


def check_own_password(request: HttpRequest, password: str) -> None:
    """Raise ValidationError unless it is the password of whoever is signed in."""
    if not password:  # forgotten rather than guessed
        raise ValidationError("Type your own password.")
    user = request.user
    # `authenticate` counts wrong passwords, within the same limits as when signing in.
    if authenticate(request, username=user.email, password=password) != user:
        until = accounts.refused_until(user.email, client_address(request))
        wait = f" Please wait {describe_wait_until(until)} before you try again." if until else ""
        raise ValidationError(f"This is not your password.{wait}")
    sessions.record_password_typed(request.session)


class SetUpForm(PasswordAgainForm):
    code = CodeForm.base_fields["code"]
    clean_code = CodeForm.clean_code
    field_order = ["code", "password"]


class ChangePasswordForm(PasswordAgainForm, NewPasswordForm):
    field_order = ["password", "new_password1", "new_password2"]

    def __init__(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().__init__(request, request.user, *args, always=True, **kwargs)
