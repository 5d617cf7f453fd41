from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.services import views

_SCREENS = [
    ("services/<int:pk>/pause/", views.pause, "service_pause"),
    ("services/<int:pk>/resume/", views.resume, "service_resume"),
    ("services/<int:pk>/archive/", views.archive, "service_archive"),
    ("services/<int:pk>/restore/", views.restore, "service_restore"),
    ("services/<int:pk>/confirm/", views.confirm, "service_confirm"),
    ("services/of/<int:pk>/confirm/", views.confirm_all, "services_confirm"),
]


def services_urls(site: AdminSite) -> list[URLPattern]:
    """Return the patterns of these screens, each behind the site's own door."""
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
