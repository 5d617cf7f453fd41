from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.network_settings.area import AreaView
from backoffice.network_settings.categories import CategoriesView
from backoffice.network_settings.consent import ConsentView
from backoffice.network_settings.demographics import DemographicsView
from backoffice.network_settings.views import SettingsView


def network_settings_urls(site: AdminSite) -> list[URLPattern]:
    return [
        path("settings/<int:pk>/network/", site.admin_view(SettingsView.as_view()), name="settings_network"),
        path("settings/<int:pk>/area/", site.admin_view(AreaView.as_view()), name="settings_area"),
        path("settings/<int:pk>/categories/", site.admin_view(CategoriesView.as_view()), name="settings_categories"),
        path("settings/<int:pk>/consent/", site.admin_view(ConsentView.as_view()), name="settings_consent"),
        path(
            "settings/<int:pk>/demographics/", site.admin_view(DemographicsView.as_view()), name="settings_demographics"
        ),
    ]
