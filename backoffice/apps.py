from django.contrib.admin.apps import AdminConfig


class BackofficeConfig(AdminConfig):
    """Django's admin with our own site in place of the default one."""

    default_site = "backoffice.site.BackofficeSite"
