"""The documents of the CMS: Wagtail's own patterns, with a limit on guessing their passwords."""

from django.urls import include, path
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.documents.views import serve

from directory_site.views import limit_passwords

urlpatterns = [
    path(
        "authenticate_with_password/<int:restriction_id>/",
        limit_passwords(serve.authenticate_with_password),
        name="wagtaildocs_authenticate_with_password",
    ),
    path("", include(wagtaildocs_urls)),
]
