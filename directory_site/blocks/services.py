"""Services and categories of the directory: what is listed when somebody reads the page, not when it was written."""

from typing import Any

from django.forms import Select
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, IntegerBlock, StructBlock

from directory_site.models.sites import PublicSite
from directory_site.search import categories
from directory_site.search.filters import Filters
from directory_site.service_cards import cards_with_paths
from referrals.models import Service

MAX_SERVICES = 12


class OfferedSelect(Select):
    """A drop-down that hides grouped options: one of these can stay selected, but not be newly chosen."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if kwargs.get("subindex") is not None:
            option["attrs"]["hidden"] = True
        return option


class ServicesBlock(StructBlock):
    title = CharBlock(required=False, max_length=100, help_text=_("If empty, the name of the category."))
    category = ChoiceBlock(
        choices=categories.choices_and_retired,
        widget=OfferedSelect,
        help_text=_("Everything the directory finds in it."),
    )
    network = ChoiceBlock(
        choices=categories.network_choices, required=False, help_text=_("If empty, all networks of the site.")
    )
    limit = IntegerBlock(default=6, min_value=1, max_value=MAX_SERVICES, label=_("Maximum number"))

    class Meta:
        icon = "list-ul"
        label = _("Services of a category")
        template = "directory_site/blocks/services.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        if request is None:  # as when Wagtail compares two drafts
            return context | {"services": []}
        site = PublicSite.for_request(request)
        filters = Filters.of(site.shown_networks)
        category_ids = filters.categories_of([value["category"]])
        listings = Service.categories.through.objects.filter(category__in=category_ids)
        services = site.shown_services.filter(pk__in=listings.values("service")).order_by("activity__name", "pk")
        if value["network"]:
            services = services.filter(network__slug=value["network"])
        return context | {
            "services": cards_with_paths(services[: value["limit"]], now=timezone.now()),
            "category_name": filters.name_of_category(value["category"]),
        }


class CategoryBlock(StructBlock):
    """A link to the services of one category."""

    category = ChoiceBlock(choices=categories.choices_and_retired, widget=OfferedSelect)
    label = CharBlock(
        required=False, max_length=60, label=_("Link text"), help_text=_("If empty, the category's name.")
    )

    class Meta:
        icon = "tag"
        label = _("Category of the directory")
