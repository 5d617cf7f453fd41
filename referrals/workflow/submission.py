"""What a referrer sends. The public form and the demonstration each build one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from referrals.models.safe_contact import SafeContact


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonDetails:
    """The person, as described by the referrer.

    `age`, in years, counts only without a date of birth; so does `age_months`, which says it more exactly under two.
    `area_name` counts only without a postcode. `accommodation` is a value of `Accommodation`.
    """

    name: str
    phone: str = ""
    email: str = ""
    contact_note: str = ""
    safe_contact: SafeContact = field(default_factory=SafeContact)
    date_of_birth: date | None = None
    age: int | None = None
    age_months: int | None = None
    postcode: str = ""
    area_name: str = ""
    address: str = ""
    accommodation: str = ""
    option_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerGiven:
    question_id: int
    question_text: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """One referral to be made. `key` is the same each time the same form is sent.

    choices: for each network asked, the keys of the services shown and kept, best first; an empty list goes
        straight to that network's coordinator.
    need_ids: keys of categories; each belongs to one of the networks in `choices`.
    consent_wording_ids: keys of the wordings that were agreed to, one of each network in `choices`.
    """

    key: UUID
    network_id: int
    person: PersonDetails
    choices: Mapping[int, Sequence[int]]
    need_ids: frozenset[int]
    consent_wording_ids: frozenset[int]
    answers: Sequence[AnswerGiven] = field(default_factory=tuple)
    details: str = ""
    adults: int | None = None
    children: int | None = None
    is_urgent: bool = False
    consent_way: str = ""
    consent_giver: str = ""
    source_name: str = ""
    source_organisation: str = ""
    source_email: str = ""
    source_phone: str = ""
    referral_link_id: int | None = None
