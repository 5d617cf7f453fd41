from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from backoffice.scoping import ScopedAdmin
from referrals.models import User


class UserForm(forms.ModelForm):
    new_password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave it empty to keep the password as it is.",
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        if password := self.cleaned_data["new_password"]:
            self.instance.set_password(password)
        elif not self.instance.pk:
            self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    """Everybody sees colleagues; only operators change anybody. Roles are rows of their own."""

    list_display = ["name", "email", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["name", "email"]
    fields = ["name", "email", "is_active", "last_login"]
    readonly_fields = ["last_login"]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object):
        if request.user.is_superuser:
            kwargs["form"] = UserForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        for_operators = ["new_password", "is_staff", "is_superuser"] if request.user.is_superuser else []
        return [*self.fields, *for_operators]
