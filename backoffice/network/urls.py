from django.contrib.admin import AdminSite
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from backoffice.network import calendar, capacity, catchment_map, organisation, views

_SCREENS = [
    ("organisations/", views.list_view, "network_list"),
    ("organisations/download.<slug:file_format>", views.download_list, "network_list_download"),
    ("organisations/calendar/", calendar.calendar_view, "network_calendar"),
    ("organisations/capacity/", capacity.capacity_view, "network_capacity"),
    ("organisations/map/", catchment_map.network_map, "network_map"),
    ("organisations/map/data/", catchment_map.network_map_data, "network_map_data"),
    ("organisations/<int:pk>/", organisation.organisation_view, "network_organisation"),
]


def network_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(require_safe(view)), name=name) for route, view, name in _SCREENS]
