"""What a referrer reads beside an organisation, and what never stands there."""

from datetime import UTC, date, datetime, time

import pytest
from django.contrib.gis.geos import Point

from referrals import models
from referrals.hours import Timetable, local_time, open_now_in_words
from referrals.matching import PersonFacts, suggest
from referrals.tests.factories import (
    INSIDE,
    CategoryFactory,
    DemographicFactory,
    DemographicOptionFactory,
    NetworkFactory,
    OrganisationFactory,
    RestrictionFactory,
    ServiceFactory,
    VenueFactory,
    square,
)
from referrals.tests.matching.worlds import occupy

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 13, 11, tzinfo=UTC)  # a Wednesday, in summer time
FAR = Point(-0.15, 51.549, srid=4326)  # a kilometre north of INSIDE


@pytest.fixture
def network():
    return NetworkFactory()


@pytest.fixture
def food(network):
    return CategoryFactory(network=network, name="Emergency food", position=1)


@pytest.fixture
def baby(network):
    return CategoryFactory(network=network, name="Baby supplies", position=2)


@pytest.fixture
def service(network, food):
    return make_service(network, categories=[food], catchment=square(-0.15, 51.54))


def make_service(network, **options):
    """Make a service of a new member of `network`, unless its organisation is given."""
    return ServiceFactory(network=network, **({"organisation": OrganisationFactory(network=network)} | options))


def reasons(network, *needs, **facts):
    facts = {"point": INSIDE, "place": "NW5 2", **facts}
    suggestions = suggest(network, [need.pk for need in needs], PersonFacts(**facts), at=NOON)
    return [list(suggestion.reasons) for suggestion in suggestions]


def restrict(service, *options, **ages):
    for option in options:
        RestrictionFactory(service=service, option=option)
    if ages:
        RestrictionFactory(service=service, **ages)


def open_on(service, weekday, opens, closes):
    service.opening_hours.create(weekday=weekday, opens=time(opens), closes=time(closes))


def test_how_an_organisation_answers_is_told_like_how_full_it_is_and_counts(network, food):
    quick, slow, new = (make_service(network, categories=[food], venue=None) for _ in range(3))
    record = models.TrackRecord(network=network, offers=20, accepted=18, seconds=3600, points=9000)
    record.organisation = quick.organisation
    record.save()
    models.TrackRecord.objects.create(
        network=network, organisation=slow.organisation, offers=20, accepted=4, seconds=None, points=2500
    )
    found = suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)
    assert [suggestion.service_id for suggestion in found] == [quick.pk, new.pk, slow.pk]
    told = "Usually replies within an hour, accepts 9 of 10"
    assert [one.shared_reasons[-1] for one in found] == [
        told,
        "Has room: all 10 places are free",
        "Usually gives no answer in time, accepts 2 of 10",
    ]
    network.shares_load = False
    [kept, *_] = suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)
    assert told in kept.reasons
    assert told not in kept.shared_reasons


def test_a_record_for_the_need_counts_before_that_of_all_offers(network, food, baby):
    bad_with_food, plain = (make_service(network, categories=[food, baby], venue=None) for _ in range(2))
    for category, points in ((None, 9000), (food, 2500)):
        models.TrackRecord.objects.create(
            network=network,
            organisation=bad_with_food.organisation,
            category=category,
            offers=9,
            accepted=3,
            points=points,
        )

    def first(need) -> int:
        return suggest(network, [need.pk], PersonFacts(point=INSIDE), at=NOON)[0].service_id

    assert first(food) == plain.pk
    assert first(baby) == bad_with_food.pk


@pytest.mark.parametrize(("capacity", "told"), [(1, "Full at the moment"), (3, "Has room: 1 of 3 places taken")])
def test_how_full_it_is_is_shared_only_where_the_network_shares_that(capacity, told, network, service, food):
    models.Service.objects.update(capacity=capacity)
    occupy(service)
    [shared] = suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)
    network.shares_load = False
    [kept] = suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)
    assert shared.shared_reasons == shared.reasons == kept.reasons
    assert [reason for reason in kept.reasons if reason not in kept.shared_reasons] == [told]


