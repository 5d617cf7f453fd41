from django.contrib.admin import AdminSite
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from backoffice.coverage import views

_SCREENS = [
    ("coverage/", views.coverage_view, "coverage"),
    ("coverage/places.csv", views.coverage_table, "coverage_table"),
]


def coverage_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(require_safe(view)), name=name) for route, view, name in _SCREENS]
