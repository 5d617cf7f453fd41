from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.admin.ui.components import Component
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.snippets.models import register_snippet

from directory_site.blocks.link_targets import TranslatedPageLinkHandler
from directory_site.cms.reports import (
    ReviewReport,
    UnfoundReport,
    WaitingPanel,
    may_edit_search_words,
    may_review_pages,
)
from directory_site.cms.snippets import SearchWordsGroup, SiteWordsViewSet
from directory_site.seed.new_site import NewSiteView

MANAGED_IN_BACK_OFFICE = {"users", "groups"}
NOT_IN_MENU = {"snippets", "help"}  # search words have an entry of their own; Wagtail's help is for developers

register_snippet(SearchWordsGroup)
register_snippet(SiteWordsViewSet)


@hooks.register("register_rich_text_features")
def link_to_translations(features: FeatureRegistry) -> None:
    features.register_link_type(TranslatedPageLinkHandler)


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


@hooks.register("register_admin_urls", order=-1)
def admin_urls() -> list[URLPattern]:
    """These come before Wagtail's own, so that "Add a site" opens our form."""
    return [
        path("sites/new/", NewSiteView.as_view(), name="new_site"),
        path("reports/pages-to-review/", ReviewReport.as_view(), name="pages_to_review"),
        path(
            "reports/pages-to-review/results/", ReviewReport.as_view(results_only=True), name="pages_to_review_results"
        ),
        path("reports/unfound-words/", UnfoundReport.as_view(), name="unfound_words"),
        path("reports/unfound-words/results/", UnfoundReport.as_view(results_only=True), name="unfound_words_results"),
    ]


@hooks.register("construct_homepage_panels")
def add_waiting_panel(request: HttpRequest, panels: list[Component]) -> None:
    panels.append(WaitingPanel())


class ReviewMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_review_pages(request.user)


@hooks.register("register_reports_menu_item")
def report_of_reviews() -> MenuItem:
    return ReviewMenuItem(
        ReviewReport.page_title, reverse("pages_to_review"), icon_name=ReviewReport.header_icon, order=1200
    )


class UnfoundWordsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_edit_search_words(request.user)


@hooks.register("register_reports_menu_item")
def report_of_unfound_words() -> MenuItem:
    return UnfoundWordsMenuItem(
        UnfoundReport.page_title, reverse("unfound_words"), icon_name=UnfoundReport.header_icon, order=1201
    )
