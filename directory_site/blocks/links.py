"""Links of menus, buttons and cards: to a page, which may move, or to an address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, PageChooserBlock, StructBlock
from wagtail.blocks.struct_block import StructBlockValidationError

is_address = RegexValidator(
    r"^(https?://[^\s/]+\S*|/(?!/)\S*|mailto:[^\s@]+@[^\s@]+|tel:\+?[\d-]+)$",
    _("Start with https://, or with / for a page of this site, mailto: or tel:, and leave out spaces."),
)


class LinkBlock(StructBlock):
    label = CharBlock(
        required=False, max_length=60, label=_("Link text"), help_text=_("If empty, the title of the page it leads to.")
    )
    page = PageChooserBlock(required=False, label=_("Page of this site"))
    address = CharBlock(
        required=False,
        max_length=500,
        validators=[is_address],
        label=_("Or an address"),
        help_text=_("https://www.example.org/advice, /refer/northside/ or tel:08001448848"),
    )

    class Meta:
        icon = "link"
        label = _("Link")
        label_format = "{label} {page} {address}"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:  # a draft may be incomplete
            return cleaned
        errors = {}
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            errors["page"] = ValidationError(_("Choose a page or write an address, not both."))
        elif cleaned["address"] and not cleaned["label"]:
            errors["label"] = ValidationError(_("An address has no title of its own: say what it is in a few words."))
        if errors:
            raise StructBlockValidationError(errors)
        return cleaned


class ButtonBlock(LinkBlock):
    class Meta:
        icon = "link"
        label = _("Button")
        template = "directory_site/blocks/button.html"


class LinksBlock(StructBlock):
    title = CharBlock(required=False, max_length=100)
    links = ListBlock(LinkBlock(), min_num=1, max_num=12)

    class Meta:
        icon = "link"
        label = _("Pages to read")
        template = "directory_site/blocks/links.html"
