"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail. Whatever has words in it, or links to pages, stands
here, and so has an address in each language; files without either are in `urls_of_files`.
"""

from django.urls import URLPattern, URLResolver, include, path

from directory_site.details import views
from directory_site.directory.map_data import public_clusters
from directory_site.seo.feeds import NewServices

urlpatterns: list[URLPattern | URLResolver] = [
    path("map/clusters.json", public_clusters, name="public_clusters"),
    path("services/new.rss", NewServices(), name="new_services"),
    path("services/<int:number>/", views.service, name="public_service"),
    path("services/<int:number>-<slug:words>/", views.service, name="public_service"),
    path("organisations/<int:number>-<slug:words>/", views.organisation, name="public_organisation"),
    path("", include("directory_site.contact.urls")),
]
