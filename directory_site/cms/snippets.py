from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet, SnippetViewSetGroup

from directory_site.models.search_words import DangerWords, PhraseMeaning
from directory_site.models.sites import SiteWords
from directory_site.models.synonyms import SynonymGroup


class WordsViewSet(SnippetViewSet):
    icon = "list-ul"
    list_display = ["__str__"]
    search_backend_name = None  # so the table itself is searched: a few dozen rows need no index

    def register_chooser_viewset(self) -> None:
        """Register none: no page chooses words, and Wagtail 7.4 fails at the chooser's form to add a row."""


class AddSynonymGroupView(CreateView):
    def get_initial(self) -> dict[str, object]:
        return {"words": self.request.GET.get("word", "")}


class SynonymGroupViewSet(WordsViewSet):
    model = SynonymGroup
    add_view_class = AddSynonymGroupView
    ordering = ["words"]
    search_fields = ["words"]
    panels = [FieldPanel("words")]


class DangerWordsViewSet(WordsViewSet):
    model = DangerWords
    icon = "warning"
    ordering = ["danger"]
    search_fields = ["danger", "words"]
    panels = [FieldPanel("danger"), FieldPanel("words")]


class PhraseMeaningViewSet(WordsViewSet):
    model = PhraseMeaning
    ordering = ["phrases"]
    search_fields = ["phrases", "meaning"]
    panels = [FieldPanel("phrases"), FieldPanel("meaning")]


class SiteWordsViewSet(WordsViewSet):
    model = SiteWords
    icon = "globe"
    menu_label = _("Sites in other languages")
    list_display = ["public_site", "locale"]
    add_to_settings_menu = True


class SearchWordsGroup(SnippetViewSetGroup):
    items = (SynonymGroupViewSet, PhraseMeaningViewSet, DangerWordsViewSet)
    menu_label = _("Search words")
    menu_icon = "list-ul"
    menu_order = 500
    add_to_admin_menu = True
