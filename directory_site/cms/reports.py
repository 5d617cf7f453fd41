"""What is waiting for editors: a panel on the dashboard of the CMS, and two reports."""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page, Site
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import page_permission_policy

from directory_site.models.search_words import PhraseMeaning
from directory_site.models.synonyms import SynonymGroup
from directory_site.models.unfound_words import UnfoundWord
from directory_site.search.danger_reader import MAX_WORDS, load_danger_matcher
from directory_site.spelling import key_of
from referrals.access import visible_to
from referrals.enums import MessageState
from referrals.models import PublicMessage

MESSAGES = "backoffice:referrals_publicmessage_changelist"


def pages_due_for_review(user: AbstractBaseUser, today: date | None = None) -> QuerySet[Page]:
    """Return the published pages that this user may change and that are long unreviewed, the oldest first."""
    since = (today or timezone.localdate()) - relativedelta(months=settings.REVIEW_MONTHS)
    pages = page_permission_policy.instances_user_has_permission_for(user, "change").live()
    reviewed = Coalesce("guidancepage__reviewed_on", "plainpage__reviewed_on")
    pages = pages.filter(Q(guidancepage__isnull=False) | Q(plainpage__isnull=False)).annotate(reviewed=reviewed)
    return pages.filter(Q(reviewed=None) | Q(reviewed__lt=since)).order_by(F("reviewed").asc(nulls_first=True), "title")


def unfound_words() -> list[UnfoundWord]:
    """Return the words to show, those searched for on most days first, without those that editors have since added: as
    a synonym, as a phrase with a meaning, or as a word of danger."""
    answers = (*SynonymGroup.objects.all(), *PhraseMeaning.objects.all())
    kept = {key_of(term) for answer in answers for term in answer.terms}
    danger = load_danger_matcher()
    return [
        row
        for row in UnfoundWord.objects.shown()
        if key_of(row.word) not in kept and not danger.are_in(row.word, max_words=MAX_WORDS)
    ]


class WaitingPanel(Component):
    name = "waiting"
    order = 50
    template_name = "directory_site/cms/waiting.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        messages = visible_to(user, PublicMessage).filter(state=MessageState.OPEN)
        sites = Site.objects.select_related("root_page").order_by("-is_default_site", "site_name")
        return {
            "messages": messages.count(),
            "messages_address": reverse(MESSAGES),
            "pages": pages_due_for_review(user).count(),
            "months": settings.REVIEW_MONTHS,
            "words": len(unfound_words()) if may_edit_search_words(user) else 0,
            "sites": sites if user.has_perm("directory_site.change_publicsite") else [],
        }


def may_review_pages(user: AbstractBaseUser) -> bool:
    return page_permission_policy.user_has_any_permission(user, ReviewReport.any_permission_required)


class ReviewReport(ReportView):
    page_title = "Pages to review"
    header_icon = "calendar-check"
    index_url_name = "pages_to_review"
    index_results_url_name = "pages_to_review_results"
    permission_policy = page_permission_policy
    any_permission_required = ["add", "change", "publish"]
    is_searchable = False
    list_export = ["title", "reviewed"]
    export_headings = {"title": "Page", "reviewed": "Reviewed on"}
    columns = [
        TitleColumn("title", label="Page", get_url=lambda page: reverse("wagtailadmin_pages:edit", args=[page.pk])),
        Column("reviewed", label="Reviewed on", accessor=lambda page: page.reviewed or "never"),
    ]

    def get_base_queryset(self) -> QuerySet[Page]:
        return pages_due_for_review(self.request.user)

    def order_queryset(self, queryset: QuerySet[Page]) -> QuerySet[Page]:
        return queryset


_WORDS = ModelPermissionPolicy(SynonymGroup)


def may_edit_search_words(user: AbstractBaseUser) -> bool:
    return _WORDS.user_has_permission(user, "add")


def _link_to_add(row: UnfoundWord) -> str:
    add = reverse("wagtailsnippets_directory_site_synonymgroup:add", query={"word": row.word})
    return format_html('<a href="{}">Add to words that mean the same</a>', add)


class UnfoundReport(ReportView):
    page_title = "Searches that found nothing"
    header_icon = "search"
    index_url_name = "unfound_words"
    index_results_url_name = "unfound_words_results"
    model = UnfoundWord
    permission_policy = _WORDS
    permission_required = "add"
    is_searchable = False
    list_export = ["word", "days", "last_asked"]
    columns = [
        Column("word", label="Word"),
        Column("days", label="Days on which it was asked"),
        DateColumn("last_asked", label="Last asked"),
        Column("add", label="", accessor=_link_to_add),
    ]

    def get_base_queryset(self) -> QuerySet[UnfoundWord]:
        return UnfoundWord.objects.filter(pk__in=[row.pk for row in unfound_words()])
