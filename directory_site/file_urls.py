"""Files of the public site that are the same in every language, or that robots look for at one address only. They
have no language in their address."""

from django.urls import path

from directory_site.directory.map_data import public_boundary, public_catchment, public_map_labels
from directory_site.seo import robots
from directory_site.views import branding, favicon

urlpatterns = [
    path("branding/<slug:digest>.css", branding, name="branding"),
    path("favicon.ico", favicon, name="favicon"),
    path("map/boundary.json", public_boundary, name="public_boundary"),
    path("map/catchments/<int:pk>.json", public_catchment, name="public_catchment"),
    path("map/labels.json", public_map_labels, name="public_map_labels"),
    path("robots.txt", robots.robots_txt, name="robots"),
    path("sitemap.xml", robots.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", robots.sitemap_section, name="sitemap_section"),
]
