"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.urls import include, path

from directory_site.service_page import service

urlpatterns = [
    path("services/<int:pk>-<slug:slug>/", service, name="public_service"),
    path("", include("directory_site.writing.urls")),
]
