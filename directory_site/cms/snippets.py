from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.views.snippets import SnippetViewSet

from directory_site.models.synonyms import SynonymGroup


class SynonymGroupViewSet(SnippetViewSet):
    model = SynonymGroup
    icon = "list-ul"
    menu_label = _("Search words")
    menu_order = 500
    add_to_admin_menu = True
    list_display = ["__str__"]
    ordering = ["words"]
    search_fields = ["words"]
    search_backend_name = None  # so the table itself is searched: a few dozen rows need no index
    panels = [FieldPanel("words")]
