from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.team import first_steps, membership, people, switching

_SCREENS = [
    ("switch/", switching.switch, "switch"),
    ("organisations/invite/", people.invite_organisation, "invite_organisation"),
    ("organisations/<int:pk>/first-steps/", first_steps.first_steps, "first_steps"),
    ("people/<slug:kind>/<int:pk>/", people.people, "people"),
    ("people/<slug:kind>/<int:pk>/<int:member>/role/", people.change_role, "people_role"),
    ("people/<slug:kind>/<int:pk>/<int:member>/remove/", people.remove, "people_remove"),
    ("invitations/<int:pk>/again/", people.send_again, "invitation_again"),
    ("invitations/<int:pk>/withdraw/", people.withdraw, "invitation_withdraw"),
    ("memberships/<int:pk>/suspend/", membership.suspend, "membership_suspend"),
    ("memberships/<int:pk>/resume/", membership.resume, "membership_resume"),
    ("memberships/<int:pk>/leave/", membership.leave, "membership_leave"),
]


def joining_urls(site: AdminSite) -> list[URLPattern]:
    """Return the patterns of these screens, each behind the site's own door."""
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
