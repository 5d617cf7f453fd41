from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.home.settings_page import settings_page
from backoffice.home.system import system


def home_urls(site: AdminSite) -> list[URLPattern]:
    return [
        path("settings/", site.admin_view(settings_page), name="settings"),
        path("system/", site.admin_view(system), name="system"),
    ]
