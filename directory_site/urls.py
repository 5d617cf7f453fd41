"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.urls import URLPattern, path

from directory_site.views import branding

urlpatterns: list[URLPattern] = [
    path("branding/<slug:digest>.css", branding, name="branding"),
]