def test_reasons_read_naturally(network, service, food, baby):
    service.venue = VenueFactory(organisation=service.organisation, point=FAR)
    service.categories.add(baby)
    service.save()
    for _ in range(3):
        occupy(service)
    open_on(service, 2, 10, 17)
    assert reasons(network, food, baby) == [
        [
            "Covers NW5 2, 0.6 miles away",
            "Meets both needs",
            "Has room: 3 of 10 places taken",
            "Open today until 17:00",
        ]
    ]


# Place


@pytest.mark.parametrize(
    ("latitude", "words"),
    [
        (51.5400, "less than 0.1 miles"),
        (51.5410, "less than 0.1 miles"),
        (51.5545, "1 mile"),
        (51.5690, "2.0 miles"),
        (51.7000, "11 miles"),
    ],
)
def test_distance_is_in_miles(network, service, food, latitude, words):
    service.venue = VenueFactory(organisation=service.organisation, point=Point(-0.15, latitude))
    service.save()
    assert reasons(network, food)[0][0] == f"Covers NW5 2, {words} away"


def test_a_confidential_venue_has_no_distance_and_ranks_as_one_without_venue(network, food):
    near, nowhere, far = (make_service(network, categories=[food]) for _ in range(3))
    near.venue = VenueFactory(organisation=near.organisation, point=INSIDE, is_confidential=True)
    far.venue = VenueFactory(organisation=far.organisation, point=Point(-0.15, 51.9), is_confidential=True)
    near.save()
    far.save()
    suggestions = suggest(network, [food.pk], PersonFacts(point=INSIDE, place="NW5 2"), at=NOON)
    assert [suggestion.service_id for suggestion in suggestions] == [near.pk, nowhere.pk, far.pk]
    assert len({(suggestion.score, suggestion.reasons) for suggestion in suggestions}) == 1
    assert suggestions[0].reasons[0] == "Covers NW5 2"


def test_without_a_place_only_services_for_the_whole_area_are_suggested(network, service, food):
    everywhere = make_service(network, categories=[food], venue=None)
    suggestions = suggest(network, [food.pk], PersonFacts(), at=NOON)
    assert [suggestion.service_id for suggestion in suggestions] == [everywhere.pk]
    assert suggestions[0].reasons[0] == "No postcode was given: please check that this is near enough"


def test_a_point_needs_no_place_name(network, service, food):
    assert reasons(network, food, place="")[0][0] == "Covers where they live"


# Needs


def test_one_need_is_named(network, service, food):
    assert reasons(network, food)[0][1] == "Helps with emergency food"


def test_unmet_needs_are_named(network, service, food, baby):
    debt = CategoryFactory(network=network, name="Debt advice", position=3)
    assert reasons(network, food, baby)[0][1] == "Meets emergency food, not baby supplies"
    assert reasons(network, food, baby, debt)[0][1] == "Meets emergency food, not baby supplies or debt advice"
    service.categories.add(baby)
    assert reasons(network, food, baby, debt)[0][1] == "Meets emergency food and baby supplies, not debt advice"
    service.categories.add(debt)
    assert reasons(network, food, baby, debt)[0][1] == "Meets all three needs"


def test_a_service_listed_under_a_parent_meets_the_needs_below_it(network, service, food):
    parcel = CategoryFactory(network=network, parent=CategoryFactory(network=network, parent=food), name="ESOL parcels")
    assert reasons(network, parcel)[0][1] == "Helps with ESOL parcels"


def test_a_part_of_a_need_meets_it_and_says_which_part(network, food, baby):
    meals = CategoryFactory(network=network, parent=food, name="Community meals", position=1)
    late = CategoryFactory(network=network, parent=meals, name="Late suppers", position=2)
    part = make_service(network, categories=[meals, late])
    assert reasons(network, food)[0][1] == "Helps with community meals and late suppers, part of emergency food"
    assert reasons(network, food, baby)[0][1] == (
        "Meets emergency food (community meals and late suppers), not baby supplies"
    )
    part.categories.add(baby)
    both = "Meets emergency food (community meals and late suppers) and baby supplies"
    assert reasons(network, food, baby)[0][1] == both


