from functools import partial

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from backoffice.responses import perform, render_page
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.sign_in.forms import PasswordAgainForm, check_own_password
from referrals import accounts
from referrals.models import User

_NEEDS_PASSWORD = {"email", "is_active", "is_staff", "is_superuser", "new_password"}


class UserForm(forms.ModelForm):
    """For operators. What decides who gets in, and with which rights, takes their own password again."""

    request: HttpRequest
    new_password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave it empty to keep the password as it is.",
    )

    your_password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Needed for a change of e-mail, rights or password.",
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        if _NEEDS_PASSWORD.intersection(self.changed_data):
            try:
                check_own_password(self.request, cleaned.get("your_password", ""))
            except forms.ValidationError as error:
                self.add_error("your_password", error)
        return cleaned

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        if not self.instance.pk:
            self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    """Roles are separate rows: others see their colleagues on the pages of their teams."""

    only_operators = True
    export_columns = ["name", "email", "is_active", "last_login"]
    list_display = ["name", "email", "is_active", "last_login"]
    list_filter = ["is_active"]
    flags = {"is_active": (False, "Cannot sign in")}
    search_fields = ["name", "email"]
    fields = [
        "name",
        "email",
        "is_active",
        "last_login",
        "second_factor",
        "new_password",
        "is_staff",
        "is_superuser",
        "your_password",
    ]
    readonly_fields = ["last_login", "second_factor"]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object):
        kwargs["form"] = type("UserForm", (UserForm,), {"request": request})
        return super().get_form(request, obj, change, **kwargs)

    def second_factor(self, user: User) -> str:
        return "On" if self._has_second_factor(user) else "Off"

    def _has_second_factor(self, user: User) -> bool:
        return user.pk is not None and accounts.second_factor_of(user).is_on

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        accounts.save_user(obj, actor=request.user)
        if password := form.cleaned_data.get("new_password"):
            accounts.change_password(obj, password, actor=request.user)

    def get_urls(self) -> list:
        turn_off = self.admin_site.admin_view(self.turn_second_factor_off)
        return [path("<int:pk>/second-factor-off/", turn_off, name="user_second_factor_off"), *super().get_urls()]

    def tools(self, request: HttpRequest, obj: User | None) -> list[tuple[str, str]]:
        if not obj or obj == request.user or not self._has_second_factor(obj):
            return []
        return [("Turn off the second factor", reverse("backoffice:user_second_factor_off", args=[obj.pk]))]

    def turn_second_factor_off(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For operators, when a telephone is lost. Not for coordinators: a user may belong to other networks."""
        if not request.user.is_superuser or pk == request.user.pk:
            raise PermissionDenied
        user = self.get_object(request, str(pk))
        if user is None:
            raise Http404
        form = PasswordAgainForm(request, request.POST or None, always=True)
        if form.is_valid():
            verb = partial(accounts.turn_second_factor_off, user, actor=request.user)
            perform(request, verb, f"{user} no longer has a second factor, and is signed out.")
            return HttpResponseRedirect(reverse("backoffice:referrals_user_change", args=[pk]))
        title = "Turn off a second factor"
        return render_page(request, "backoffice/sign_in/turn_off_for.html", title=title, person=user, form=form)
