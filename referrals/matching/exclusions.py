"""Why a service is not suggested for a person, in words.

`suggest` returns only the services that pass all its rules. This checks one service against each rule separately.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db import connection
from django.utils.text import capfirst

from referrals.matching.audience import find_obstacles, options_by_demographic
from referrals.matching.facts import PersonFacts
from referrals.matching.rank_sql import COVERING, POINT
from referrals.matching.wording import group_name, groups_in_words, years_in_words
from referrals.models import DemographicOption, Restriction, Service
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.models.referrals import IS_LIVE_SQL
from referrals.words import join_in_words

_STORED_FACTS = f"""
WITH RECURSIVE {COVERING}
SELECT EXISTS (SELECT FROM covering JOIN referrals_service_categories listed USING (category_id)
               WHERE listed.service_id = service.id),
       EXISTS (SELECT FROM referrals_networkmembership membership
               WHERE membership.network_id = service.network_id AND {IS_ACTIVE_SQL}
                 AND membership.organisation_id = service.organisation_id),
       ST_Covers(coalesce(service.catchment, area.boundary), {POINT}),
       (SELECT count(*) FROM referrals_assignment assignment
        WHERE assignment.service_id = service.id AND {IS_LIVE_SQL})
FROM referrals_service service
JOIN referrals_network network ON network.id = service.network_id
JOIN referrals_area area ON area.id = network.area_id
WHERE service.id = %(service)s
"""


class _StoredFacts(NamedTuple):
    """Read with the ranking's own SQL, so that shapes are compared exactly as there."""

    meets_a_need: bool
    is_member: bool
    covers: bool | None  # None: we do not know where the person lives
    live: int


def exclusion_reasons(service: Service, need_ids: Collection[int], person: PersonFacts) -> list[str]:
    """Return every reason why the service is not suggested, as sentences; empty if it is.

    Agrees with `suggest(service.network, need_ids, person, service_ids=[service.pk])` at any time of day.
    """
    stored = _read_stored_facts(service, need_ids, person)
    return [
        *(f"{capfirst(words)}." for words in find_obstacles(service)),
        *_membership_reasons(service, stored),
        *_need_reasons(need_ids, stored),
        *_place_reasons(service, person, stored),
        *_age_reasons(service, person),
        *_answer_reasons(service, person),
    ]


def _read_stored_facts(service: Service, need_ids: Collection[int], person: PersonFacts) -> _StoredFacts:
    parameters = {
        "service": service.pk,
        "needs": [*need_ids],
        "x": person.point.x if person.point else None,
        "y": person.point.y if person.point else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORED_FACTS, parameters)
        return _StoredFacts._make(cursor.fetchone())


def _membership_reasons(service: Service, stored: _StoredFacts) -> Iterator[str]:
    if not stored.is_member:
        yield f"{service.organisation} is not an active member of {service.network}."


def _need_reasons(need_ids: Collection[int], stored: _StoredFacts) -> Iterator[str]:
    if not need_ids:
        yield "Nothing is needed: choose at least one need."
    elif not stored.meets_a_need:
        yield "It does not help with this need." if len(need_ids) == 1 else "It helps with none of these needs."


def _place_reasons(service: Service, person: PersonFacts, stored: _StoredFacts) -> Iterator[str]:
    if person.point is None and service.catchment is not None:
        yield "We do not know where they live, and the service is for an area of its own, drawn on its map."
    elif stored.covers is False:
        yield f"They live outside {'the area drawn on its map' if service.catchment else service.network.area}."


def _age_reasons(service: Service, person: PersonFacts) -> Iterator[str]:
    ages = Restriction.ages_among(service.restrictions.all())
    if ages is None or person.age is None:
        return
    too_young = ages.age_from is not None and person.age < ages.age_from
    too_old = ages.age_to is not None and person.age > ages.age_to
    if too_young or too_old:
        yield f"It is for people {years_in_words(ages.age_from, ages.age_to)}, and they are {person.age}."


def _answer_reasons(service: Service, person: PersonFacts) -> Iterator[str]:
    answered = _answers(person)
    for alternatives in options_by_demographic(service.restrictions.all()):
        given = answered.get(alternatives[0].option.demographic_id, {})
        if given and not any(restriction.option_id in given for restriction in alternatives):
            groups = groups_in_words([group_name(row.option.name, row.option.plural) for row in alternatives])
            quoted = join_in_words([f'"{name}"' for name in given.values()])
            yield f"It is for {groups}, and they answered {quoted}."


def _answers(person: PersonFacts) -> dict[int, dict[int, str]]:
    answers: dict[int, dict[int, str]] = {}
    for option in DemographicOption.objects.filter(pk__in=person.option_ids) if person.option_ids else ():
        answers.setdefault(option.demographic_id, {})[option.pk] = option.name
    return answers
