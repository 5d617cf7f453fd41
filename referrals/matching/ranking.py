"""The ranking: one SQL statement, its rows as suggestions."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from referrals import hours
from referrals.matching.audience import option_group_name
from referrals.matching.facts import PersonFacts, Suggestion
from referrals.matching.rank_sql import FIRST_OF_EACH, STATEMENT, RankedRow, statement_parameters
from referrals.matching.reasons import answers_reason, reasons_for, room_reason
from referrals.models import Category, DemographicOption, Network
from referrals.translations import is_in_english, translate_field

ROWS_AT_A_TIME = 10


def suggest(
    network: Network,
    need_ids: Collection[int],
    person: PersonFacts,
    *,
    at: datetime | None = None,
    limit: int | None = None,
    exclude_organisation_ids: Collection[int] = (),
    service_ids: Collection[int] | None = None,
    wherever: bool = False,
) -> list[Suggestion]:
    """Return the organisations that suit, best first, one row each. One query, three in other languages; none without
    needs.

    `service_ids` limits the choice to services shown earlier; `limit` defaults to the network's own. With `wherever`
    it does not matter where the person lives.
    """
    if not need_ids:
        return []
    now = hours.local_time(at or timezone.now())
    parameters = statement_parameters(
        network,
        need_ids,
        person,
        now,
        limit=limit,
        exclude_organisation_ids=exclude_organisation_ids,
        service_ids=service_ids,
        wherever=wherever,
    )
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        rows = [RankedRow._make(row) for row in cursor.fetchall()]
    return [_suggestion(row, network, person, now) for row in _translate(rows, network)]


def first_of_each(
    network: Network, asked: Sequence[tuple[Collection[int], PersonFacts]], *, at: datetime
) -> Iterator[int | None]:
    """Yield for each of these needs and people the organisation that suits best, None where there is none.

    One query for all, which is read as it runs: whoever stops early spares the rest. Call inside a transaction.
    """
    now = hours.local_time(at)
    people = [
        {
            "needs": sorted(needs),
            "x": person.point and person.point.x,
            "y": person.point and person.point.y,
            "age": person.age,
            "options": sorted(person.option_ids),
        }
        for needs, person in asked
    ]
    parameters = statement_parameters(network, (), PersonFacts(), now, limit=1) | {"asked": json.dumps(people)}
    with connection.chunked_cursor() as cursor:
        cursor.itersize = ROWS_AT_A_TIME
        cursor.execute(FIRST_OF_EACH, parameters)
        for (organisation_id,) in cursor:
            yield organisation_id


def _translate(rows: Sequence[RankedRow], network: Network) -> Sequence[RankedRow]:
    """Name needs and groups in the language of the page: two queries, none in English."""
    if is_in_english() or not rows:
        return rows
    categories = {row.name: translate_field(row, "name") for row in Category.objects.filter(network=network)}
    options = DemographicOption.objects.in_bulk({key for row in rows for key in row.option_ids or () if key})
    groups = {None: None} | {key: option_group_name(option) for key, option in options.items()}

    def translate(pairs: list[list[str]] | None) -> list[list[str]] | None:
        return pairs and [[key, categories.get(name, name)] for key, name in pairs]

    return [
        row._replace(
            needs=translate(row.needs),
            beneath=translate(row.beneath),
            option_plurals=row.option_ids and [groups[key] for key in row.option_ids],
        )
        for row in rows
    ]


def _suggestion(row: RankedRow, network: Network, person: PersonFacts, now: datetime) -> Suggestion:
    reasons = tuple(reasons_for(row, person, now))
    hidden = () if network.shares_load else (room_reason(row), answers_reason(row))
    return Suggestion(
        service_id=row.service_id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        activity_name=row.activity_name,
        needs_met=tuple(row.needs_met),
        score=row.points / 10_000,
        has_room=row.has_room,
        reasons=reasons,
        shared_reasons=tuple(reason for reason in reasons if reason not in hidden),
    )
