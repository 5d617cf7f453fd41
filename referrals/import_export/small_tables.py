"""The small tables that organisations and coordinators edit: activities, venues, categories, organisations."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.text import slugify
from import_export.fields import Field
from tablib import Dataset

from referrals import accounts
from referrals.enums import AccessFeature
from referrals.import_export.resource import ScopedResource
from referrals.import_export.widgets import TextWidget
from referrals.models import Activity, Category, Network, Organisation, Venue
from referrals.places import find_whole_postcode, read_postcode

NOT_ON_MAP = "The venue is kept, but it is not on the map."


class ActivityResource(ScopedResource):
    fixed = ("organisation",)

    class Meta:
        model = Activity
        fields = ("id", "organisation", "name")


class PostcodeWidget(TextWidget):
    """Reads a postcode into the spelling that is stored. `check_row` refuses what is not one, naming similar ones."""

    def read(self, text: str) -> str:
        return read_postcode(text) or text


class VenueResource(ScopedResource):
    fixed = ("organisation",)
    likeness = ("organisation", "name", "postcode")
    examples = (("Access", "; ".join(map(str, AccessFeature.labels))),)

    postcode = Field("postcode", "Postcode", PostcodeWidget())

    class Meta:
        model = Venue
        fields = (
            "id",
            "organisation",
            "name",
            "postcode",
            "address",
            "map_link",
            "access_features",
            "access",
            "facilities",
            "is_confidential",
        )

    def check_row(self, instance: Venue, changed: set[str]) -> dict[str, str]:
        # As in the form, but a table has no map to move the venue by hand.
        if not instance.postcode or ("postcode" not in changed and instance.point):
            return {}
        try:
            found = find_whole_postcode(instance.postcode)
        except ValidationError as error:
            return {"postcode": error.message}
        instance.postcode, instance.point = found.name, found.point
        if found.problem:
            self.note("postcode", f"{found.problem} {NOT_ON_MAP}")
        return {}


class CategoryResource(ScopedResource):
    fixed = ("network",)
    within = {"parent": "network"}
    older_columns = {"Slug": ("Short name in addresses", "Sensitive")}

    older_slug = Field("slug", "Slug", TextWidget(Category._meta.get_field("slug")))

    class Meta:
        model = Category
        fields = ("id", "network", "parent", "name", "slug", "position", "is_sensitive", "older_slug")

    def check_row(self, instance: Category, changed: set[str]) -> dict[str, str]:
        instance.slug = instance.slug or slugify(instance.name)
        return {}

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        # Rows are saved one after the other: half-way, the tree may have a loop.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS category_not_below_itself DEFERRED")

    def check_table(self, saved: Mapping[int, Category]) -> dict[int, dict[str, str]]:
        networks = {row.network_id for row in saved.values()}
        list(Network.objects.select_for_update(no_key=True).filter(pk__in=networks).order_by("pk"))  # lock them
        looped = Category.objects.filter(network__in=networks).find_in_loops()
        return {
            number: {"parent": "A category cannot be below itself."}
            for number, row in saved.items()
            if row.pk in looped
        }


class OrganisationResource(ScopedResource):
    """Updates only: a new organisation joins a network, by its form or by an invitation."""

    creates = False

    class Meta:
        model = Organisation
        fields = ("id", "name", "email", "phone", "website", "description")

    def do_instance_save(self, instance: Organisation, is_create: bool) -> None:
        accounts.save_organisation(instance, actor=self.user)
