"""Tables out of the project and into it.

A resource belongs to a user and exports only what that user may read; an import obeys the same rules as forms.
"""

from referrals.import_export.reading import Unreadable
from referrals.import_export.referrals import ReferralResource
from referrals.import_export.resource import KEY_COLUMN, ScopedResource, VisibleResource
from referrals.import_export.services import ServiceResource
from referrals.import_export.small_tables import ActivityResource, CategoryResource, OrganisationResource, VenueResource

__all__ = [
    "KEY_COLUMN",
    "ActivityResource",
    "CategoryResource",
    "OrganisationResource",
    "ReferralResource",
    "ScopedResource",
    "ServiceResource",
    "Unreadable",
    "VenueResource",
    "VisibleResource",
]
