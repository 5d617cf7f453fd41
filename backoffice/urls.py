from django.contrib import admin
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from backoffice.health import healthz
from backoffice.workspace.screen import door

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("referrals.intake.urls")),
    path("r/<str:reference>/", door, name="referral"),
    path("backoffice/", admin.site.urls),
    path("cms/", include(wagtailadmin_urls)),
    path("", include(wagtail_urls)),
]
