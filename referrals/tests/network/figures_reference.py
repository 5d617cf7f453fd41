"""Figures counted slowly, in Python: invented referrals, and the set of referrals that each cell of a table has.

Referrals are plain values, so that worlds can be counted without a database; `Stored` writes them into one.
"""

import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product

from referrals import models as m
from referrals.enums import RejectReason
from referrals.hours import LONDON
from referrals.network.disclosure import KEYS
from referrals.network.figures import Period, Table
from referrals.network.figures.periods import next_month, start_of
from referrals.tests import factories as f

NEEDS = {0: None, 1: 0, 2: 0, 3: None, 4: 3, 5: 4, 6: None}  # each with what it stands under
DISTRICTS = ["NW1", "NW3", "NW5", "N6", ""]
SOURCES = ["form", "link", "elsewhere"]
SENDERS = ["", "GP Surgery", " gp surgery", "School"]
REASONS = [*RejectReason][:3]


@dataclass
class Offer:
    organisation: int
    status: str
    offered_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    lapsed_at: datetime | None = None
    waitlisted_at: datetime | None = None
    reason: str = ""

    @property
    def answered_at(self) -> datetime | None:
        return self.waitlisted_at or self.accepted_at or (self.ended_at if self.status == "rejected" else None)


@dataclass
class Part:
    needs: list[int]
    status: str = "seeking"
    outcome: str = ""
    told: str = ""
    is_ours: bool = True
    offers: list[Offer] = field(default_factory=list)


@dataclass
class Sent:
    number: int
    key: int
    person: int
    at: datetime
    is_urgent: bool
    status: str
    district: str
    source: str
    sender: str
    ward: int | None
    parts: list[Part]


def invent(chance: random.Random, count: int, first: datetime, last: datetime) -> list[Sent]:
    """Return `count` referrals sent between two moments. One person has one in eight of them."""
    return [_invent_one(chance, number, first, last) for number in range(count)]


def _invent_one(chance: random.Random, number: int, first: datetime, last: datetime) -> Sent:
    first, last = first.astimezone(UTC), last.astimezone(UTC)  # times of one zone are subtracted as clocks show them
    at = first + (last - first) * chance.random()
    needs = chance.sample(list(NEEDS), chance.choice([1, 1, 2, 3]))
    cut = chance.choice([len(needs), 1])
    parts = [_invent_part(chance, at, needs[:cut])]
    if needs[cut:]:
        parts.append(_invent_part(chance, at, needs[cut:], is_ours=chance.random() < 0.7))
    is_spam = chance.random() < 0.05
    if is_spam:
        for part in parts:
            part.status, part.outcome = "closed", "spam"
    return Sent(
        number=number,
        key=chance.randrange(KEYS),
        person=number if chance.random() < 0.9 else number // 8,
        at=at,
        is_urgent=chance.random() < 0.2,
        status="spam" if is_spam else chance.choice(["with_coordinator", "seeking", "placed", "placed", "closed"]),
        district=chance.choices(DISTRICTS, [8, 5, 3, 1, 1])[0],
        source=chance.choices(SOURCES, [6, 3, 1])[0],
        sender=chance.choice(SENDERS),
        ward=chance.choice([None, 0, 1]),
        parts=parts,
    )


def _invent_part(chance: random.Random, at: datetime, needs: list[int], *, is_ours: bool = True) -> Part:
    part = Part(needs, is_ours=is_ours, told=chance.choice(["", "", "", "exhausted", "no_match", "no_answer"]))
    for number in range(chance.choice([0, 1, 1, 2])):
        part.offers.append(_invent_offer(chance, at + timedelta(hours=60 * number)))
    if chance.random() < 0.3:
        part.status, part.outcome = "closed", chance.choice(["supported", "not_supported", "not_reached"])
    return part


def _invent_offer(chance: random.Random, at: datetime) -> Offer:
    answered = at + timedelta(minutes=chance.randrange(1, 60 * 24 * 4))
    offer = Offer(chance.randrange(3), chance.choice(["rejected", "lapsed", "closed", "closed", "withdrawn"]), at)
    offer.ended_at = answered
    if offer.status == "rejected":
        offer.reason = chance.choice(REASONS)
    elif offer.status == "lapsed":
        offer.lapsed_at = answered
    elif offer.status == "closed":
        offer.accepted_at, offer.ended_at = answered, answered + timedelta(days=chance.randrange(1, 90))
    elif answered.minute % 2:
        offer.status = "released"
    if answered.minute % 7 == 0:
        offer.waitlisted_at = at + (answered - at) / 3
    return offer


