from django.apps import AppConfig


class DirectorySiteConfig(AppConfig):
    name = "directory_site"
    verbose_name = "Public site"

    def ready(self) -> None:
        from directory_site.cms.editors import watch_roles
        from directory_site.cms.field_starters import start_choosers_from_data  # its widgets need the models

        start_choosers_from_data()
        watch_roles()
