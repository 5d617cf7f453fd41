"""The blocks that an editor may choose from, most used first."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import RichTextBlock, StreamBlock

from directory_site.blocks.links import ButtonBlock, LinkBlock, LinksBlock
from directory_site.blocks.pictures import PictureBlock
from directory_site.blocks.services import CategoryBlock, ServicesBlock
from directory_site.blocks.text import (
    RUNNING_TEXT,
    CallOutBlock,
    ContactBlock,
    DocumentBlock,
    FoldsBlock,
    HeadingBlock,
    QuoteBlock,
    StepsBlock,
)
from directory_site.blocks.urgent import UrgentHelpBlock


class BodyBlock(StreamBlock):
    heading = HeadingBlock(group=_("Text"))
    paragraph = RichTextBlock(
        features=RUNNING_TEXT,
        icon="pilcrow",
        label=_("Text"),
        template="directory_site/blocks/paragraph.html",
        group=_("Text"),
    )
    steps = StepsBlock(group=_("Text"))
    folds = FoldsBlock(group=_("Text"))
    quote = QuoteBlock(group=_("Text"))
    call_out = CallOutBlock(group=_("Call-outs"))
    urgent_help = UrgentHelpBlock(group=_("Call-outs"))
    services = ServicesBlock(group=_("Links"))
    links = LinksBlock(group=_("Links"))
    contact = ContactBlock(group=_("Links"))
    button = ButtonBlock(group=_("Links"))
    document = DocumentBlock(group=_("Links"))
    picture = PictureBlock(group=_("Pictures"))

    class Meta:
        required = False
        template = "directory_site/blocks/body.html"


class RelatedBlock(StreamBlock):
    """Links shown beside an article."""

    link = LinkBlock(label=_("Page or address"))
    category = CategoryBlock()

    class Meta:
        required = False
        max_num = 8
