from referrals.models.accounts import AccessRecord, AccountEvent, PasswordResetRequest
from referrals.models.answers import Answer, Consent
from referrals.models.categories import Category
from referrals.models.demographics import Demographic, DemographicOption
from referrals.models.geography import Area, Postcode, PostcodeDistrict
from referrals.models.history import Event, Note
from referrals.models.listings import ListingCell, PublicChange, PublicListing
from referrals.models.networks import ConsentWording, Network, NetworkRole, ReferralLink
from referrals.models.notifications import Digest, Heartbeat, Notification, SuppressedAddress
from referrals.models.organisations import Invitation, NetworkMembership, Organisation, OrganisationMember
from referrals.models.people import CaseNote, Correction, Person, PersonTag
from referrals.models.pictures import Picture
from referrals.models.public_messages import CardRequest, PublicMessage, RateLimitCounter
from referrals.models.questions import FlowExample, FlowVersion, Question, QuestionOption
from referrals.models.referrals import Assignment, Need, Referral, Strand
from referrals.models.same_person import PersonComparison, PersonMerge
from referrals.models.services import (
    Activity,
    OpeningException,
    OpeningHours,
    Restriction,
    Service,
    Venue,
)
from referrals.models.tables import UploadedTable
from referrals.models.track_records import TrackRecord
from referrals.models.undoing import UndoableAnswer
from referrals.models.users import User

__all__ = [
    "AccessRecord",
    "AccountEvent",
    "Activity",
    "Answer",
    "Area",
    "Assignment",
    "CardRequest",
    "CaseNote",
    "Category",
    "Consent",
    "ConsentWording",
    "Correction",
    "Demographic",
    "DemographicOption",
    "Digest",
    "Event",
    "FlowExample",
    "FlowVersion",
    "Heartbeat",
    "Invitation",
    "ListingCell",
    "Need",
    "Network",
    "NetworkMembership",
    "NetworkRole",
    "Note",
    "Notification",
    "OpeningException",
    "OpeningHours",
    "Organisation",
    "OrganisationMember",
    "PasswordResetRequest",
    "Person",
    "PersonComparison",
    "PersonMerge",
    "PersonTag",
    "Picture",
    "Postcode",
    "PostcodeDistrict",
    "PublicChange",
    "PublicListing",
    "PublicMessage",
    "Question",
    "QuestionOption",
    "RateLimitCounter",
    "Referral",
    "ReferralLink",
    "Restriction",
    "Service",
    "Strand",
    "SuppressedAddress",
    "TrackRecord",
    "UndoableAnswer",
    "UploadedTable",
    "User",
    "Venue",
]
