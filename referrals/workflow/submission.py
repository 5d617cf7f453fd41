"""What a referrer sends. The public form and the demonstration each build one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from referrals.models.safe_contact import SafeContact


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonDetails:
    """The person, as described by the referrer.

    `age`, in years, counts only without a date of birth; so does `age_months`, which says it more exactly under two.
    `area_name` counts only without a postcode. `accommodation` is a value of `Accommodation`.
    `language` is the code of the one that they read; empty: nobody has said.
    """

    name: str
    phone: str = ""
    email: str = ""
    contact_note: str = ""
    language: str = ""
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
    """`option_ids` are those chosen, none where the answer is typed. `network_id` is whose question it is."""

    question_id: int
    question_text: str
    text: str
    option_ids: Sequence[int] = ()
    network_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Needs that one organisation is asked about; every part is asked at once.

    service_ids: those shown and kept, best first; with none, the part goes straight to the network's coordinator.
    asked_for_ids: those of them that were asked for by name, wherever the person lives.
    """

    network_id: int
    need_ids: frozenset[int]
    service_ids: Sequence[int] = ()
    asked_for_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """One referral to be made. `key` is the same each time the same form is sent.

    parts: have each need, a category of the part's network, once. A network may have several.
    urgent_need_ids: parts with one of these are asked first.
    removed_ids: services that were taken off the lists.
    flow_version_ids: the versions of the networks' questions that were asked.
    consent_wording_ids: keys of the wordings that were agreed to, one of each network that is asked.
    consent_language: of the page that they were on; empty: English.
    """

    key: UUID
    network_id: int
    person: PersonDetails
    parts: Sequence[Part]
    consent_wording_ids: frozenset[int]
    consent_language: str = ""
    answers: Sequence[AnswerGiven] = field(default_factory=tuple)
    flow_version_ids: frozenset[int] = frozenset()
    details: str = ""
    adults: int | None = None
    children: int | None = None
    is_urgent: bool = False
    urgent_need_ids: frozenset[int] = frozenset()
    removed_ids: frozenset[int] = frozenset()
    consent_way: str = ""
    consent_giver: str = ""
    source_name: str = ""
    source_organisation: str = ""
    source_email: str = ""
    source_phone: str = ""
    tells_source: bool = False
    referral_link_id: int | None = None

    @property
    def network_ids(self) -> frozenset[int]:
        return frozenset(part.network_id for part in self.parts)

    @property
    def need_ids(self) -> frozenset[int]:
        return frozenset().union(*(part.need_ids for part in self.parts))
