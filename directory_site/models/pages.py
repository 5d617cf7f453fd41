"""The pages that editors make. Panels follow the order of the fields."""

from functools import cached_property

from django.db import models
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page, PageQuerySet
from wagtail.search import index

from directory_site.blocks.body import BodyBlock, RelatedBlock
from directory_site.blocks.field import BlocksField
from directory_site.blocks.text import SHORT_TEXT
from directory_site.directory.page import directory_context
from directory_site.languages import stay_in_language
from directory_site.models.sites import PublicSite
from directory_site.pictures import shared_address
from directory_site.search.categories import list_tiles
from directory_site.seo.meta import PageMeta
from directory_site.translations import addresses_by_language, in_active_language, in_own_language, language_of
from referrals.models import Network

DESCRIPTION_LENGTH = 160  # characters; search engines show no more


class SitePage(Page):
    share_picture = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture for links"),
        help_text=_("Shown where somebody shares this page. Otherwise its own picture, or that of the site."),
    )

    kind = "website"  # as Open Graph calls it
    # Without Wagtail's "Show in menus", which nothing reads here: menus are a setting of the site.
    promote_panels = [
        MultiFieldPanel(["slug", "seo_title", "search_description"], heading=_("For search engines")),
        FieldPanel("share_picture"),
    ]

    class Meta:
        abstract = True

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str | None, str | None] | None:
        """Keep the visitor's language in the URL of a page without a translation: its frame is still translated."""
        parts = super().get_url_parts(request)
        if parts is None or parts[2] is None:
            return parts
        return (*parts[:2], stay_in_language(parts[2]))

    @property
    def lead(self) -> str:
        """HTML or text about the page: its description for search engines unless an editor wrote one."""
        return ""

    @property
    def picture_for_links(self) -> str:
        return shared_address(self.share_picture)

    def head(self, request: HttpRequest | None) -> PageMeta:
        lead = " ".join(strip_tags(self.lead.replace("</p>", " ")).split())
        languages = addresses_by_language(self, request)
        return PageMeta(
            title=self.seo_title or self.title,
            description=self.search_description or Truncator(lead).chars(DESCRIPTION_LENGTH),
            path=languages.get(language_of(self, request), ""),
            languages=languages,
            picture=self.picture_for_links,
            kind=self.kind,
        )

    def live_children(self) -> PageQuerySet:
        return self.get_children().live().public()


class IntroducedPage(SitePage):
    introduction = RichTextField(
        blank=True, features=SHORT_TEXT, help_text=_("A sentence or two, in larger letters, below the title.")
    )

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    search_fields = [*Page.search_fields, index.SearchField("introduction")]

    class Meta:
        abstract = True

    @property
    def lead(self) -> str:
        return self.introduction


class MaybeSensitivePage(SitePage):
    is_sensitive = models.BooleanField(
        _("sensitive"),
        default=False,
        help_text=_(
            "Somebody may be in danger for reading it, as with abuse: it gets a button that leaves the site quickly."
        ),
    )

    class Meta:
        abstract = True


class HomePage(SitePage):
    """The front page of a site: search first, then categories, urgent help, and the ways into the referral forms."""

    hero_title = models.CharField(
        _("heading"), max_length=120, blank=True, help_text=_("Above the search. Empty: the title of the page.")
    )
    introduction = RichTextField(blank=True, features=["bold", "link", "ol", "ul"])
    categories_title = models.CharField(
        _("heading above the categories"), max_length=120, blank=True, default=_("Or choose a kind of help")
    )
    body = BlocksField(BodyBlock(), blank=True, help_text=_("Below the categories."))
    referral_title = models.CharField(
        _("heading above the referral forms"),
        max_length=120,
        blank=True,
        default=_("You know somebody who needs help?"),
    )
    referral_words = RichTextField(_("words above the referral forms"), blank=True, features=SHORT_TEXT)

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "directory_site.DirectoryPage",
        "directory_site.GuidanceIndexPage",
        "directory_site.PlainPage",
        "directory_site.ContactPage",
    ]
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("hero_title"), FieldPanel("introduction")], heading=_("Beside the search")),
        FieldPanel("categories_title"),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("referral_title"), FieldPanel("referral_words")], heading=_("Ways to refer")),
    ]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    @property
    def lead(self) -> str:
        return self.introduction

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        site = PublicSite.for_request(request)
        return super().get_context(request, *args, **kwargs) | {
            "directory": DirectoryPage.of_site(request),
            "tiles": list_tiles(site),
            "networks": networks_with_open_form(site),
        }


def networks_with_open_form(site: PublicSite) -> list[Network]:
    # Without a consent wording nobody can be referred.
    return list(site.shown_networks.filter(has_public_form=True, consent_wordings__isnull=False).distinct())


class DirectoryPage(IntroducedPage):
    nothing_found = RichTextField(
        _("when nothing is found"),
        blank=True,
        features=SHORT_TEXT,
        help_text=_("What somebody can try next, before the urgent help."),
    )

    parent_page_types = ["directory_site.HomePage"]
    subpage_types = []
    max_count_per_parent = 1
    content_panels = [*IntroducedPage.content_panels, FieldPanel("nothing_found")]

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        return super().get_context(request, *args, **kwargs) | directory_context(request, self.get_url(request) or "")

    @classmethod
    def of_site(cls, request: HttpRequest) -> Page | None:
        if not hasattr(request, "directory_page"):
            home = PublicSite.for_request(request).site.root_page
            page = cls.objects.live().descendant_of(home).first()
            request.directory_page = in_active_language(page, request) if page else None
        return request.directory_page


