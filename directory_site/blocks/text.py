"""Blocks of text."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    EmailBlock,
    ListBlock,
    RichTextBlock,
    StructBlock,
    StructValue,
    TextBlock,
    URLBlock,
)
from wagtail.documents.blocks import DocumentChooserBlock

from directory_site.blocks.urgent import LineValue, check_phone

RUNNING_TEXT = ["bold", "italic", "link", "document-link", "ol", "ul"]  # of paragraphs; headings are blocks
SHORT_TEXT = ["bold", "link", "ol", "ul"]


class HeadingValue(StructValue):
    @property
    def tag(self) -> str:
        return "h3" if self["level"] == "3" else "h2"


class HeadingBlock(StructBlock):
    text = CharBlock(max_length=120)
    level = ChoiceBlock(choices=[("2", _("Section")), ("3", _("Subsection"))], default="2", label=_("Level"))

    class Meta:
        icon = "title"
        label = _("Heading")
        label_format = "{text}"
        template = "directory_site/blocks/heading.html"
        value_class = HeadingValue


class CallOutBlock(StructBlock):
    kind = ChoiceBlock(choices=[("calm", _("Calm: good to know")), ("urgent", _("Urgent: act now"))], default="calm")
    title = CharBlock(required=False, max_length=100)
    text = RichTextBlock(features=SHORT_TEXT)

    class Meta:
        icon = "info-circle"
        label = _("Call-out")
        template = "directory_site/blocks/call_out.html"


class StepBlock(StructBlock):
    title = CharBlock(max_length=100)
    text = RichTextBlock(required=False, features=SHORT_TEXT)

    class Meta:
        label = _("Step")


class StepsBlock(StructBlock):
    steps = ListBlock(StepBlock(), min_num=2, max_num=12)

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "directory_site/blocks/steps.html"


class QuoteBlock(StructBlock):
    text = TextBlock()
    name = CharBlock(required=False, max_length=80, label=_("Who said it"))
    role = CharBlock(required=False, max_length=120, label=_("Their role"))

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "directory_site/blocks/quote.html"


class ContactBlock(StructBlock):
    name = CharBlock(max_length=120)
    phone = CharBlock(required=False, max_length=25, validators=[check_phone])
    email = EmailBlock(required=False, label=_("E-mail"))
    website = URLBlock(required=False)
    address = TextBlock(required=False, rows=3)
    hours = CharBlock(required=False, max_length=160, help_text=_("Monday to Friday, 9am to 5pm"))

    class Meta:
        icon = "user"
        label = _("Contact")
        template = "directory_site/blocks/contact.html"
        value_class = LineValue


class DocumentBlock(StructBlock):
    document = DocumentChooserBlock()
    label = CharBlock(
        required=False, max_length=120, label=_("Link text"), help_text=_("If empty, the document's title.")
    )

    class Meta:
        icon = "doc-full"
        label = _("Document")
        template = "directory_site/blocks/document.html"


class FoldBlock(StructBlock):
    title = CharBlock(max_length=120, label=_("Question or heading"))
    text = RichTextBlock(features=RUNNING_TEXT)
    is_open = BooleanBlock(required=False, label=_("Open to begin with"))

    class Meta:
        label = _("Section")


class FoldsBlock(StructBlock):
    folds = ListBlock(FoldBlock(), min_num=1, max_num=30, label=_("Sections"))

    class Meta:
        icon = "list-ul"
        label = _("Sections to unfold")
        template = "directory_site/blocks/folds.html"
