from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.figures import views

_SCREENS = [
    ("figures/", views.figures, "figures"),
    ("figures/report/", views.report, "figures_report"),
    ("figures/<slug:slug>.csv", views.download, "figures_table"),
]


def figures_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