class GuidanceIndexPage(IntroducedPage):
    parent_page_types = ["directory_site.HomePage"]
    subpage_types = ["directory_site.GuidancePage"]

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        articles, original = list(GuidancePage.listed_below(self)), in_own_language(self, request)
        if original.pk != self.pk:  # what nobody has translated yet is better than nothing
            translated = {article.translation_key for article in articles}
            others = GuidancePage.listed_below(original).exclude(translation_key__in=translated)
            articles += others
        return super().get_context(request, *args, **kwargs) | {"articles": articles}


class GuidancePageForm(WagtailAdminPageForm):
    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        described = cleaned.get("picture_alt") or cleaned.get("picture_is_decoration")
        if cleaned.get("picture") and not described and not self.is_deferred_validation:
            self.add_error("picture_alt", _("Say what the picture shows, or tick below that it is only decoration."))
        return cleaned


class GuidancePage(MaybeSensitivePage):
    """An article: what to do, and where to go, when something has happened."""

    PICTURE_SIZES = models.Prefetch("picture__renditions", to_attr="prefetched_renditions")

    summary = models.TextField(
        max_length=300, help_text=_("Two sentences that tell a reader whether this is for them. Also shown in lists.")
    )
    picture = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    picture_alt = models.CharField(
        _("what the picture shows"), max_length=200, blank=True, help_text=_("For those who cannot see it.")
    )
    picture_is_decoration = models.BooleanField(
        _("the picture is decoration"), default=False, help_text=_("It says nothing that the words do not say.")
    )
    body = BlocksField(BodyBlock(), blank=True)
    related = BlocksField(
        RelatedBlock(), blank=True, help_text=_("What to read or look for next; shown beside the article.")
    )
    reviewed_on = models.DateField(
        null=True, blank=True, help_text=_("When somebody last made sure that all of this is right. Shown to readers.")
    )

    kind = "article"
    base_form_class = GuidancePageForm
    parent_page_types = ["directory_site.GuidanceIndexPage"]
    subpage_types = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel(
            [FieldPanel("picture"), FieldPanel("picture_alt"), FieldPanel("picture_is_decoration")],
            heading=_("Picture"),
        ),
        FieldPanel("body"),
        FieldPanel("related"),
        FieldPanel("reviewed_on"),
        FieldPanel("is_sensitive"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    @property
    def lead(self) -> str:
        return self.summary

    @property
    def picture_for_links(self) -> str:
        return shared_address(self.share_picture or self.picture)

    @classmethod
    def listed_below(cls, index: Page) -> PageQuerySet:
        articles = cls.objects.child_of(index).live().public().order_by("path")
        return articles.select_related("picture").prefetch_related(cls.PICTURE_SIZES)

    @cached_property
    def neighbours(self) -> dict[str, Page | None]:
        siblings = list(self.get_siblings().live().public().order_by("path"))
        place = next((place for place, page in enumerate(siblings) if page.pk == self.pk), None)
        if place is None:  # not published yet, but shown in a preview
            return {"before": None, "after": None}
        before, after = siblings[place - 1 : place], siblings[place + 1 : place + 2]
        return {"before": next(iter(before), None), "after": next(iter(after), None)}


class PlainPage(IntroducedPage, MaybeSensitivePage):
    """Any other page: about, privacy, accessibility."""

    body = BlocksField(BodyBlock(), blank=True)
    reviewed_on = models.DateField(null=True, blank=True, help_text=_("Shown to readers."))

    parent_page_types = ["directory_site.HomePage", "directory_site.PlainPage"]
    subpage_types = ["directory_site.PlainPage"]
    content_panels = [
        *IntroducedPage.content_panels,
        FieldPanel("body"),
        FieldPanel("reviewed_on"),
        FieldPanel("is_sensitive"),
    ]
    search_fields = [*IntroducedPage.search_fields, index.SearchField("body")]

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        return super().get_context(request, *args, **kwargs) | {"pages": self.live_children()}


class ContactPage(IntroducedPage):
    """How to reach the coordinators of the site's networks; their contacts are those of the networks."""

    body = BlocksField(BodyBlock(), blank=True)

    parent_page_types = ["directory_site.HomePage"]
    subpage_types = []
    max_count_per_parent = 1
    content_panels = [
        *IntroducedPage.content_panels,
        HelpPanel(
            _("The telephone numbers and e-mail addresses of the site's networks appear above what you write here.")
        ),
        FieldPanel("body"),
    ]
    search_fields = [*IntroducedPage.search_fields, index.SearchField("body")]

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        networks = PublicSite.for_request(request).shown_networks
        return super().get_context(request, *args, **kwargs) | {"networks": networks.order_by("name")}

    @classmethod
    def of_site(cls, request: HttpRequest) -> Page | None:
        home = PublicSite.for_request(request).site.root_page
        page = cls.objects.live().public().descendant_of(home).first()
        return in_active_language(page, request) if page else None
