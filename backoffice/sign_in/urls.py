from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.sign_in import account, views
from referrals.view_access import public

_PUBLIC = [
    ("login/code/", views.code, "code"),
    ("login/recovery/", views.recovery, "recovery"),
    ("session/", views.session, "session"),
]
_SCREENS = [
    ("", account.account, "account"),
    ("password/", account.change_password, "password_change"),
    ("second-factor/", account.second_factor, "second_factor"),
    ("second-factor/codes/", account.NewCodesView.as_view(), "recovery_codes"),
    ("second-factor/off/", account.TurnOffView.as_view(), "second_factor_off"),
    ("unsent/", views.show_unsent, "unsent"),
    ("sign-out-everywhere/", account.SignOutEverywhereView.as_view(), "sign_out_everywhere"),
]
REPLACED = frozenset({"password_change", "password_change_done"})

password_reset_urls = [
    path("", views.ask_for_reset, name="password_reset"),
    path("<str:uidb64>/<str:token>/", public(views.NewPassword.as_view()), name="password_reset_confirm"),
]


def sign_in_urls(site: AdminSite) -> list[URLPattern]:
    open_to_all = [path(route, view, name=name) for route, view, name in _PUBLIC]
    own = [path(f"account/{route}", site.admin_view(view), name=name) for route, view, name in _SCREENS]
    return [*open_to_all, *own]
