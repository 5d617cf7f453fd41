"""Invents people and fills in the referral form for them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from referrals import matching
from referrals.demo.files import FixturePlace, Fixtures, answers_to
from referrals.demo.networks import StoredNetworks
from referrals.enums import CHOICE_KINDS
from referrals.models.geography import postcode_in_words
from referrals.models.people import age_between
from referrals.models.safe_contact import SafeContact
from referrals.questions import FlowChart, evaluate, load_flow_chart
from referrals.workflow import AnswerGiven, Part, PersonDetails, Submission

KEPT_AT_MOST = 5  # organisations that a referrer leaves on the list
OUTSIDE_SHARE = 0.03

_UNLIKELY = 0.03


class FormFiller:
    """Everything random comes from the `random` that each call is given."""

    def __init__(self, stored: StoredNetworks, fixtures: Fixtures, places: Sequence[FixturePlace]) -> None:
        self.stored = stored
        self.fixtures = fixtures
        names = set(fixtures.localities)
        self.inside = [place for place in places if not place.locality or place.locality in names]
        self.outside = [place for place in fixtures.places if place.locality not in names]
        self.points = {place.postcode: place.point for place in (*self.inside, *self.outside)}
        self.main = stored.networks[fixtures.networks[0]["slug"]]
        self.chart: FlowChart = load_flow_chart([network.pk for network in stored.networks.values()])
        self.option_ids = {(demographic, name): row.pk for (_, demographic, name), row in stored.options.items()}
        self.network_of_need = {row.pk: row.network_id for row in stored.categories.values()}

    def fill_in(
        self,
        situation: dict[str, Any],
        *,
        at: datetime,
        random: Random,
        to_coordinator: bool = False,
        person: PersonDetails | None = None,
    ) -> Submission:
        """Return the form for one person in `situation`, as sent at `at`; without `person`, for somebody new.

        It asks the organisations suggested at that moment; `to_coordinator` removes them all.
        """
        person = person or self._person(situation, timezone.localdate(at), random)
        evaluation = evaluate(self.chart, self._chosen(situation))
        parts = self._parts(
            evaluation.needs, evaluation.urgent_needs, person, at, random, to_coordinator=to_coordinator
        )
        return Submission(
            key=_key(random),
            network_id=self.main.pk,
            person=person,
            parts=parts,
            consent_language=person.language,
            consent_wording_ids=frozenset(self.stored.wordings[part.network_id].pk for part in parts),
            answers=tuple(self._answers(situation, evaluation.shown)),
            flow_version_ids=frozenset(version.pk for version in self.stored.flow_versions.values()),
            details=situation["details"],
            adults=situation["adults"],
            children=situation["children"],
            is_urgent=evaluation.is_urgent,
            urgent_need_ids=evaluation.urgent_needs,
            **self._source(person, random),
        )

    def fill_in_again(
        self, before: Submission, situation: dict[str, Any], *, at: datetime, random: Random
    ) -> Submission:
        """Return the form for the same person from another referrer, who knows less and misspells the name."""
        person = replace(before.person, name=_misspell(before.person.name), email="", contact_note="")
        sent = self.fill_in(situation, at=at, random=random, person=person)
        return replace(sent, details=f"Somebody else may have asked for this already. {sent.details}")

    def _person(self, situation: dict[str, Any], today: date, random: Random) -> PersonDetails:
        group = pick_weighted(self.fixtures.people["groups"], random)
        gender = situation.get("gender") or random.choice(["Woman", "Man"])
        first = random.choice(group["women" if gender == "Woman" else "men"])
        name = f"{first} {random.choice(group['families'])}"
        youngest, oldest = situation["ages"]
        born = today - timedelta(days=round(random.uniform(youngest + 0.1, oldest + 0.9) * 365.25))
        knows_birth = random.random() < 0.85
        place = random.choice(self.outside if random.random() < OUTSIDE_SHARE else self.inside)
        street = f"{random.randint(1, 150)} {random.choice(self.fixtures.people['streets'])}, London"
        has_address = not situation.get("no_address")
        return PersonDetails(
            name=name,
            phone=f"07700 900{random.randint(0, 999):03}" if random.random() < 0.9 else "",
            email=_email(name, random) if random.random() < 0.6 else "",
            contact_note=random.choice(self.fixtures.people["contact_notes"]) if random.random() < 0.3 else "",
            safe_contact=SafeContact(**situation.get("safe_contact", {})),
            date_of_birth=born if knows_birth else None,
            age=None if knows_birth else age_between(born, today),
            postcode=place.postcode if has_address else "",
            address=street if has_address else "",
            accommodation=situation.get("accommodation", ""),
            option_ids=self._options(situation, group, gender, random),
            language="pl" if "Polish" in group["languages"] else "",
        )

    def _options(self, situation: dict[str, Any], group: dict[str, Any], gender: str, random: Random) -> frozenset[int]:
        # Some questions stay unanswered.
        languages = group["languages"][:1]
        if random.random() >= group.get("first_language_only", 0) and "English" not in languages:
            languages = [*languages, "English"]
        answers = {
            "Gender": ["Non-binary" if random.random() < _UNLIKELY and "gender" not in situation else gender],
            "Language": languages,
            "Ethnic group": [group["ethnic_group"]] if random.random() < 0.7 else [],
            "Disability or health": situation.get("health") or (["None of these"] if random.random() < 0.5 else []),
            "Household": situation.get("household", []),
            "Immigration status": situation.get("immigration", []),
            "Income": [situation["income"]] if "income" in situation else [],
        }
        return frozenset(self.option_ids[demographic, name] for demographic in answers for name in answers[demographic])

    def _chosen(self, situation: dict[str, Any]) -> dict[int, set[int]]:
        return {
            question.pk: {self.stored.answers[name, text].pk for text in answers_to(situation, name)}
            for name, question in self.stored.questions.items()
            if question.kind in CHOICE_KINDS
        }

    def _answers(self, situation: dict[str, Any], shown: Sequence[int]) -> list[AnswerGiven]:
        names = {question.pk: name for name, question in self.stored.questions.items()}
        given = [(names[pk], self.stored.questions[names[pk]], answers_to(situation, names[pk])) for pk in shown]
        return [
            AnswerGiven(
                question_id=question.pk,
                question_text=question.text,
                text="; ".join(texts),
                option_ids=[row.pk for text in texts if (row := self.stored.answers.get((name, text)))],
                network_id=question.network_id,
            )
            for name, question, texts in given
            if texts
        ]

    def _parts(
        self,
        needs: frozenset[int],
        urgent_needs: frozenset[int],
        person: PersonDetails,
        at: datetime,
        random: Random,
        *,
        to_coordinator: bool,
    ) -> list[Part]:
        # Now and then the referrer removes a suggestion.
        facts = matching.PersonFacts(
            point=self.points.get(person.postcode),
            place=postcode_in_words(person.postcode),
            age=age_between(person.date_of_birth, timezone.localdate(at)) if person.date_of_birth else person.age,
            option_ids=person.option_ids,
        )
        parts = []
        for network in self.stored.networks.values():
            own = sorted(pk for pk in needs if self.network_of_need[pk] == network.pk)
            if to_coordinator and own:
                parts.append(Part(network_id=network.pk, need_ids=frozenset(own)))
                continue
            for planned in matching.plan_parts(
                network, own, facts, urgent_need_ids=urgent_needs, limit=KEPT_AT_MOST, at=at
            ):
                kept = [row.service_id for row in planned.suggestions]
                if len(kept) > 2 and random.random() < 0.15:
                    kept.pop(random.randrange(1, len(kept)))
                parts.append(Part(network_id=network.pk, need_ids=frozenset(planned.need_ids), service_ids=kept))
        return parts

    def _source(self, person: PersonDetails, random: Random) -> dict[str, Any]:
        sources = self.fixtures.people["sources"]
        weights = [row["weight"] for row in sources] + [self.fixtures.people["self_referred_weight"]]
        source = random.choices([*sources, None], weights)[0]
        if source is None:
            return {
                "source_name": person.name,
                "source_organisation": "",
                "source_email": person.email,
                "source_phone": person.phone,
                "referral_link_id": None,
            }
        link = self.stored.links.get(source.get("link", ""))
        return {
            "source_name": random.choice(source["names"]),
            "source_organisation": source["organisation"],
            "source_email": source["email"],
            "source_phone": source["phone"],
            "tells_source": bool(source["email"]) and link is not None,
            "referral_link_id": link.pk if link else None,
        }


def pick_weighted(rows: Sequence[dict[str, Any]], random: Random) -> dict[str, Any]:
    return random.choices(rows, [row.get("weight", 1) for row in rows])[0]


def _key(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _misspell(name: str) -> str:
    """Return the name with two letters of its last word swapped."""
    first, _, last = name.rpartition(" ")
    middle = len(last) // 2
    return f"{first} {last[: middle - 1]}{last[middle]}{last[middle - 1]}{last[middle + 1 :]}"


def _email(name: str, random: Random) -> str:
    # .example is reserved (RFC 2606): it reaches no one.
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return f"{re.sub('[^a-z]+', '.', plain)}{random.randint(1, 99)}@post.example"