def test_who_is_listed_at_the_need_comes_before_who_does_a_part_of_it(network, food):
    meals = CategoryFactory(network=network, parent=food)
    part, whole = (make_service(network, categories=[category], venue=None) for category in (meals, food))
    found = suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)
    assert [suggestion.service_id for suggestion in found] == [whole.pk, part.pk]


def test_what_is_listed_at_the_need_too_is_no_part_of_it(network, service, food):
    service.categories.add(CategoryFactory(network=network, parent=food))
    assert reasons(network, food)[0][1] == "Helps with emergency food"


def test_without_needs_nothing_is_suggested_or_queried(network, service, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert suggest(network, [], PersonFacts(point=INSIDE)) == []


# For whom


@pytest.fixture
def women(network):
    return DemographicOptionFactory(demographic__network=network, name="Woman", plural="women")


def test_a_restriction_that_nobody_has_shown_to_be_met_comes_after_none_and_a_met_one_before(network, food, women):
    for_women, for_all, for_the_old = (make_service(network, categories=[food], venue=None) for _ in range(3))
    RestrictionFactory(service=for_women, option=women)
    RestrictionFactory(service=for_the_old, age_from=60)

    def order(**facts) -> list[int]:
        found = suggest(network, [food.pk], PersonFacts(point=INSIDE, **facts), at=NOON)
        return [suggestion.service_id for suggestion in found]

    assert order() == [for_all.pk, for_women.pk, for_the_old.pk]
    assert order(option_ids=frozenset([women.pk])) == [for_women.pk, for_all.pk, for_the_old.pk]
    assert order(age=70) == [for_the_old.pk, for_all.pk, for_women.pk]
    RestrictionFactory(service=for_women, age_from=60)  # half shown is not shown
    assert order(age=70) == [for_the_old.pk, for_all.pk, for_women.pk]


def test_a_service_made_for_the_person_says_for_whom_it_is(network, service, food, women):
    restrict(service, women)
    assert reasons(network, food, option_ids=frozenset({women.pk}))[0][2] == "For women"


def test_an_unanswered_restriction_is_to_be_checked(network, service, food, women):
    restrict(service, women, age_from=60)
    assert reasons(network, food)[0][2:4] == [
        "Only for women: please check",
        "Only for people aged 60 or over: please check",
    ]


def test_a_different_answer_excludes_the_service(network, service, food, women):
    restrict(service, women)
    man = DemographicOptionFactory(demographic=women.demographic, name="Man", plural="men")
    assert reasons(network, food, option_ids=frozenset({man.pk})) == []


def test_answers_are_alternatives_and_demographics_are_not(network, service, food, women):
    other = DemographicOptionFactory(demographic=women.demographic, name="Another way", plural="")
    somali = DemographicOptionFactory(demographic__network=network, name="Somali", plural="Somali speakers")
    urdu = DemographicOptionFactory(demographic=somali.demographic, name="Urdu", plural="Urdu speakers")
    restrict(service, women, other, somali)
    assert reasons(network, food, option_ids=frozenset({women.pk, somali.pk}))[0][2:4] == [
        'For women and people who answered "Another way"',
        "For Somali speakers",
    ]
    assert reasons(network, food, option_ids=frozenset({women.pk, urdu.pk})) == []


def test_many_groups_are_counted(network, service, food):
    language = DemographicFactory(network=network)
    options = [DemographicOptionFactory(demographic=language, plural=f"group {letter}") for letter in "abcde"]
    restrict(service, *options)
    assert reasons(network, food)[0][2] == "Only for group a, group b and 3 other groups: please check"


@pytest.mark.parametrize(
    ("ages", "words", "suits", "does_not"),
    [
        ({"age_from": 60}, "people aged 60 or over", 60, 59),
        ({"age_to": 25}, "people aged 25 or under", 25, 26),
        ({"age_from": 16, "age_to": 25}, "people aged 16 to 25", 16, 15),
        ({"age_from": 18, "age_to": 18}, "people aged 18", 18, 19),
    ],
)
def test_ages_are_included_at_both_ends(network, service, food, ages, words, suits, does_not):
    restrict(service, **ages)
    assert reasons(network, food, age=suits)[0][2] == f"For {words}"
    assert reasons(network, food, age=does_not) == []


# Room, hours, order


def test_a_full_organisation_comes_after_all_that_have_room_however_well_it_suits(network, food, baby):
    full = make_service(network, categories=[food, baby], capacity=1)
    roomy = make_service(network, categories=[food], capacity=2)
    occupy(full, "offered")
    occupy(roomy)
    assert [found[2] for found in reasons(network, food, baby)] == [
        "Has room: 1 of 2 places taken",
        "Full at the moment",
    ]


@pytest.mark.parametrize(
    ("capacity", "words"), [(1, "Has room: its one place is free"), (4, "Has room: all 4 places are free")]
)
def test_an_empty_service_says_that_all_places_are_free(network, service, food, capacity, words):
    service.capacity = capacity
    service.save()
    assert reasons(network, food)[0][2] == words


def test_unknown_hours_are_not_mentioned(network, service, food):
    assert len(reasons(network, food)[0]) == 3
    service.by_appointment = True
    service.save()
    assert reasons(network, food)[0][3] == "By appointment"


def test_exceptions_and_bank_holidays_read_as_on_the_public_page(network, service, food):
    for weekday in range(5):
        open_on(service, weekday, 10, 17)
    service.closed_on_bank_holidays = True
    service.save()
    over, today, short = (
        {"first_day": date(2026, 5, 11), "last_day": date(2026, 5, 11)},
        {"first_day": date(2026, 5, 13), "last_day": date(2026, 5, 24), "note": "Stocktaking"},
        {"first_day": date(2026, 5, 26), "last_day": date(2026, 5, 26), "opens": time(11), "closes": time(12)},
    )
    for exception in (over, today, short):
        service.opening_exceptions.create(**exception)
    assert reasons(network, food)[0][3] == "Closed today (Stocktaking), opens Tuesday 26 May at 11:00"
    assert reasons(network, food)[0][3] == open_now_in_words(Timetable.of(service), local_time(NOON))


def test_only_the_best_service_of_an_organisation_is_suggested(network, service, food, baby):
    better = make_service(network, organisation=service.organisation, categories=[food, baby])
    suggestions = suggest(network, [food.pk, baby.pk], PersonFacts(point=INSIDE), at=NOON)
    assert [(one.service_id, one.organisation_id) for one in suggestions] == [(better.pk, service.organisation_id)]


def test_ties_go_to_the_organisation_asked_least_recently(network, food):
    last_week, last_year, never = (make_service(network, categories=[food], capacity=2) for _ in range(3))
    for one, day in ((last_week, 6), (last_year, 1)):
        occupy(one, offered_at=datetime(2026, 5, day, 9, tzinfo=UTC))
    network.weight_room = 0
    suggestions = suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)
    assert [one.service_id for one in suggestions] == [never.pk, last_year.pk, last_week.pk]


def test_suggestions_can_exclude_organisations_and_be_limited_to_services(network, service, food):
    other = make_service(network, categories=[food])
    person = PersonFacts(point=INSIDE)

    def keys(**options):
        return [one.service_id for one in suggest(network, [food.pk], person, at=NOON, **options)]

    assert keys() == [service.pk, other.pk]
    assert keys(limit=1) == [service.pk]
    assert keys(exclude_organisation_ids=[service.organisation_id]) == [other.pk]
    assert keys(service_ids=[other.pk]) == [other.pk]
    assert keys(service_ids=[]) == []


@pytest.mark.parametrize("services", [1, 3])
def test_one_query_however_many_are_suggested(network, food, services, django_assert_num_queries):
    for _ in range(services):
        make_service(network, categories=[food])
    with django_assert_num_queries(1):
        assert len(suggest(network, [food.pk], PersonFacts(point=INSIDE), at=NOON)) == services
