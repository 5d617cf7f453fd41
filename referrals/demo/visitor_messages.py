from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from referrals.demo.files import Fixtures
from referrals.enums import Role, WhatIsWrong
from referrals.models import Network, NetworkRole, OrganisationMember, PublicMessage, Service, User
from referrals.visitor_messages import public_messages


def store_visitor_messages(fixtures: Fixtures, *, now: datetime) -> None:
    for number, row in sorted(enumerate(fixtures.messages), key=lambda numbered: -numbered[1]["days_ago"]):
        at = now - timedelta(days=row["days_ago"])
        message = _store_message(row, {"key": uuid5(NAMESPACE_URL, f"message {number}"), "client": None, "at": at})
        if "done_after" in row:
            done_at = at + timedelta(days=row["done_after"])
            public_messages.mark_done(message.pk, actor=_find_actor(message), outcome=row["outcome"], at=done_at)


def _store_message(row: dict[str, Any], options: dict[str, Any]) -> PublicMessage:
    content = {"text": row["text"], "name": row.get("name", ""), "contact": row.get("contact", "")} | options
    if "network" in row:
        return public_messages.ask_network(Network.objects.get(slug=row["network"]), **content)
    services = Service.objects.select_related("organisation", "network")
    service = services.get(organisation__slug=row["organisation"], activity__name=row["activity"])
    return public_messages.suggest_correction(service, wrong=WhatIsWrong(row["wrong"]), **content)


def _find_actor(message: PublicMessage) -> User:
    if message.service:
        return OrganisationMember.objects.filter(organisation=message.service.organisation_id).earliest("pk").user
    return NetworkRole.objects.filter(network=message.network_id, role=Role.COORDINATOR).earliest("pk").user
