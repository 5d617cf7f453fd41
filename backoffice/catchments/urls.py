from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.catchments import views

_ADDRESSES = [
    ("catchments/change/", views.change, "catchment_change"),
    ("catchments/surroundings/", views.surroundings, "catchment_surroundings"),
    ("postcodes/find/", views.find_postcode, "find_postcode"),
]


def catchment_urls(site: AdminSite) -> list[URLPattern]:
    """Return what the scripts of maps ask, each behind the site's own door."""
    return [path(route, site.admin_view(view), name=name) for route, view, name in _ADDRESSES]
