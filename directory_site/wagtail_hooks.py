from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.snippets.models import register_snippet

from directory_site.cms.snippets import SynonymGroupViewSet

KEPT_BY_THE_BACK_OFFICE = {"users", "groups"}
ELSEWHERE_IN_THE_MENU = {"snippets", "help"}  # the only snippets have their own line; Wagtail's help is for developers

register_snippet(SynonymGroupViewSet)


@hooks.register("insert_global_admin_js")
def starter_script() -> SafeString:
    return format_html('<script src="{}"></script>', static("directory_site/cms.js"))


@hooks.register("construct_search")
@hooks.register("construct_settings_menu")
def leave_out_users(request: HttpRequest, items: list[MenuItem | SearchArea]) -> None:
    """Who may sign in, and as what, is one place's business: the back office's."""
    items[:] = [item for item in items if item.name not in KEPT_BY_THE_BACK_OFFICE]


@hooks.register("construct_main_menu")
def leave_out_what_is_elsewhere(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in ELSEWHERE_IN_THE_MENU]
