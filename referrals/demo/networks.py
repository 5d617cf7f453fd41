"""Stores the demonstration's networks with their area, categories, demographics, questions and staff."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from referrals.demo.files import Fixtures
from referrals.enums import OrganisationRole, QuestionKind
from referrals.models import (
    Area,
    Category,
    ConsentWording,
    Demographic,
    DemographicOption,
    FlowVersion,
    Invitation,
    Network,
    NetworkRole,
    Question,
    QuestionOption,
    ReferralLink,
    User,
)
from referrals.questions import publish


@dataclass
class StoredNetworks:
    """What the rest of the demonstration refers to, by the names used in the files.

    categories: by network and slug. options: by network, demographic and name. answers: by question and text.
    wordings, coordinators, flow_versions: by the network's key.
    """

    networks: dict[str, Network] = field(default_factory=dict)
    categories: dict[tuple[str, str], Category] = field(default_factory=dict)
    options: dict[tuple[str, str, str], DemographicOption] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[tuple[str, str], QuestionOption] = field(default_factory=dict)
    wordings: dict[int, ConsentWording] = field(default_factory=dict)
    links: dict[str, ReferralLink] = field(default_factory=dict)
    coordinators: dict[int, User] = field(default_factory=dict)
    flow_versions: dict[int, FlowVersion] = field(default_factory=dict)


def store_networks(fixtures: Fixtures, *, password_hash: str, began: datetime, now: datetime) -> StoredNetworks:
    """`began` is when they count as created."""
    stored = StoredNetworks()
    area, _ = Area.objects.get_or_create(code=fixtures.area["code"], defaults=fixtures.area)
    for row in fixtures.networks:
        network = Network.objects.create(
            slug=row["slug"],
            name=row["name"],
            email=row["email"],
            phone=row["phone"],
            area=area,
            translations=fixtures.translate(row["settings"], "urgent_advice"),
            **row["settings"],
        )
        stored.networks[network.slug] = network
        _store_categories(stored, network, fixtures)
        _store_demographics(stored, network, fixtures)
        _store_questions(stored, network, fixtures)
        _store_form(stored, network, fixtures, row, began)
    for row in fixtures.networks:
        stored.networks[row["slug"]].linked_networks.add(*(stored.networks[slug] for slug in row["linked"]))
    _store_staff(stored, fixtures.users["people"], password_hash)
    for key, coordinator in stored.coordinators.items():
        version = publish(Network(pk=key), actor=coordinator, note="As the network began.", at=began)
        stored.flow_versions[key] = version
    for row in fixtures.networks:
        _store_invitations(stored, stored.networks[row["slug"]], row["invitations"], now)
    return stored


def _store_categories(stored: StoredNetworks, network: Network, fixtures: Fixtures) -> None:
    def store(row: dict[str, Any], parent: Category | None, position: int) -> Category:
        category = Category.objects.create(
            network=network,
            parent=parent,
            name=row["name"],
            translations=fixtures.translate(row, "name"),
            slug=row["slug"],
            position=position,
            is_sensitive=row.get("is_sensitive", False),
        )
        stored.categories[network.slug, category.slug] = category
        return category

    for position, row in enumerate(fixtures.of_network(network.slug, "categories"), start=1):
        parent = store(row, None, position)
        for place, child in enumerate(row["children"], start=1):
            store(child, parent, place)


def _store_demographics(stored: StoredNetworks, network: Network, fixtures: Fixtures) -> None:
    for position, row in enumerate(fixtures.of_network(network.slug, "demographics"), start=1):
        demographic = Demographic.objects.create(
            network=network,
            name=row["name"],
            help_text=row.get("help_text", ""),
            translations=fixtures.translate(row, "name", "help_text"),
            takes_several=row.get("takes_several", False),
            position=position,
        )
        options = DemographicOption.objects.bulk_create(
            DemographicOption(
                demographic=demographic,
                name=option["name"],
                plural=option["plural"],
                translations=fixtures.translate(option, "name", "plural"),
                position=place,
            )
            for place, option in enumerate(row["options"], start=1)
        )
        stored.options |= {(network.slug, demographic.name, option.name): option for option in options}


def _store_questions(stored: StoredNetworks, network: Network, fixtures: Fixtures) -> None:
    # Questions before options: an option can reveal any question, earlier or later.
    rows = fixtures.of_network(network.slug, "questions")
    questions = Question.objects.bulk_create(
        Question(
            network=network,
            text=row["text"],
            text_to_self=row.get("text_to_self", ""),
            help_text=row.get("help_text", ""),
            translations=fixtures.translate(row, "text", "text_to_self", "help_text"),
            kind=row.get("kind", QuestionKind.ONE),
            is_required=row.get("required", False),
            offers_not_sure=row.get("offers_not_sure", True),
            position=position,
        )
        for position, row in enumerate(rows, start=1)
    )
    stored.questions |= {row["id"]: question for row, question in zip(rows, questions, strict=True)}
    answers = [
        (row["id"], place, answer) for row in rows for place, answer in enumerate(row.get("options", []), start=1)
    ]
    options = QuestionOption.objects.bulk_create(
        QuestionOption(
            question=stored.questions[name],
            text=answer["text"],
            translations=fixtures.translate(answer, "text"),
            is_urgent=answer.get("urgent", False),
            position=place,
        )
        for name, place, answer in answers
    )
    stored.answers |= {(name, one.text): one for (name, *_), one in zip(answers, options, strict=True)}
    reveals, needs = QuestionOption.reveals.through, QuestionOption.needs.through
    reveals.objects.bulk_create(
        reveals(questionoption=option, question=stored.questions[name])
        for option, (*_, answer) in zip(options, answers, strict=True)
        for name in answer.get("reveals", [])
    )
    needs.objects.bulk_create(
        needs(questionoption=option, category=stored.categories[network.slug, slug])
        for option, (*_, answer) in zip(options, answers, strict=True)
        for slug in answer.get("needs", [])
    )


def _store_form(
    stored: StoredNetworks, network: Network, fixtures: Fixtures, row: dict[str, Any], began: datetime
) -> None:
    names = {"network": network.name, "email": network.email, "phone": network.phone}
    translated = fixtures.translate({"text": row["consent"]}, "text")
    stored.wordings[network.pk] = ConsentWording.objects.create(
        network=network,
        version=1,
        text=row["consent"].format(**names),
        translations={code: {"text": texts["text"].format(**names)} for code, texts in translated.items()},
        created_at=began,
    )
    for link in row["referral_links"]:
        stored.links[link["name"]] = ReferralLink.objects.create(
            network=network,
            name=link["name"],
            source_name=link.get("source_name", ""),
            source_organisation=link["source_organisation"],
            source_phone=link.get("source_phone", ""),
            embed_origins="\n".join(link.get("embed_origins", [])),
            created_at=began,
        )


def _store_staff(stored: StoredNetworks, rows: list[dict[str, Any]], password_hash: str) -> None:
    for row in rows:
        user = User.objects.create(
            name=row["name"],
            email=row["email"],
            password=password_hash,
            is_superuser=row.get("superuser", False),
        )
        for role in row.get("roles", []):
            network = stored.networks[role["network"]]
            NetworkRole.objects.create(network=network, user=user, role=role["role"])
            if role["role"] == "coordinator":
                stored.coordinators.setdefault(network.pk, user)


def _store_invitations(stored: StoredNetworks, network: Network, rows: list[dict[str, Any]], now: datetime) -> None:
    for row in rows:
        invited_at = now - timedelta(days=row["days_ago"])
        Invitation.objects.create(
            network=network,
            organisation_name=row["organisation_name"],
            email=row["email"],
            role=OrganisationRole.OWNER,
            invited_by=stored.coordinators[network.pk],
            created_at=invited_at,
            expires_at=invited_at + timedelta(days=14),
        )
