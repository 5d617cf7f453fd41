from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from referrals.models import Network


class HomePage(Page):
    """The front page: what this place offers, and a way into each network's referral form."""

    introduction = RichTextField(blank=True, features=["bold", "link", "ol", "ul"])

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        networks = Network.objects.filter(consent_wordings__isnull=False).distinct()
        return super().get_context(request, *args, **kwargs) | {"networks": networks}
