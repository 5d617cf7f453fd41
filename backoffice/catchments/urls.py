from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.catchments import views

_ADDRESSES = [
    ("catchments/change/", views.ChangeView.as_view(), "catchment_change"),
    ("catchments/surroundings/", views.SurroundingsView.as_view(), "catchment_surroundings"),
    ("catchments/labels/", views.map_labels, "map_labels"),
    ("postcodes/find/", views.FindPostcodeView.as_view(), "find_postcode"),
]


def catchment_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _ADDRESSES]
