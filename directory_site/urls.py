"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.urls import URLPattern, URLResolver, include, path

from directory_site import detail_views, robots
from directory_site.feeds import NewServices
from directory_site.map_data import public_catchment, public_clusters, public_ground
from directory_site.views import branding

urlpatterns: list[URLPattern | URLResolver] = [
    path("branding/<slug:digest>.css", branding, name="branding"),
    path("services/new.rss", NewServices(), name="new_services"),
    path("services/<int:number>/", detail_views.service, name="public_service"),
    path("services/<int:number>-<slug:words>/", detail_views.service, name="public_service"),
    path("organisations/<int:number>-<slug:words>/", detail_views.organisation, name="public_organisation"),
    path("", include("directory_site.writing.urls")),
    path("map/clusters.json", public_clusters, name="public_clusters"),
    path("map/ground.json", public_ground, name="public_ground"),
    path("map/catchments/<int:pk>.json", public_catchment, name="public_catchment"),
    path("robots.txt", robots.robots_txt, name="robots"),
    path("sitemap.xml", robots.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", robots.sitemap_section, name="sitemap_section"),
]
