"""The demonstration's networks with all that is theirs: area, categories, demographics, questions, staff."""

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
    Invitation,
    Network,
    NetworkRole,
    Question,
    QuestionOption,
    ReferralLink,
    User,
)


@dataclass
class Setting:
    """What the rest of the demonstration refers to, by the names that the files use.

    categories: by network and slug. options: by network, demographic and name. answers: by question and text.
    """

    networks: dict[str, Network] = field(default_factory=dict)
    categories: dict[tuple[str, str], Category] = field(default_factory=dict)
    options: dict[tuple[str, str, str], DemographicOption] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[tuple[str, str], QuestionOption] = field(default_factory=dict)
    wordings: dict[str, ConsentWording] = field(default_factory=dict)
    links: dict[str, ReferralLink] = field(default_factory=dict)
    coordinators: dict[int, User] = field(default_factory=dict)


def store_networks(fixtures: Fixtures, *, password_hash: str, began: datetime, now: datetime) -> Setting:
    """Store networks.json, users.json and each network's folder. `began`: when all this is said to have been made."""
    setting = Setting()
    area, _ = Area.objects.get_or_create(code=fixtures.area["code"], defaults=fixtures.area)
    for written in fixtures.networks:
        network = Network.objects.create(
            slug=written["slug"],
            name=written["name"],
            email=written["email"],
            phone=written["phone"],
            area=area,
            **written["settings"],
        )
        setting.networks[network.slug] = network
        _store_categories(setting, network, fixtures.of_network(network.slug, "categories"))
        _store_demographics(setting, network, fixtures.of_network(network.slug, "demographics"))
        _store_questions(setting, network, fixtures.of_network(network.slug, "questions"))
        _store_form(setting, network, written, began)
    for written in fixtures.networks:
        setting.networks[written["slug"]].linked_networks.add(*(setting.networks[slug] for slug in written["linked"]))
    _store_staff(setting, fixtures.users["people"], password_hash)
    for written in fixtures.networks:
        _store_invitations(setting, setting.networks[written["slug"]], written["invitations"], now)
    return setting


def _store_categories(setting: Setting, network: Network, written: list[dict[str, Any]]) -> None:
    def store(row: dict[str, Any], parent: Category | None, position: int) -> Category:
        category = Category.objects.create(
            network=network, parent=parent, name=row["name"], slug=row["slug"], position=position
        )
        setting.categories[network.slug, category.slug] = category
        return category

    for position, row in enumerate(written, start=1):
        parent = store(row, None, position)
        for place, child in enumerate(row["children"], start=1):
            store(child, parent, place)


def _store_demographics(setting: Setting, network: Network, written: list[dict[str, Any]]) -> None:
    for position, row in enumerate(written, start=1):
        demographic = Demographic.objects.create(
            network=network,
            name=row["name"],
            help_text=row.get("help_text", ""),
            takes_several=row.get("takes_several", False),
            position=position,
        )
        options = DemographicOption.objects.bulk_create(
            DemographicOption(demographic=demographic, name=option["name"], plural=option["plural"], position=place)
            for place, option in enumerate(row["options"], start=1)
        )
        setting.options |= {(network.slug, demographic.name, option.name): option for option in options}


def _store_questions(setting: Setting, network: Network, written: list[dict[str, Any]]) -> None:
    """Store all questions first: an option can reveal one that stands further down, or further up."""
    for position, row in enumerate(written, start=1):
        setting.questions[row["id"]] = Question.objects.create(
            network=network,
            text=row["text"],
            help_text=row.get("help_text", ""),
            kind=row.get("kind", QuestionKind.ONE),
            is_required=row.get("required", False),
            position=position,
        )
    for row in written:
        for place, answer in enumerate(row.get("options", []), start=1):
            option = QuestionOption.objects.create(
                question=setting.questions[row["id"]],
                text=answer["text"],
                is_urgent=answer.get("urgent", False),
                position=place,
            )
            option.reveals.set(setting.questions[name] for name in answer.get("reveals", []))
            option.needs.set(setting.categories[network.slug, slug] for slug in answer.get("needs", []))
            setting.answers[row["id"], option.text] = option


def _store_form(setting: Setting, network: Network, written: dict[str, Any], began: datetime) -> None:
    text = written["consent"].format(network=network.name, email=network.email, phone=network.phone)
    setting.wordings[network.slug] = ConsentWording.objects.create(
        network=network, version=1, text=text, created_at=began
    )
    for link in written["referral_links"]:
        setting.links[link["name"]] = ReferralLink.objects.create(
            network=network,
            name=link["name"],
            source_organisation=link["source_organisation"],
            embed_origins="\n".join(link.get("embed_origins", [])),
            created_at=began,
        )


def _store_staff(setting: Setting, written: list[dict[str, Any]], password_hash: str) -> None:
    for row in written:
        user = User.objects.create(
            name=row["name"],
            email=row["email"],
            password=password_hash,
            is_superuser=row.get("superuser", False),
        )
        for role in row.get("roles", []):
            network = setting.networks[role["network"]]
            NetworkRole.objects.create(network=network, user=user, role=role["role"])
            if role["role"] == "coordinator":
                setting.coordinators.setdefault(network.pk, user)


def _store_invitations(setting: Setting, network: Network, written: list[dict[str, Any]], now: datetime) -> None:
    for row in written:
        invited_at = now - timedelta(days=row["days_ago"])
        Invitation.objects.create(
            network=network,
            organisation_name=row["organisation_name"],
            email=row["email"],
            role=OrganisationRole.OWNER,
            invited_by=setting.coordinators[network.pk],
            created_at=invited_at,
            expires_at=invited_at + timedelta(days=14),
        )
