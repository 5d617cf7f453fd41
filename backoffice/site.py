from collections.abc import Iterable

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from referrals.view_access import public

# Apps whose own admins are skipped, since they are not scoped. Most of their rows are edited in the CMS, and raw
# django-q rows hold pickles. For models of theirs that do belong here we have a scoped admin.
SKIPPED_APPS = frozenset({"auth", "django_q", "otp_static", "otp_totp", "taggit", "wagtailimages", "wagtaildocs"})


class BackofficeSite(AdminSite):
    site_title = "Referral Networks"
    site_header = "Referral Networks"
    index_title = "Home"
    index_template = "backoffice/index.html"
    enable_nav_sidebar = False
    site_url = None

    def __init__(self, name: str = "backoffice") -> None:
        super().__init__(name)
        self.empty_value_display = ""

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: object,
    ) -> None:
        """Register scoped admins only. Other admins are skipped if they are of SKIPPED_APPS, else refused."""
        from backoffice.scoped_admin.admin import ScopedAdmin  # the site is made before the models are ready

        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        if not (admin_class and issubclass(admin_class, ScopedAdmin)):
            models = [model for model in models if model._meta.app_label not in SKIPPED_APPS]
            if models:
                names = ", ".join(model._meta.label for model in models)
                raise ImproperlyConfigured(f"The admin of {names} must extend ScopedAdmin.")
        super().register(models, admin_class, **options)

    def unregister(self, model_or_iterable: type[Model] | Iterable[type[Model]]) -> None:
        """Ignore packages that want to replace an admin which is not registered here."""
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        super().unregister([model for model in models if self.is_registered(model)])

    def get_urls(self) -> list:
        from backoffice.catchments.urls import catchment_urls
        from backoffice.coverage.urls import coverage_urls
        from backoffice.figures.urls import figures_urls
        from backoffice.home.urls import home_urls
        from backoffice.network.urls import network_urls
        from backoffice.network_settings.urls import network_settings_urls
        from backoffice.people.urls import people_urls
        from backoffice.questions.urls import questions_urls
        from backoffice.services.urls import services_urls
        from backoffice.sign_in.urls import REPLACED, sign_in_urls
        from backoffice.suggestions.urls import suggestions_urls
        from backoffice.team.urls import team_urls
        from backoffice.workspace.urls import workspace_urls  # its views need the models

        # "View on site" would show anybody in the back office the URL of any row, even a secret link.
        dropped = {"view_on_site", *REPLACED}
        stock = [url for url in super().get_urls() if getattr(url, "name", None) not in dropped]
        return [
            *home_urls(self),
            *workspace_urls(self),
            *team_urls(self),
            *network_urls(self),
            *figures_urls(self),
            *coverage_urls(self),
            *services_urls(self),
            *network_settings_urls(self),
            *suggestions_urls(self),
            *questions_urls(self),
            *people_urls(self),
            *catchment_urls(self),
            *sign_in_urls(self),
            *stock,
        ]

    @public
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        from backoffice.sign_in.views import sign_in

        return sign_in(request)

    @public
    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        from django.contrib.auth.views import LogoutView  # it needs the models, as do the views above

        return LogoutView.as_view(next_page="backoffice:login")(request)

    def each_context(self, request: HttpRequest) -> dict:
        from backoffice.home.navigation import current_section, edits_public_site, header_links, section_links
        from backoffice.user_context import get_user_context

        context = super().each_context(request)
        if context["has_permission"]:
            context |= {
                "user_context": get_user_context(request),
                "header_links": header_links(request),
                "edits_public_site": edits_public_site(request.user),
                "section": current_section(request),
                "section_links": section_links(request),
            }
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        """Return nothing: the header leads everywhere."""
        return []

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        from backoffice.home.dashboard import load_dashboard
        from backoffice.responses import render_page
        from backoffice.user_context import get_user_context

        if get_user_context(request).starts_with_figures:
            return HttpResponseRedirect(reverse("backoffice:figures"))
        return render_page(
            request,
            self.index_template,
            title=self.index_title,
            dashboard=load_dashboard(request),
            **(extra_context or {}),
        )

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("backoffice:index"))

    @method_decorator(csrf_exempt)  # it changes nothing, and is asked by POST to keep names out of addresses
    def autocomplete_view(self, request: HttpRequest) -> JsonResponse:
        from backoffice.scoped_admin.relations import ScopedAutocomplete

        return ScopedAutocomplete.as_view(admin_site=self)(request)
