"""Addresses that stay where they are, whatever editors move: services, organisations, their feed and map.

Everything here has words in it or links to pages, and so has an address in each language. `file_urls` holds what has
neither, `page_urls` the pages of the CMS.
"""

from django.urls import URLPattern, URLResolver, include, path

from directory_site.details import views
from directory_site.directory.map_data import public_clusters
from directory_site.seo.feeds import new_services

urlpatterns: list[URLPattern | URLResolver] = [
    path("map/clusters.json", public_clusters, name="public_clusters"),
    path("services/new.rss", new_services, name="new_services"),
    path("services/<int:number>/", views.service, name="public_service"),
    path("services/<int:number>-<slug:words>/", views.service, name="public_service"),
    path("organisations/<int:number>-<slug:words>/", views.organisation, name="public_organisation"),
    path("", include("directory_site.contact.urls")),
]
