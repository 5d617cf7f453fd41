"""Tables out of the project and into it. Every resource is given its user, and never says more than that user may
read; what comes in goes through the same walls as the forms."""

from referrals.import_export.export_resource import OutwardResource
from referrals.import_export.formulas import shown_not_run
from referrals.import_export.others import ActivityResource, CategoryResource, OrganisationResource, VenueResource
from referrals.import_export.reading import Unreadable
from referrals.import_export.referrals import ReferralResource
from referrals.import_export.resource import ScopedResource
from referrals.import_export.services import OpeningHoursResource, ServiceResource

__all__ = [
    "ActivityResource",
    "CategoryResource",
    "OpeningHoursResource",
    "OrganisationResource",
    "OutwardResource",
    "ReferralResource",
    "ScopedResource",
    "ServiceResource",
    "Unreadable",
    "VenueResource",
    "shown_not_run",
]
