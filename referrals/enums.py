"""Statuses, reasons and other choices, and which status may follow which. Only `workflow` writes a status."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class AssignmentStatus(TextChoices):
    QUEUED = "queued", "On the list"
    OFFERED = "offered", "Asked"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    LAPSED = "lapsed", "No answer"
    RELEASED = "released", "Released: another accepted"
    SKIPPED = "skipped", "Skipped"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REFERRED_ON = "referred_on", "Referred on"
    CLOSED = "closed", "Closed"


class StrandStatus(TextChoices):
    SEEKING = "seeking", _("Waiting for an answer")
    PLACED = "placed", _("Accepted")
    WITH_COORDINATOR = "with_coordinator", _("With the coordinator")
    CLOSED = "closed", _("Closed")


class ReferralStatus(TextChoices):
    """The status of the strand that most needs attention. Spam: every strand was closed as such."""

    WITH_COORDINATOR = "with_coordinator", "With the coordinator"
    SEEKING = "seeking", "Waiting for an answer"
    PLACED = "placed", "Accepted"
    CLOSED = "closed", "Closed"
    SPAM = "spam", "Spam"


ENDED_REFERRAL = (ReferralStatus.CLOSED, ReferralStatus.SPAM)

ASSIGNMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    AssignmentStatus.QUEUED: frozenset(
        {AssignmentStatus.OFFERED, AssignmentStatus.SKIPPED, AssignmentStatus.WITHDRAWN}
    ),
    AssignmentStatus.OFFERED: frozenset(
        {
            AssignmentStatus.ACCEPTED,
            AssignmentStatus.REJECTED,
            AssignmentStatus.LAPSED,
            AssignmentStatus.RELEASED,
            AssignmentStatus.WITHDRAWN,
        }
    ),
    AssignmentStatus.LAPSED: frozenset({AssignmentStatus.ACCEPTED, AssignmentStatus.WITHDRAWN}),
    AssignmentStatus.ACCEPTED: frozenset(
        {AssignmentStatus.CLOSED, AssignmentStatus.REFERRED_ON, AssignmentStatus.WITHDRAWN}
    ),
}

STRAND_TRANSITIONS: dict[str, frozenset[str]] = {
    StrandStatus.SEEKING: frozenset({StrandStatus.PLACED, StrandStatus.WITH_COORDINATOR, StrandStatus.CLOSED}),
    StrandStatus.PLACED: frozenset({StrandStatus.SEEKING, StrandStatus.WITH_COORDINATOR, StrandStatus.CLOSED}),
    StrandStatus.WITH_COORDINATOR: frozenset({StrandStatus.SEEKING, StrandStatus.PLACED, StrandStatus.CLOSED}),
    StrandStatus.CLOSED: frozenset({StrandStatus.WITH_COORDINATOR}),
}

LIVE_ASSIGNMENT = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED)
# The answer was not waited for: it counts neither for the organisation nor against it.
TAKEN_AWAY = (AssignmentStatus.WITHDRAWN, AssignmentStatus.RELEASED)
LIVE_STRAND = (StrandStatus.SEEKING, StrandStatus.PLACED, StrandStatus.WITH_COORDINATOR)


class RejectReason(TextChoices):
    NOT_ELIGIBLE = "not_eligible", "Not eligible"
    NO_ROOM = "no_room", "No room"
    NOT_OFFERED = "not_offered", "We do not offer this"
    ALREADY_SUPPORTED = "already_supported", "We already support this person"
    PERSON_DECLINED = "person_declined", "The person declined"
    NOT_REACHED = "not_reached", "Could not reach them"
    OTHER = "other", "Other"


class Outcome(TextChoices):
    SUPPORTED = "supported", "Supported"
    PERSON_DECLINED = "person_declined", "The person declined"
    NOT_REACHED = "not_reached", "Could not reach them"
    NO_LONGER_NEEDED = "no_longer_needed", "No longer needed"
    NOT_SUPPORTED = "not_supported", "Not supported"
    SPAM = "spam", "Not a real referral (spam)"


class EventKind(TextChoices):
    SUBMITTED = "submitted", "The referral was sent"
    OFFERED = "offered", "was asked"
    SKIPPED = "skipped", "was passed over"
    ACCEPTED = "accepted", "accepted"
    WAITLISTED = "waitlisted", "put the person on its waiting list"
    PLACE_DUE = "place_due", "expected to have a place from this day"
    REJECTED = "rejected", "rejected"
    SPLIT = "split", "handed over some needs"
    REFERRED_ON = "referred_on", "referred on"
    CLOSED = "closed", "The case was closed"
    ASSIGNED = "assigned", "A coordinator chose an organisation"
    WITHDRAWN = "withdrawn", "A coordinator withdrew it"
    REOPENED = "reopened", "A coordinator reopened it"
    REMINDED = "reminded", "was reminded"
    LAPSED = "lapsed", "did not answer"
    RELEASED = "released", "was released"
    COORDINATOR_TOLD = "coordinator_told", "The coordinator was told"
    LET_THROUGH = "let_through", "A coordinator let it through"
    NOTE_ADDED = "note_added", "A note was added"
    MEMBER_GONE = "member_gone", "is no longer in the network"
    SERVICE_ARCHIVED = "service_archived", "no longer offers this"
    SAID_SAME = "said_same", "Another referral was said to be for the same person"
    SAID_DIFFERENT = "said_different", "Another referral was said to be for somebody else"
    MERGED = "merged", "The person was merged with that of another referral"
    UNMERGED = "unmerged", "The merge was undone"
    UNDONE = "undone", "took the answer back"
    DETAILS_CORRECTED = "details_corrected", "Details of the person were corrected"
    URGENCY_CHANGED = "urgency_changed", "How urgent it is was changed"


class AccountEventKind(TextChoices):
    """What happened to a user's access or an organisation's membership."""

    INVITED = "invited", "was invited"
    INVITED_AGAIN = "invited_again", "was sent the invitation again"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "the invitation was withdrawn"
    JOINED = "joined", "joined"
    ROLE_CHANGED = "role_changed", "was given another role"
    REMOVED = "removed", "was removed"
    SUSPENDED = "suspended", "was suspended"
    RESUMED = "resumed", "was taken back"
    LEFT = "left", "left the network"
    PASSWORD_RESET_ASKED = "password_reset_asked", "asked for a new password"
    PASSWORD_CHANGED = "password_changed", "has a new password"
    SECOND_FACTOR_ON = "second_factor_on", "turned the second factor on"
    SECOND_FACTOR_OFF = "second_factor_off", "no longer has a second factor"
    RECOVERY_CODES_MADE = "recovery_codes_made", "made new recovery codes"
    RECOVERY_CODE_USED = "recovery_code_used", "signed in with a recovery code"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere", "was signed out everywhere"
    LOCKED = "locked", "is refused after too many wrong passwords"
    CONFIRMATION_ASKED = "confirmation_asked", "was asked whether its services are still correct"
    INVITATION_WAITS = "invitation_waits", "was invited, if an owner agrees"
    INVITATION_APPROVED = "invitation_approved", "was invited, and an owner agreed"
    INVITATION_REFUSED = "invitation_refused", "was refused by an owner"
    INVITATION_FORCED = "invitation_forced", "was let in by an operator, without an owner's consent"
    EMAIL_CHANGED = "email_changed", "has another e-mail address"
    PRIVILEGES_CHANGED = "privileges_changed", "was given or lost rights"
    SETTINGS_CHANGED = "settings_changed", "has different access settings"


class MessageKind(TextChoices):
    """What a visitor of the public site can send."""

    CORRECTION = "correction", "Correction"
    QUESTION = "question", "Question"


class MessageState(TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"


class WhatIsWrong(TextChoices):
    """What a visitor says is wrong with a service."""

    CLOSED = "closed", _("It has closed for good")
    HOURS = "hours", _("The days or hours are wrong")
    ADDRESS = "address", _("The address is wrong")
    CONTACT = "contact", _("The phone number or e-mail is wrong")
    NOT_FOR = "not_for", _("It is not for the people it says")
    OTHER = "other", _("Something else")


class WhyCoordinator(TextChoices):
    """Why a strand is, or stays, with the coordinator. Completes "The coordinator was told: ..."."""

    NO_MATCH = "no_match", "no organisation suits"
    EXHAUSTED = "exhausted", "nobody is left on the list"
    NO_ANSWER = "no_answer", "an organisation has not answered"
    UNREACHABLE = "unreachable", "the e-mail to an organisation did not arrive"
    REFERRED_ON = "referred_on", "an organisation handed it back"
    WITHDRAWN = "withdrawn", "the offer was withdrawn"
    UNDO_ASKED = "undo_asked", "an organisation asks for its answer to be undone"
    REOPENED = "reopened", "it was reopened"
    HELD = "held", "many came in a short time, so it has to be checked first"


class WhyPassedOver(TextChoices):
    """Why a service on the list was not asked when its turn came. Completes "It was passed over: ..."."""

    NO_PLACES = "no_places", "it had no places"
    NOT_TAKING_PEOPLE = "not_taking", "it was not taking people"
    MANY_SENT = "many_sent", "many referrals had been sent there"
    REJECTED = "rejected", "it had rejected this before"
    ASKED_OTHERWISE = "asked_otherwise", "another of its services was asked"


class Role(TextChoices):
    """A role in the network itself. For its organisations there is `OrganisationRole`."""

    COORDINATOR = "coordinator", "Coordinator"
    COMMISSIONER = "commissioner", "Commissioner"
    EDITOR = "editor", "Content editor"


class OrganisationRole(TextChoices):
    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"


class MembershipStatus(TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    LEFT = "left", "Left"


class Screen(TextChoices):
    """Where full details were opened."""

    REFERRAL = "referral", "Referrals"
    DOWNLOAD = "download", "Download of one referral"
    EXPORT = "export", "Export of a list"
    PERSON = "person", "The person's page"
    RECORD = "record", "Record of answers, notes, history or messages"


class TableState(TextChoices):
    """The state of an uploaded table: being previewed, shown, confirmed, done or failed."""

    WAITING = "waiting", "Being looked at"
    SHOWN = "shown", "Waiting for your answer"
    CONFIRMED = "confirmed", "Being done"
    DONE = "done", "Done"
    FAILED = "failed", "Not done"


class DayCounting(TextChoices):
    CALENDAR = "calendar", "Calendar days"
    WORKING = "working", "Working days"


class Country(TextChoices):
    """Whose bank holidays count; the values are the subdivisions of the `holidays` library."""

    ENGLAND = "ENG", "England"
    WALES = "WLS", "Wales"
    SCOTLAND = "SCT", "Scotland"
    NORTHERN_IRELAND = "NIR", "Northern Ireland"


class QuestionKind(TextChoices):
    ONE = "one", "One answer"
    SEVERAL = "several", "Several answers"
    YES_NO = "yes_no", "Yes or no"
    NUMBER = "number", "A whole number"
    DATE = "date", "A date"
    SHORT = "short", "A few words"
    TEXT = "text", "In their own words"


CHOICE_KINDS = frozenset({QuestionKind.ONE, QuestionKind.SEVERAL, QuestionKind.YES_NO})


class Importance(IntegerChoices):
    """The weights that have words. A network may have others, each a number of its own."""

    MOST = 100, "Most"
    A_LOT = 40, "A lot"
    SOME = 20, "Some"
    A_LITTLE = 10, "A little"
    NOT_AT_ALL = 0, "Not at all"


class Weekday(IntegerChoices):
    """Monday is 0, as in `datetime.date.weekday()`."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class ReferralPathway(TextChoices):
    SELF = "self", _("Refer yourself")
    GP = "gp", _("Through a GP")
    PROFESSIONAL = "professional", _("Through a professional")
    DROP_IN = "drop_in", _("Just turn up")
    PHONE = "phone", _("Phone first")


