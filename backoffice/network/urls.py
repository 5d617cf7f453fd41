from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.network import views

_SCREENS = [
    ("organisations/", views.list_view, "network_list"),
]


def network_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