class Stored:
    """A world in the database: its network, and the keys that its values have there."""

    def __init__(self, world: list[Sent]) -> None:
        self.network, self.other = f.NetworkFactory(), f.NetworkFactory()
        self.categories: dict[int, m.Category] = {}
        for number, above in NEEDS.items():
            parent = self.categories.get(above)
            self.categories[number] = f.CategoryFactory(network=self.network, parent=parent, position=number)
        self.services = [f.ServiceFactory(network=self.network) for _ in range(3)]
        self.link = m.ReferralLink.objects.create(network=self.network, name="Surgery")
        self.wards = [f.AreaFactory(code=f"E0{number}") for number in range(2)]
        m.Postcode.objects.bulk_create(
            m.Postcode(code=f"NW1{number}AA", ward_code=f"E0{number}") for number in range(2)
        )
        self._store_parts(world, self._store_referrals(world))

    def key_of(self, dimension: str, value: str) -> str:
        if dimension in ("need", "top"):
            return str(self.categories[int(value)].pk)
        if dimension == "organisation":
            return str(self.services[int(value)].organisation_id)
        if dimension == "ward" and value != "0":
            return str(self.wards[int(value) - 1].pk)
        return str(self.link.pk) if (dimension, value) == ("source", "link") else value

    def _store_referrals(self, world: list[Sent]) -> list[m.Referral]:
        people = {
            sent.person: m.Person(name="Somebody", postcode="" if sent.ward is None else f"NW1 {sent.ward}AA")
            for sent in world
        }
        for sent in world:  # one person has one home
            sent.ward = None if not people[sent.person].postcode else int(people[sent.person].postcode[4])
        m.Person.objects.bulk_create(people.values())
        return m.Referral.objects.bulk_create(
            m.Referral(
                submission_key=uuid.uuid4(),
                network=self.other if sent.source == "elsewhere" else self.network,
                referral_link=self.link if sent.source == "link" else None,
                person=people[sent.person],
                status=sent.status,
                closed_at=sent.at if sent.status in ("closed", "spam") else None,
                is_urgent=sent.is_urgent,
                outcode=sent.district,
                source_organisation=sent.sender,
                consented_at=sent.at,
                created_at=sent.at,
                noise_key=sent.key,
            )
            for sent in world
        )

    def _store_parts(self, world: list[Sent], referrals: list[m.Referral]) -> None:
        parts = [(part, referral) for sent, referral in zip(world, referrals, strict=True) for part in sent.parts]
        strands = m.Strand.objects.bulk_create(
            m.Strand(
                referral=referral,
                network=self.network if part.is_ours else self.other,
                status=part.status,
                outcome=part.outcome,
                closed_at=referral.created_at if part.outcome else None,
            )
            for part, referral in parts
        )
        needs, offers, events = [], [], []
        for (part, referral), strand in zip(parts, strands, strict=True):
            needs += [m.Need(referral=referral, strand=strand, category=self.categories[need]) for need in part.needs]
            offers += [self._offer(strand, offer, position) for position, offer in enumerate(part.offers)]
            if part.told:
                told = {"kind": "coordinator_told", "data": {"why": part.told}}
                events.append(m.Event(referral=referral, strand=strand, **told))
        m.Need.objects.bulk_create(needs)
        m.Assignment.objects.bulk_create(offers)
        m.Event.objects.bulk_create(events)

    def _offer(self, strand: m.Strand, offer: Offer, position: int) -> m.Assignment:
        service = self.services[offer.organisation]
        return m.Assignment(
            strand=strand,
            service=service,
            organisation=service.organisation,
            position=position,
            status=offer.status,
            offered_at=offer.offered_at,
            accepted_at=offer.accepted_at,
            ended_at=offer.ended_at,
            lapsed_at=offer.lapsed_at,
            waitlisted_at=offer.waitlisted_at,
            reject_reason=offer.reason,
            outcome="supported" if offer.status == "closed" else "",
        )


CellSets = dict[tuple[str | None, str | None], dict[int, list[float]]]  # by row and column: values by referral