class ConsentWay(TextChoices):
    """How the person, or somebody for them, agreed to the sharing of what a referral says."""

    SELF = "self", "by the person, in the form"
    IN_PERSON = "in_person", "by the person, to the referrer"
    PHONE = "phone", "by the person, on the phone"
    ON_BEHALF = "on_behalf", "by somebody who may decide for the person"


class ContactSafety(TextChoices):
    """Whether it is safe to get in touch with a person in one way."""

    NOT_SAID = "", "Not said"
    SAFE = "safe", "Safe"
    UNSAFE = "unsafe", "Not safe"


class Accommodation(TextChoices):
    """Where somebody without a home of their own sleeps.

    The codes and their meaning: NHS Data Dictionary, ACCOMMODATION STATUS CODE, the group HM (homeless).
    https://www.datadictionary.nhs.uk/attributes/accommodation_status_code.html
    """

    NOT_SAID = "", _("Not said")
    ROUGH_SLEEPER = "HM01", _("Sleeping rough")
    SQUATTING = "HM02", _("Squatting")
    NIGHT_SHELTER = "HM03", _("In a night shelter or emergency hostel")
    SOFA_SURFING = "HM04", _("Sofa surfing: on another floor or sofa each night")
    TEMPORARY = "HM05", _("In a temporary place from the council, such as a bed and breakfast")
    SHORT_STAY = "HM06", _("With friends or family for a short time")
    OTHER = "HM07", _("Homeless in another way")


class AccessFeature(TextChoices):
    """What a venue offers. What is not ticked is unknown, not absent.

    The features that British access guides mention most and that can be answered with yes. Steps, widths and weights go
    into the sentence beside them.
    """

    STEP_FREE = "step_free", _("Step-free access")
    LIFT = "lift", _("Lift")
    ACCESSIBLE_TOILET = "accessible_toilet", _("Accessible toilet")
    CHANGING_PLACES = "changing_places", _("Changing Places toilet")
    ACCESSIBLE_PARKING = "accessible_parking", _("Accessible parking")
    HEARING_LOOP = "hearing_loop", _("Hearing loop")
    LARGE_PRINT = "large_print", _("Large print or Easy Read")
    ASSISTANCE_DOGS = "assistance_dogs", _("Assistance dogs welcome")
    QUIET_SPACE = "quiet_space", _("Quiet space")
    BABY_CHANGING = "baby_changing", _("Baby changing")


class Cost(TextChoices):
    """Whether the people who use the service pay."""

    NOT_SAID = "", _("Not said")
    FREE = "free", _("Free")
    CHARGED = "charged", _("There is a charge")
