"""Tables out of the project and into it. Every resource is given its user, and never says more than that user may
read; what comes in goes through the same walls as the forms."""

from referrals.resources.formulas import shown_not_run
from referrals.resources.kept import ActivityResource, CategoryResource, OrganisationResource, VenueResource
from referrals.resources.outward import OutwardResource
from referrals.resources.reading import Unreadable
from referrals.resources.referrals import ReferralResource
from referrals.resources.scoped import ScopedResource
from referrals.resources.services import OpeningHoursResource, ServiceResource

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
