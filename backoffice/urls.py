from django.apps import apps
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import Http404
from django.urls import include, path, re_path
from django.views.defaults import page_not_found
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from backoffice.health import healthz
from backoffice.pictures.media import NAME, picture
from backoffice.sign_in.urls import password_reset_urls
from backoffice.team.invitation_pages import accept
from backoffice.team.mail_choices import stop_digest
from backoffice.workspace.screen import referral_redirect

handler400 = "backoffice.error_pages.bad_request"
handler403 = "backoffice.error_pages.permission_denied"
handler404 = "backoffice.error_pages.page_not_found"

# Where a mail service tells what became of e-mails.
_MAIL_SERVICE_URLS = [path("anymail/", include("anymail.urls"))] if apps.is_installed("anymail") else []

urlpatterns = [
    *_MAIL_SERVICE_URLS,
    path("healthz", healthz, name="healthz"),
    # Public URLs come first, since patterns are tried from the top. Polish pages have "/pl/" in front, those of our own
    # language nothing.
    *i18n_patterns(path("", include("directory_site.urls")), prefix_default_language=False),
    path("", include("directory_site.file_urls")),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:name>", picture, name=NAME),
    path("", include("referrals.referral_form.urls")),
    path("r/<str:reference>/", referral_redirect, name="referral"),
    path("join/<str:token>/", accept, name="join"),
    path("summaries/<str:token>/", stop_digest, name="stop_digest"),
    path("backoffice/password-reset/", include(password_reset_urls)),
    path("backoffice/", admin.site.urls),
    # Who may sign in, how, and under which name is the back office's business: before Wagtail's own pages for it.
    path("cms/login/", RedirectView.as_view(pattern_name="backoffice:login", query_string=True)),
    path("cms/account/", RedirectView.as_view(pattern_name="backoffice:account")),
    re_path(r"^cms/(?:users|groups|bulk/referrals/user|failwhale)/", page_not_found, {"exception": Http404()}),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include("directory_site.document_urls")),
    *i18n_patterns(
        path(
            "_util/login/",
            RedirectView.as_view(pattern_name="backoffice:login", query_string=True),
            name="wagtailcore_login",
        ),
        path("", include("directory_site.page_urls")),  # takes every address that is left
        prefix_default_language=False,
    ),
]
