"""Why services are not suggested for a person, in words that fit whoever reads them: the form says "you" or "they".

`suggest` returns only the services that pass all its rules. This checks each service against each rule separately.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from django.db import connection
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from referrals.matching.audience import find_obstacles, option_group_name, options_by_demographic
from referrals.matching.facts import PersonFacts
from referrals.matching.rank_sql import COVERING, POINT
from referrals.matching.wording import groups_in_words, miles_in_words, years_in_words
from referrals.models import DemographicOption, Restriction, Service
from referrals.models.organisations import IS_ACTIVE_SQL
from referrals.translations import translate_field
from referrals.words import join_in_words

_STORED_FACTS = f"""
WITH RECURSIVE {COVERING}
SELECT service.id,
       EXISTS (SELECT FROM covering JOIN referrals_service_categories listed USING (category_id)
               WHERE listed.service_id = service.id),
       EXISTS (SELECT FROM referrals_networkmembership membership
               WHERE membership.network_id = service.network_id AND {IS_ACTIVE_SQL}
                 AND membership.organisation_id = service.organisation_id),
       ST_Covers(coalesce(service.catchment, area.boundary), {POINT}),
       CASE WHEN venue.is_confidential IS NOT TRUE THEN ST_Distance(
           coalesce(service.catchment, area.boundary)::geography, {POINT}::geography) END,
       service.catchment IS NOT NULL
FROM referrals_service service
JOIN referrals_network network ON network.id = service.network_id
JOIN referrals_area area ON area.id = network.area_id
LEFT JOIN referrals_venue venue ON venue.id = service.venue_id
WHERE service.id = ANY (%(services)s)
"""


class _StoredFacts(NamedTuple):
    """Read with the ranking's own SQL, so that shapes are compared exactly as there."""

    meets_a_need: bool
    is_member: bool
    covers: bool | None  # None: we do not know where the person lives
    metres_outside: float | None  # None also of a service with a secret address
    has_catchment: bool


class Exclusion(NamedTuple):
    """Why a service is not suggested, as a sentence. `is_of_place`: because of where the person lives."""

    reason: str
    is_of_place: bool = False


_Answers = dict[int, dict[int, str]]  # by demographic, the options that were chosen: key and name


def exclusion_reasons(service: Service, need_ids: Collection[int], person: PersonFacts) -> list[str]:
    """Return every reason why the service is not suggested, as sentences; empty if it is.

    Agrees with `suggest(service.network, need_ids, person, service_ids=[service.pk])` at any time of day.
    """
    return [exclusion.reason for exclusion in find_exclusions([service], need_ids, person)[service.pk]]


def find_exclusions(
    services: Sequence[Service], need_ids: Collection[int], person: PersonFacts
) -> dict[int, list[Exclusion]]:
    """Return the same of several services, in two queries.

    Expects `organisation`, `network__area` and `restrictions__option__demographic` to be loaded.
    """
    stored, answered = _read_stored_facts(services, need_ids, person), _read_answers(person)
    return {
        service.pk: [
            *(Exclusion(f"{capfirst(words)}.") for words in find_obstacles(service)),
            *map(Exclusion, _membership_reasons(service, stored[service.pk])),
            *map(Exclusion, _need_reasons(need_ids, stored[service.pk])),
            *(Exclusion(words, is_of_place=True) for words in _place_reasons(service, person, stored[service.pk])),
            *map(Exclusion, _age_reasons(service, person)),
            *map(Exclusion, _answer_reasons(service, answered)),
        ]
        for service in services
    }


def _read_stored_facts(
    services: Sequence[Service], need_ids: Collection[int], person: PersonFacts
) -> dict[int, _StoredFacts]:
    parameters = {
        "services": [service.pk for service in services],
        "needs": [*need_ids],
        "x": person.point.x if person.point else None,
        "y": person.point.y if person.point else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORED_FACTS, parameters)
        return {service: _StoredFacts._make(facts) for service, *facts in cursor.fetchall()}


def _read_answers(person: PersonFacts) -> _Answers:
    answers: _Answers = {}
    for option in DemographicOption.objects.filter(pk__in=person.option_ids) if person.option_ids else ():
        answers.setdefault(option.demographic_id, {})[option.pk] = translate_field(option, "name")
    return answers


def _membership_reasons(service: Service, stored: _StoredFacts) -> Iterator[str]:
    if not stored.is_member:
        names = {"organisation": service.organisation, "network": service.network}
        yield _("%(organisation)s is not an active member of %(network)s.") % names


def _need_reasons(need_ids: Collection[int], stored: _StoredFacts) -> Iterator[str]:
    if not need_ids:
        yield _("Nothing is needed: choose at least one need.")
    elif not stored.meets_a_need:
        alone = len(need_ids) == 1
        yield _("It does not help with this need.") if alone else _("It helps with none of these needs.")


def _place_reasons(service: Service, person: PersonFacts, stored: _StoredFacts) -> Iterator[str]:
    if person.point is None and stored.has_catchment:
        if person.place:
            unknown = _("It helps people in one area only, and we do not know where %(place)s lies.")
            yield unknown % {"place": person.place}
        else:
            yield _("It helps people in one area only: give at least the first half of a postcode.")
    elif stored.covers is False:
        if stored.metres_outside is None:
            own, other, far = _("Outside its own area."), _("Outside %(area)s."), ""
        else:
            own, other = _("Outside its own area by %(distance)s."), _("Outside %(area)s by %(distance)s.")
            far = miles_in_words(stored.metres_outside)
        yield (own if stored.has_catchment else other) % {"area": service.network.area, "distance": far}


def _age_reasons(service: Service, person: PersonFacts) -> Iterator[str]:
    ages = Restriction.ages_among(service.restrictions.all())
    if ages is None or person.age is None:
        return
    too_young = ages.age_from is not None and person.age < ages.age_from
    too_old = ages.age_to is not None and person.age > ages.age_to
    if too_young or too_old:
        years = {"aged": years_in_words(ages.age_from, ages.age_to), "age": person.age}
        yield _("Only for people %(aged)s, not %(age)s.") % years


def _answer_reasons(service: Service, answered: _Answers) -> Iterator[str]:
    for alternatives in options_by_demographic(service.restrictions.all()):
        given = answered.get(alternatives[0].option.demographic_id, {})
        if given and not any(restriction.option_id in given for restriction in alternatives):
            groups = groups_in_words([option_group_name(row.option) for row in alternatives])
            quoted = join_in_words([f'"{name}"' for name in given.values()])
            yield _("Only for %(groups)s; the answer is %(answer)s.") % {"groups": groups, "answer": quoted}
