"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.urls import URLPattern, path

from directory_site.map_data import public_catchment, public_clusters, public_ground


urlpatterns: list[URLPattern] = [
    path("map/clusters.json", public_clusters, name="public_clusters"),
    path("map/ground.json", public_ground, name="public_ground"),
    path("map/catchments/<int:pk>.json", public_catchment, name="public_catchment"),
]
