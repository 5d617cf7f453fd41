"""Addresses that stay where they are, whatever editors move: those of services, organisations and data.

All else of the public site is pages of the CMS, served by Wagtail.
"""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
