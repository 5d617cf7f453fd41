"""Who is told of which other referral. Nobody outside the network is, nor who may not read this one."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals import workflow
from referrals.access.reach import keep_reach
from referrals.duplicates import find_duplicates
from referrals.duplicates.lookup import candidates_for, find_alike
from referrals.enums import Outcome, RejectReason
from referrals.models import Person
from referrals.tests.factories import UserFactory
from referrals.tests.worlds import World, live_on, only_strand
from referrals.workflow import PersonDetails

pytestmark = pytest.mark.django_db
BORN = date(1980, 4, 12)


def refer(world, name="John Smith", services=None, **person):
    person = PersonDetails(name=name, **{"date_of_birth": BORN, "phone": "020 7946 0000"} | person)
    return world.submit(person=person, services=services)


def told(user, referral) -> list:
    return [duplicate.referral for duplicate in find_duplicates(user, referral)]


def test_whoever_reads_the_referral_is_told_of_the_other(world):
    first, second = world.services[:2]
    before = refer(world, "Jon Smyth", services=[first])
    now = refer(world, services=[second])
    refer(world, "Amir Haddad", phone="", date_of_birth=date(1990, 1, 1))
    for user in (world.coordinator, world.owners[1]):
        assert told(user, now) == [before]
    assert told(world.owners[0], before) == [now]
    for user in (world.owners[0], world.owners[2], world.commissioner, UserFactory()):
        assert told(user, now) == []


def test_who_does_not_read_the_other_learns_no_more_than_its_name(world):
    refer(world, "Jon Smyth", services=world.services[:1])
    now = refer(world, services=world.services[1:2])
    [of_coordinator] = find_duplicates(world.coordinator, now)
    [of_organisation] = find_duplicates(world.owners[1], now)
    assert of_coordinator.in_words == "Same date of birth and phone number, and a name like it: Jon Smyth."
    assert of_organisation.in_words == (
        "A name like it: Jon Smyth. What else agrees can be read by whoever deals with it."
    )
    assert of_organisation.referral.get_deferred_fields() >= {"details", "source_name", "consented_at"}
    assert of_organisation.referral.person.get_deferred_fields() >= {"date_of_birth", "phone", "postcode", "address"}


def test_nobody_finds_out_where_somebody_lives_by_sending_a_referral(world):
    hidden = refer(world, services=world.services[:1], date_of_birth=None, phone="", address="12 Falkland Road")
    bait = refer(world, services=world.services[1:2], date_of_birth=None, phone="", address="12 Falkland Road")
    Person.objects.filter(referrals__in=[hidden, bait]).update(postcode="NW5 2AA")
    assert told(world.coordinator, bait) == [hidden]
    assert told(world.owners[1], bait) == []


def test_a_match_in_another_network_is_never_shown(world):
    elsewhere = World()
    elsewhere.network.roles.create(user=world.coordinator, role="coordinator")
    there, here = refer(elsewhere), refer(world)
    for user in (world.coordinator, world.owners[0], elsewhere.coordinator, elsewhere.owners[0]):
        assert told(user, here) == told(user, there) == []
    assert [key for key, _ in find_alike(here.person, date(2026, 1, 1))] == [there.person_id]  # it is one
    operator = UserFactory(is_superuser=True)
    assert told(operator, here) == []


def test_another_referral_of_this_very_person_is_told_from_whatever_network_one_knows_it(world):
    elsewhere = World()
    elsewhere.network.roles.create(user=world.coordinator, role="coordinator")
    there, here = refer(elsewhere), refer(world)
    type(there).objects.filter(pk=there.pk).update(person=here.person_id)
    assert told(world.coordinator, here) == [there]
    assert told(world.owners[0], here) == told(elsewhere.owners[0], there) == []
    workflow.close(only_strand(there).pk, actor=elsewhere.coordinator, outcome=Outcome.NO_LONGER_NEEDED)
    assert told(world.owners[0], here) == []


def test_closed_referrals_are_told_to_those_who_read_them(world):
    closed = refer(world, services=world.services[:1])
    now = refer(world, services=world.services[1:2])
    workflow.close(only_strand(closed).pk, actor=world.coordinator, outcome=Outcome.NO_LONGER_NEEDED)
    assert told(world.coordinator, now) == [closed]
    assert told(world.owners[1], now) == []


def test_spam_is_nobodys_duplicate(world):
    spam, now = refer(world), refer(world)
    workflow.close_as_spam(spam.pk, actor=world.coordinator)
    assert told(world.coordinator, now) == []


def test_it_ends_with_the_offer(world):
    refer(world, services=world.services[:1])
    now = refer(world, services=world.services[1:])
    workflow.reject(live_on(only_strand(now)).pk, actor=world.owners[1], reason=RejectReason.NO_ROOM)
    assert told(world.owners[1], now) == []
    assert len(told(world.owners[2], now)) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_as_many_statements_however_many_there_are(world, count):
    for _ in range(count):
        refer(world)
    now = refer(world)
    with keep_reach(), CaptureQueriesContext(connection) as queries:
        assert len(find_duplicates(world.coordinator, now)) == count
    assert len(queries) == 6


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ({"phone": "+44 20 7946 0000"}, {"phone": "020 7946 0000"}),
        ({"email": "John@Example.org"}, {"email": "john@example.org"}),
        ({"address": "12, Falkland Road\nLondon"}, {"address": "12 FALKLAND ROAD, London NW5"}),
        ({"date_of_birth": date(1980, 4, 12)}, {"date_of_birth": date(1980, 12, 4)}),
        ({"name": "Smith John"}, {}),
    ],
)
def test_candidates_are_found_by_each_key(known, other):
    john = Person.objects.create(**{"name": "John Smith"} | known)
    found = Person.objects.create(**{"name": "John Smith"} | other)
    Person.objects.create(name="Amir Haddad")
    assert list(candidates_for(john)) == [found]


def test_candidates_are_looked_for_by_index():
    Person.objects.create(name="John Smith")
    john = Person(pk=0, name="John Smith", date_of_birth=BORN, phone="020 7946 0000", email="john@example.org")
    john.postcode, john.address = "NW5 2AA", "12 Falkland Road"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = candidates_for(john).explain()
    for index in ("name", "birthday", "postcode", "phone", "email", "address"):
        same = f"Bitmap Index Scan on person_same_{index}" in plan
        assert same or (index == "name" and "person_name_search" in plan)  # on a small table either is as cheap
