"""The pages of the CMS, which take every address that is left: Wagtail's own patterns, with a view of ours."""

from django.urls import path, re_path
from wagtail import views as wagtail_views
from wagtail.urls import serve_pattern

from directory_site.views import limit_passwords, page

urlpatterns = [
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        limit_passwords(wagtail_views.authenticate_with_password),
        name="wagtailcore_authenticate_with_password",
    ),
    re_path(serve_pattern, page, name="wagtail_serve"),
]
