"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail. Whatever has words in it, or links to pages, stands
here, and so has an address in each language; files without either are in `urls_of_files`.
"""

from django.urls import URLPattern, URLResolver, include, path

from directory_site import detail_views
from directory_site.feeds import NewServices
from directory_site.map_data import public_clusters

urlpatterns: list[URLPattern | URLResolver] = [
    path("map/clusters.json", public_clusters, name="public_clusters"),
    path("services/new.rss", NewServices(), name="new_services"),
    path("services/<int:number>/", detail_views.service, name="public_service"),
    path("services/<int:number>-<slug:words>/", detail_views.service, name="public_service"),
    path("organisations/<int:number>-<slug:words>/", detail_views.organisation, name="public_organisation"),
    path("", include("directory_site.writing.urls")),
]
