"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.http import Http404
from django.urls import URLPattern, path

urlpatterns: list[URLPattern] = [
    path("services/<int:pk>-<slug:slug>/", Http404, name="public_service"),
]
