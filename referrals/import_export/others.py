"""The tables of what organisations and coordinators keep by hand."""

from django.utils.text import slugify

from referrals.enums import AccessFeature
from referrals.import_export.resource import ScopedResource
from referrals.models import Activity, Category, Organisation, Postcode, Venue

UNKNOWN_POSTCODE = "We do not know this postcode. Please check it, or leave it empty."


class ActivityResource(ScopedResource):
    columns = ("organisation", "name")
    fixed = ("organisation",)

    class Meta:
        model = Activity


class VenueResource(ScopedResource):
    columns = (
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
    fixed = ("organisation",)
    written_as = (("Access", "; ".join(map(str, AccessFeature.labels))),)

    class Meta:
        model = Venue

    def settle(self, instance: Venue, changed: set[str]) -> dict[str, str]:
        """Put the venue where its postcode is, as the form does; a table has no map to put it anywhere else."""
        if not instance.postcode or ("postcode" not in changed and instance.point):
            return {}
        found = Postcode.objects.find(instance.postcode)
        if found is None:
            return {"postcode": UNKNOWN_POSTCODE}
        instance.point = found.point or instance.point
        return {}


class CategoryResource(ScopedResource):
    columns = ("network", "parent", "name", "slug", "position")
    fixed = ("network",)
    inside = {"parent": "network"}

    class Meta:
        model = Category

    def settle(self, instance: Category, changed: set[str]) -> dict[str, str]:
        instance.slug = instance.slug or slugify(instance.name)
        if (
            instance.pk
            and instance.parent
            and not Category.objects.possible_parents(instance).contains(instance.parent)
        ):
            return {"parent": "A category cannot stand below itself."}
        return {}


class OrganisationResource(ScopedResource):
    """Updates only: a new organisation joins a network, by its form or by an invitation."""

    columns = ("name", "email", "phone", "website", "description")
    creates = False

    class Meta:
        model = Organisation
