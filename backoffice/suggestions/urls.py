from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.suggestions.views import WeightsView


def suggestions_urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view(WeightsView.as_view())
    return [path("settings/<int:pk>/suggestions/", view, name="suggestion_weights")]
