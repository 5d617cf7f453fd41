from django.apps import AppConfig


class DirectorySiteConfig(AppConfig):
    name = "directory_site"
    verbose_name = "Public site"

    def ready(self) -> None:
        from directory_site.cms.editors import connect_signals
        from directory_site.cms.widget_scripts import move_chooser_scripts_into_data  # its widgets need the models

        move_chooser_scripts_into_data()
        connect_signals()

    def read_dictionaries(self) -> None:
        from directory_site.search.dictionary import read_dictionaries  # search needs the models

        read_dictionaries()
