from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.blocks import StreamBlock
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import Locale, Site

from directory_site.blocks.field import BlocksField
from directory_site.blocks.links import LinkBlock
from directory_site.blocks.urgent import LineValue, UrgentLinesBlock
from directory_site.caching import version_cache
from directory_site.pictures import shared_address
from directory_site.theme import check_brand_colour, css_digest
from referrals.mailboxes import PlainEmailField
from referrals.models import Network, Service


class MenuBlock(StreamBlock):
    link = LinkBlock()

    class Meta:
        required = False
        max_num = 12


@register_setting(icon="site")
class PublicSite(BaseSiteSetting):
    """What a site shows, and how it looks. Get the visited one with `PublicSite.for_request(request)`."""

    shows_all_networks = models.BooleanField(
        default=False, help_text="Every network, those to come too. Otherwise those that are chosen below."
    )
    networks = models.ManyToManyField(Network, blank=True, related_name="+", help_text="Whose services are shown here.")

    tagline = models.CharField(max_length=120, blank=True, help_text=_("A few words below the name."))
    logo = models.ForeignKey("wagtailimages.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    logo_says_name = models.BooleanField(
        _("the logo shows the name"), default=False, help_text=_("Then the name is not written beside it again.")
    )
    brand_colour = models.CharField(
        max_length=7,
        blank=True,
        validators=[check_brand_colour],
        help_text=_("For links, buttons and headings: # and six digits or letters. Empty: the green of the product."),
    )
    shared_image = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture for links"),
        help_text=_("Shown where somebody shares a page that has no picture of its own. 1200 by 630 pixels."),
    )
    urgent_help = BlocksField(
        UrgentLinesBlock(), blank=True, help_text=_("On top of every page, behind the words “Need help right now?”.")
    )
    header_menu = BlocksField(MenuBlock(max_num=6), blank=True, help_text=_("Beside the name, on every page."))
    footer_menu = BlocksField(MenuBlock(), blank=True, help_text=_("Below every page."))
    footer_text = RichTextField(blank=True, features=["bold", "link"])
    contact_email = PlainEmailField(
        _("contact e-mail"), blank=True, help_text=_("For questions about this site; shown below every page.")
    )
    leave_address = models.URLField(
        _("where leaving quickly leads"),
        default="https://www.bbc.co.uk/weather",
        help_text=_("The button on sensitive pages opens this: a page that anybody might be looking at."),
    )
    # What `make_site` has made here: it makes nothing twice, even if an editor has deleted it since.
    made = models.JSONField(default=list, editable=False)

    translated: frozenset[str] = frozenset()  # the fields that `SiteWords` has filled in the language of the visitor

    select_related = ("site__root_page", "logo", "shared_image")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("tagline"),
                    MultiFieldPanel([FieldPanel("logo"), FieldPanel("logo_says_name")], heading=_("Logo")),
                    FieldPanel("brand_colour"),
                    FieldPanel("shared_image"),
                ],
                heading=_("Look"),
            ),
            ObjectList([FieldPanel("urgent_help"), FieldPanel("leave_address")], heading=_("Urgent help")),
            ObjectList(
                [
                    FieldPanel("header_menu"),
                    FieldPanel("footer_menu"),
                    FieldPanel("footer_text"),
                    FieldPanel("contact_email"),
                ],
                heading=_("Menus and footer"),
            ),
            ObjectList(
                [
                    FieldPanel("shows_all_networks", permission="superuser"),
                    FieldPanel("networks", widget=forms.CheckboxSelectMultiple, permission="superuser"),
                ],
                heading=_("Networks"),
                permission="superuser",  # whose services are shown is for the operator to say
            ),
        ]
    )

    class Meta:
        verbose_name = "public site"

    def __str__(self) -> str:
        return f"Public site of {self.site}"

    @property
    def name(self) -> str:
        return self.site.site_name

    @property
    def brand_digest(self) -> str:
        return css_digest(self.brand_colour) if self.brand_colour else ""

    @property
    def urgent_lines(self) -> list[LineValue]:
        return [block.value for block in self.urgent_help]

    @property
    def shared_picture(self) -> str:
        return shared_address(self.shared_image)

    @classmethod
    def for_request(cls, request: HttpRequest) -> "PublicSite":
        """Return the settings of the site that is visited. Raises PublicSite.DoesNotExist where Wagtail has none."""
        key = ("public site", request.get_host(), request.get_port(), translation.get_language())
        return version_cache.get_or_set(request, key, lambda: cls._in_active_language(request))

    @classmethod
    def _in_active_language(cls, request: HttpRequest) -> "PublicSite":
        public_site, language = cls.for_site(Site.find_for_request(request)), translation.get_language()
        if language != settings.LANGUAGE_CODE:
            words = public_site.words.filter(locale__language_code=language).first()
            filled = [name for name in SiteWords.WORDS if words and getattr(words, name)]
            for name in filled:
                setattr(public_site, name, getattr(words, name))
            public_site.translated = frozenset(filled)
        return public_site

    @classmethod
    def for_request_or_404(cls, request: HttpRequest) -> "PublicSite":
        try:
            return cls.for_request(request)
        except cls.DoesNotExist as error:
            raise Http404 from error

    @property
    def shown_networks(self) -> QuerySet[Network]:
        return Network.objects.all() if self.shows_all_networks else self.networks.all()

    @property
    def shown_services(self) -> QuerySet[Service]:
        """Every page, map and feed starts from these."""
        return Service.objects.listed().filter(network__in=self.shown_networks)


class SiteWords(models.Model):
    """What every page of a site says, in another language. What is empty here stays in the site's own."""

    WORDS = ("tagline", "urgent_help", "header_menu", "footer_menu", "footer_text")

    public_site = models.ForeignKey(PublicSite, on_delete=models.CASCADE, related_name="words", verbose_name=_("site"))
    locale = models.ForeignKey(Locale, on_delete=models.CASCADE, related_name="+", verbose_name=_("language"))
    tagline = models.CharField(max_length=120, blank=True)
    urgent_help = BlocksField(UrgentLinesBlock(), blank=True)
    header_menu = BlocksField(
        MenuBlock(max_num=6), blank=True, help_text=_("A link to a page leads to its translation, where it has one.")
    )
    footer_menu = BlocksField(MenuBlock(), blank=True)
    footer_text = RichTextField(blank=True, features=["bold", "link"])

    panels = [FieldPanel(name) for name in ("public_site", "locale", *WORDS)]

    class Meta:
        ordering = ["public_site", "locale"]
        verbose_name = _("words of a site in another language")
        verbose_name_plural = _("words of sites in other languages")
        constraints = [
            models.UniqueConstraint(
                fields=["public_site", "locale"],
                name="site_words_once_a_language",
                violation_error_message=_("This site has its words in that language already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_site.name}: {self.locale}"

    def clean(self) -> None:
        if self.locale_id and self.locale.language_code == settings.LANGUAGE_CODE:
            raise ValidationError({"locale": _("The site's own language is set under Sites. Choose another one.")})


def networks_of_any_site() -> QuerySet[Network]:
    # Not secret: their services are public.
    if PublicSite.objects.filter(shows_all_networks=True).exists():
        return Network.objects.all()
    return Network.objects.filter(Q(pk__in=PublicSite.networks.through.objects.values("network"))).order_by("name")
