from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.team import first_steps, membership, people, switching

_SCREENS = [
    ("switch/", switching.switch_workplace, "switch"),
    ("organisations/invite/", people.invite_organisation, "invite_organisation"),
    ("organisations/<int:pk>/first-steps/", first_steps.first_steps, "first_steps"),
    ("people/<slug:kind>/<int:pk>/", people.TeamView.as_view(), "people"),
    ("people/<slug:kind>/<int:pk>/<int:member>/role/", people.ChangeRoleView.as_view(), "people_role"),
    ("people/<slug:kind>/<int:pk>/<int:member>/remove/", people.RemoveView.as_view(), "people_remove"),
    ("invitations/<int:pk>/again/", people.SendAgainView.as_view(), "invitation_again"),
    ("invitations/<int:pk>/decide/", people.DecideView.as_view(), "invitation_decide"),
    ("invitations/<int:pk>/withdraw/", people.WithdrawView.as_view(), "invitation_withdraw"),
    ("memberships/<int:pk>/suspend/", membership.SuspendView.as_view(), "membership_suspend"),
    ("memberships/<int:pk>/resume/", membership.ReinstateView.as_view(), "membership_resume"),
    ("memberships/<int:pk>/leave/", membership.LeaveView.as_view(), "membership_leave"),
]


def team_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
