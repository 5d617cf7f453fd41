from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.coverage import views

_SCREENS = [
    ("coverage/", views.coverage_view, "coverage"),
    ("coverage/places.csv", views.coverage_table, "coverage_table"),
]


def coverage_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
