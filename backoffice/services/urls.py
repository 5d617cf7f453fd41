from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.services import views

_SCREENS = [
    ("services/<int:pk>/pause/", views.PauseView.as_view(), "service_pause"),
    ("services/<int:pk>/resume/", views.ResumeView.as_view(), "service_resume"),
    ("services/<int:pk>/archive/", views.ArchiveView.as_view(), "service_archive"),
    ("services/<int:pk>/restore/", views.RestoreView.as_view(), "service_restore"),
    ("services/<int:pk>/confirm/", views.confirm, "service_confirm"),
    ("services/of/<int:pk>/confirm/", views.ConfirmAllView.as_view(), "services_confirm"),
]


def services_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
