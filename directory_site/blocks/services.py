"""Services, as they are listed at the moment that somebody reads the page."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, IntegerBlock, StructBlock

from directory_site.details.listed import ListedService, listed
from directory_site.models.sites import PublicSite
from directory_site.search import categories
from directory_site.search.filters import Filters
from referrals.models import Service

MOST = 12


class ServicesBlock(StructBlock):
    title = CharBlock(required=False, max_length=100, help_text=_("Empty: the name of the category."))
    category = ChoiceBlock(choices=categories.choices, help_text=_("Whatever the directory finds under it."))
    network = ChoiceBlock(
        choices=categories.network_choices, required=False, help_text=_("Empty: all networks of the site.")
    )
    limit = IntegerBlock(default=6, min_value=1, max_value=MOST, label=_("How many at most"))

    class Meta:
        icon = "list-ul"
        label = _("Services of a category")
        template = "directory_site/blocks/services.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        if request is None:  # Wagtail renders blocks apart, too, to compare drafts
            return context | {"services": []}
        site = PublicSite.for_request(request)
        filters = Filters.of(site.shown_networks)
        services = _services(value, site, filters.categories_of([value["category"]]))
        return context | {"services": services, "category_name": filters.name_of_category(value["category"])}


def _services(value: Any, site: PublicSite, keys: list[int]) -> list[ListedService]:
    with_category = Service.categories.through.objects.filter(category__in=keys).values("service")
    services = site.shown_services.filter(pk__in=with_category)
    if value["network"]:
        services = services.filter(network__slug=value["network"])
    return listed(services.order_by("activity__name", "pk")[: value["limit"]], now=timezone.now())


class CategoryBlock(StructBlock):
    """A way into the directory."""

    category = ChoiceBlock(choices=categories.choices)
    label = CharBlock(required=False, max_length=60, label=_("Words"), help_text=_("Empty: the category's name."))

    class Meta:
        icon = "tag"
        label = _("Category of the directory")
