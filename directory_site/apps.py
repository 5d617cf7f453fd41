from django.apps import AppConfig


class DirectorySiteConfig(AppConfig):
    name = "directory_site"
    verbose_name = "Public site"
