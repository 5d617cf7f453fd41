"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.urls import URLPattern, path

from directory_site import sitemaps, views
from directory_site.feeds import NewServices
from directory_site.map_data import public_catchment, public_clusters, public_ground

urlpatterns: list[URLPattern] = [
    path("services/new.rss", NewServices(), name="new_services"),
    path("services/<int:number>/", views.service, name="public_service"),
    path("services/<int:number>-<slug:words>/", views.service, name="public_service"),
    path("organisations/<int:number>-<slug:words>/", views.organisation, name="public_organisation"),
    path("map/clusters.json", public_clusters, name="public_clusters"),
    path("map/ground.json", public_ground, name="public_ground"),
    path("map/catchments/<int:pk>.json", public_catchment, name="public_catchment"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap_section"),
]
