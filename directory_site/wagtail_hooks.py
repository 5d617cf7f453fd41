from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.snippets.models import register_snippet

from directory_site.cms.snippets import SearchWordsGroup

MANAGED_IN_BACK_OFFICE = {"users", "groups"}
NOT_IN_MENU = {"snippets", "help"}  # search words have an entry of their own; Wagtail's help is for developers

register_snippet(SearchWordsGroup)


@hooks.register("insert_global_admin_js")
def widget_script() -> SafeString:
    return format_html('<script src="{}"></script>', static("directory_site/cms.js"))


@hooks.register("construct_search")
@hooks.register("construct_settings_menu")
def leave_out_users(request: HttpRequest, items: list[MenuItem | SearchArea]) -> None:
    """Users and their roles are managed in the back office alone."""
    items[:] = [item for item in items if item.name not in MANAGED_IN_BACK_OFFICE]


@hooks.register("construct_main_menu")
def shorten_main_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in NOT_IN_MENU]
