from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from backoffice.languages import drop_empty_catalogues


class BackofficeConfig(AdminConfig):
    """Django's admin with our own site in place of the default one."""

    default_site = "backoffice.site.BackofficeSite"


class ScreensConfig(AppConfig):
    """Our own screens: their static files, template tags and admin registrations."""

    name = "backoffice"
    verbose_name = "Back office"

    def ready(self) -> None:
        from backoffice.scoped_admin import checks  # noqa: F401 - registers them; admins are not ready before this moment
        from backoffice.sign_in import sessions  # noqa: F401 - listens to who signs in

        drop_empty_catalogues()
