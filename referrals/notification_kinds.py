"""Which e-mails there are, and whom each is written to."""

from enum import Enum

from django.db.models import TextChoices


class NotificationKind(TextChoices):
    PERSON_TOLD = "person_told", "To the person: who is asked"
    PERSON_TOLD_MORE = "person_told_more", "To the person: another organisation is asked"
    PERSON_WAITLISTED = "person_waitlisted", "To the person: on a waiting list"
    ORGANISATION_ASKED = "organisation_asked", "To an organisation: an offer"
    ORGANISATION_REMINDED = "organisation_reminded", "To an organisation: a reminder"
    ORGANISATION_PLACE_DUE = "organisation_place_due", "To an organisation: the place it expected"
    ORGANISATION_LATE = "organisation_late", "To an organisation: late, and it can still accept"
    ORGANISATION_RELEASED = "organisation_released", "To an organisation: no longer with you"
    ORGANISATION_NOT_NEEDED = "organisation_not_needed", "To an organisation: another has accepted"
    COORDINATOR_TOLD = "coordinator_told", "To the coordinator"
    COORDINATOR_NOT_NEEDED = "coordinator_not_needed", "To the coordinator: accepted after all"
    REFERRALS_HELD = "referrals_held", "To the coordinator: referrals to check"
    INVITED = "invited", "To somebody invited"
    INVITATION_WAITS = "invitation_waits", "To somebody invited: an owner is asked first"
    OWNER_ASKED = "owner_asked", "To an owner: may somebody join?"
    ACCESS_CHANGED = "access_changed", "To those responsible: a change of access"
    JOINED = "joined", "To the inviter: somebody joined"
    MEMBERSHIP_CHANGED = "membership_changed", "To an organisation: suspended, left or taken back"
    PASSWORD_RESET = "password_reset", "To a user: a new password"
    ACCOUNT_CHANGED = "account_changed", "To a user: a change of the account"
    SIGN_IN_LOCKED = "sign_in_locked", "To a user: too many wrong passwords"
    CONFIRMATION_ASKED = "confirmation_asked", "To an organisation: are its services still correct?"
    CORRECTION_SUGGESTED = "correction_suggested", "To an organisation and the coordinator: a visitor's correction"
    QUESTION_ASKED = "question_asked", "To the coordinator: a visitor's question"
    CARD_SENT = "card_sent", "To a visitor: a service's card"
    REFERRER_TOLD_ACCEPTED = "referrer_told_accepted", "To the referrer: accepted"
    REFERRER_TOLD_CLOSED = "referrer_told_closed", "To the referrer: closed"
    ORGANISATION_DIGEST = "organisation_digest", "To an organisation: the week's summary"
    COORDINATOR_DIGEST = "coordinator_digest", "To the coordinator: the week's summary"


class Audience(Enum):
    ORGANISATION = "organisation"
    COORDINATORS = "coordinators"
    PERSON = "person"
    REFERRER = "referrer"
    ACCOUNT = "account"  # somebody invited, a user, those responsible for an organisation or a network
    VISITOR = "visitor"


_WRITTEN_TO = {
    Audience.PERSON: {
        NotificationKind.PERSON_TOLD,
        NotificationKind.PERSON_TOLD_MORE,
        NotificationKind.PERSON_WAITLISTED,
    },
    Audience.REFERRER: {NotificationKind.REFERRER_TOLD_ACCEPTED, NotificationKind.REFERRER_TOLD_CLOSED},
    Audience.ORGANISATION: {
        NotificationKind.ORGANISATION_ASKED,
        NotificationKind.ORGANISATION_REMINDED,
        NotificationKind.ORGANISATION_PLACE_DUE,
        NotificationKind.ORGANISATION_LATE,
        NotificationKind.ORGANISATION_RELEASED,
        NotificationKind.ORGANISATION_NOT_NEEDED,
        NotificationKind.CONFIRMATION_ASKED,
        NotificationKind.CORRECTION_SUGGESTED,
        NotificationKind.MEMBERSHIP_CHANGED,
        NotificationKind.ORGANISATION_DIGEST,
    },
    Audience.COORDINATORS: {
        NotificationKind.COORDINATOR_TOLD,
        NotificationKind.COORDINATOR_NOT_NEEDED,
        NotificationKind.REFERRALS_HELD,
        NotificationKind.QUESTION_ASKED,
        NotificationKind.COORDINATOR_DIGEST,
    },
    Audience.ACCOUNT: {
        NotificationKind.INVITED,
        NotificationKind.INVITATION_WAITS,
        NotificationKind.OWNER_ASKED,
        NotificationKind.ACCESS_CHANGED,
        NotificationKind.JOINED,
        NotificationKind.PASSWORD_RESET,
        NotificationKind.ACCOUNT_CHANGED,
        NotificationKind.SIGN_IN_LOCKED,
    },
    Audience.VISITOR: {NotificationKind.CARD_SENT},
}
AUDIENCES = {kind: audience for audience, kinds in _WRITTEN_TO.items() for kind in kinds}
TO_THE_PERSON = frozenset(_WRITTEN_TO[Audience.PERSON])
TO_THE_REFERRER = frozenset(_WRITTEN_TO[Audience.REFERRER])
# The others go to somebody whom a stranger named: they hold nothing that was typed, and the outbox hides the address.
TO_MEMBERS = frozenset(
    kind
    for kind, audience in AUDIENCES.items()
    if audience in (Audience.ORGANISATION, Audience.COORDINATORS, Audience.ACCOUNT)
)


class MailGroup(TextChoices):
    """What an organisation, or a network's coordinators, choose an address for."""

    ACTION = "action", "What waits for you"
    NEWS = "news", "What became of it"
    DIGEST = "digest", "A summary each week"


MAIL_GROUPS = {
    NotificationKind.ORGANISATION_ASKED: MailGroup.ACTION,
    NotificationKind.ORGANISATION_REMINDED: MailGroup.ACTION,
    NotificationKind.ORGANISATION_PLACE_DUE: MailGroup.ACTION,
    NotificationKind.ORGANISATION_LATE: MailGroup.ACTION,
    NotificationKind.ORGANISATION_RELEASED: MailGroup.NEWS,
    NotificationKind.ORGANISATION_NOT_NEEDED: MailGroup.NEWS,
    NotificationKind.ORGANISATION_DIGEST: MailGroup.DIGEST,
    NotificationKind.COORDINATOR_TOLD: MailGroup.ACTION,
    NotificationKind.REFERRALS_HELD: MailGroup.ACTION,
    NotificationKind.COORDINATOR_NOT_NEEDED: MailGroup.NEWS,
    NotificationKind.COORDINATOR_DIGEST: MailGroup.DIGEST,
}


class NotificationStatus(TextChoices):
    PENDING = "pending", "Waiting to be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"
    CANCELLED = "cancelled", "Not sent: the referral was spam"
    KEPT = "kept", "Kept here: no mail server set"
    UNSAFE = "unsafe", "No message: writing to them is not safe"
    BOUNCED = "bounced", "Came back"
    SUPPRESSED = "suppressed", "Not sent: messages to this address came back"
