from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.team import first_steps, mail_choices, membership, switching, views

_SCREENS = [
    ("switch/", switching.switch_workplace, "switch"),
    ("organisations/invite/", views.invite_organisation, "invite_organisation"),
    ("organisations/<int:pk>/first-steps/", first_steps.first_steps, "first_steps"),
    ("people/<slug:kind>/<int:pk>/", views.TeamView.as_view(), "team"),
    ("people/<slug:kind>/<int:pk>/e-mails/", mail_choices.MailChoicesView.as_view(), "team_mail"),
    ("people/<slug:kind>/<int:pk>/<int:member>/role/", views.ChangeRoleView.as_view(), "team_role"),
    ("people/<slug:kind>/<int:pk>/<int:member>/remove/", views.RemoveView.as_view(), "team_remove"),
    ("invitations/<int:pk>/again/", views.SendAgainView.as_view(), "invitation_again"),
    ("invitations/<int:pk>/decide/", views.DecideView.as_view(), "invitation_decide"),
    ("invitations/<int:pk>/withdraw/", views.WithdrawView.as_view(), "invitation_withdraw"),
    ("memberships/<int:pk>/suspend/", membership.SuspendView.as_view(), "membership_suspend"),
    ("memberships/<int:pk>/resume/", membership.ReinstateView.as_view(), "membership_reinstate"),
    ("memberships/<int:pk>/leave/", membership.LeaveView.as_view(), "membership_leave"),
]


def team_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