def sets_of(table: Table, measure: str, world: list[Sent], period: Period) -> CellSets:
    """Return which referrals are in each cell of a table and in its totals, with their values in seconds, if any."""
    found: CellSets = defaultdict(dict)
    for sent in world:
        for row, value in rows_of(sent, measure, period):
            rows, columns = row[table.rows], row[table.across] if table.across else [None]
            for cell in _cells(table, rows, columns):
                values = found[cell].setdefault(sent.number, [])
                if value is not None and value not in values:
                    values.append(value)
    return found


def _cells(table: Table, rows: list[str], columns: list[str | None]) -> set[tuple[str | None, str | None]]:
    cells = set(product(rows, columns))
    if table.totals:
        cells |= {(None, None)} | ({*product([None], columns), *product(rows, [None])} if table.across else set())
    return cells


def rows_of(sent: Sent, measure: str, period: Period) -> list[tuple[dict[str, list[str]], float | None]]:
    if sent.status == "spam":
        return []
    parts = [part for part in sent.parts if part.is_ours and part.outcome != "spam"]
    if measure == "open":
        return [(row, None) for part in parts for row in _open_rows(part, sent, period)]
    if not start_of(period.first) <= sent.at < start_of(period.end):
        return []
    offers = [offer for part in parts for offer in part.offers if offer.status != "released"]
    times = {
        "answered": [offer.answered_at for offer in offers if offer.answered_at],
        "accepted": [offer.accepted_at for offer in offers if offer.accepted_at],
    }
    rows: list[tuple[dict[str, list[str]], float | None]] = []
    for part in parts:
        row = _dimensions(sent, part)
        if measure in times:
            rows += [(row, (min(times[measure]) - sent.at).total_seconds())] if times[measure] else []
        elif measure == "rejected":
            rows += [(row | {"reason": [one.reason]}, None) for one in part.offers if one.status == "rejected"]
        elif measure.startswith("asked"):
            rows += _asked_rows(row, offers, measure)
        else:
            fits = {
                "sent": True,
                "urgent": sent.is_urgent,
                "unmatched": part.told in ("exhausted", "no_match"),
                "unsupported": part.outcome == "not_supported",
            }
            rows += [(row, None)] if fits[measure] else []
    return rows


def _asked_rows(row: dict, offers: list[Offer], measure: str) -> list[tuple[dict[str, list[str]], float | None]]:
    rows = []
    for organisation in {offer.organisation for offer in offers}:
        own = [offer for offer in offers if offer.organisation == organisation]
        waits = [(offer.answered_at - offer.offered_at).total_seconds() for offer in own if offer.answered_at]
        fits = {
            "asked": True,
            "asked_accepted": any(offer.accepted_at for offer in own),
            "asked_rejected": any(offer.status == "rejected" for offer in own),
            "asked_silent": any(offer.lapsed_at for offer in own),
            "asked_answered": bool(waits),
        }
        if fits[measure]:
            value = min(waits) if measure == "asked_answered" else None
            rows.append((row | {"organisation": [str(organisation)]}, value))
    return rows


def _open_rows(part: Part, sent: Sent, period: Period) -> list[dict[str, list[str]]]:
    ends = {f"{month:%Y-%m}": start_of(next_month(month)) for month in period.months}
    return [
        {"month": [month], "organisation": [str(offer.organisation)]}
        for month, end in ends.items()
        for offer in part.offers
        if offer.accepted_at and offer.accepted_at < end and (not offer.ended_at or offer.ended_at >= end)
    ]


def _dimensions(sent: Sent, part: Part) -> dict[str, list[str]]:
    paths = [_path(number) for number in part.needs]
    return {
        "month": [f"{sent.at.astimezone(LONDON):%Y-%m}"],
        "status": [sent.status],
        "district": [sent.district],
        "source": [sent.source],
        "sender": [sent.sender.strip().lower()],
        "ward": ["0" if sent.ward is None else str(sent.ward + 1)],
        "need": sorted({str(key) for path in paths for key in path}),
        "top": sorted({str(path[-1]) for path in paths}),
    }


def _path(need: int) -> list[int]:
    path = [need]
    while (above := NEEDS[path[-1]]) is not None:
        path.append(above)
    return path


def percentile(values: list[float], share: float) -> float | None:
    """As PostgreSQL's percentile_cont: between two values, in a straight line."""
    if not values:
        return None
    values = sorted(values)
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
