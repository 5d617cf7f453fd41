"""What is said of two people, and merging them. Nothing of it reaches another network."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals import workflow
from referrals.access import visible_to
from referrals.duplicates import find_duplicates
from referrals.enums import ContactSafety, EventKind, StrandStatus
from referrals.models import CaseNote, Event, Person, PersonComparison, PersonMerge, PersonTag, Referral, Strand
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all
from referrals.tests.pairs import JOHN, JON, submit_pair
from referrals.tests.threads import at_once
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(world):
    return submit_pair(world)


def said_of(user, referral) -> list[bool | None]:
    return [duplicate.said_same for duplicate in find_duplicates(user, referral)]


def kinds_of(referral) -> list[str]:
    return [event.kind for event in Event.objects.filter(referral=referral).order_by("pk")]


def test_what_is_said_is_remembered_for_everybody(world, pair):
    before, now = pair
    workflow.say_same(now.pk, before.pk, actor=world.coordinator, is_same=False)
    assert said_of(world.coordinator, now) == said_of(world.coordinator, before) == [False]
    assert said_of(world.owners[1], now) == []  # it does not read the other, so there is nothing to be told
    workflow.say_same(before.pk, now.pk, actor=world.coordinator, is_same=True)
    assert said_of(world.owners[1], now) == [True]
    assert PersonComparison.objects.count() == 1
    for referral in pair:
        assert kinds_of(referral)[-2:] == [EventKind.SAID_DIFFERENT, EventKind.SAID_SAME]


def test_only_who_reads_both_can_say_it(world, pair):
    before, now = pair
    for user in (world.owners[0], world.owners[1], world.commissioner, f.UserFactory()):
        with pytest.raises(workflow.NotAllowed):
            workflow.say_same(now.pk, before.pk, actor=user, is_same=False)
    again = world.submit(person=JON, services=world.services[1:2])
    workflow.say_same(now.pk, again.pk, actor=world.owners[1], is_same=True)  # it holds both


def test_saying_it_twice_is_saying_it_once(world, pair):
    before, now = pair
    workflow.say_same(now.pk, before.pk, actor=world.coordinator, is_same=True)
    with pytest.raises(workflow.AlreadyDone):
        workflow.say_same(now.pk, before.pk, actor=world.coordinator, is_same=True)
    assert kinds_of(now).count(EventKind.SAID_SAME) == 1


def test_merging_brings_together_what_belongs_to_one_person(world, pair):
    before, now = pair
    activity = f.ActivityFactory(organisation=world.organisations[0])
    PersonTag.objects.create(person=before.person, organisation=world.organisations[0], activity=activity)
    note = CaseNote.objects.create(
        person=before.person, organisation=world.organisations[0], author=world.owners[0], text="Rang twice."
    )
    Person.objects.filter(pk=before.person_id).update(safe_to_ring=ContactSafety.UNSAFE)
    workflow.merge_people(now.pk, before.pk, actor=world.coordinator)
    kept = Person.objects.get(pk=now.person_id)
    assert set(kept.referrals.all()) == {before, now}
    assert (kept.name, kept.phone, kept.email) == ("John Smith", "020 7946 0000", "jon@example.org")
    assert kept.safe_to_ring == ContactSafety.UNSAFE
    assert list(kept.case_notes.all()) == [note]
    assert [tag.activity for tag in kept.tags.all()] == [activity]
    assert not visible_to(world.owners[1], CaseNote).exists()
    [duplicate] = find_duplicates(world.owners[1], now)
    assert (duplicate.referral, duplicate.is_merged) == (before, True)
    assert kinds_of(before)[-1] == kinds_of(now)[-1] == EventKind.MERGED


def test_only_a_coordinator_merges_and_undoes(world, pair):
    before, now = pair
    for user in (*world.owners, world.commissioner, f.UserFactory()):
        with pytest.raises(workflow.NotAllowed):
            workflow.merge_people(now.pk, before.pk, actor=user)
    merge = workflow.merge_people(now.pk, before.pk, actor=world.coordinator)
    with pytest.raises(workflow.AlreadyDone):
        workflow.merge_people(before.pk, now.pk, actor=world.coordinator)
    for user in (*world.owners, world.commissioner):
        with pytest.raises(workflow.NotAllowed):
            workflow.undo_merge(merge.pk, actor=user)
    workflow.undo_merge(merge.pk, actor=world.coordinator)
    with pytest.raises(workflow.AlreadyDone):
        workflow.undo_merge(merge.pk, actor=world.coordinator)


def test_a_referral_with_a_part_elsewhere_is_merged_by_who_coordinates_both(world, pair):
    before, now = pair
    elsewhere = World()
    world.network.linked_networks.add(elsewhere.network)
    Strand.objects.create(referral=before, network=elsewhere.network, status=StrandStatus.SEEKING)
    with pytest.raises(workflow.NotAllowed, match=r"^Only somebody who coordinates all"):
        workflow.merge_people(now.pk, before.pk, actor=world.coordinator)
    elsewhere.network.roles.create(user=world.coordinator, role="coordinator")
    workflow.merge_people(now.pk, before.pk, actor=world.coordinator)


def test_what_was_said_of_somebody_merged_still_counts(world, pair):
    before, now = pair
    other = world.submit(person=JON, services=world.services[2:])
    workflow.say_same(before.pk, other.pk, actor=world.coordinator, is_same=False)
    workflow.merge_people(now.pk, before.pk, actor=world.coordinator)
    assert [duplicate.said_same for duplicate in find_duplicates(world.coordinator, now)] == [False, None]


def test_a_merge_is_undone_before_what_it_is_part_of(world, pair):
    before, now = pair
    newest = world.submit(person=JON)
    first = workflow.merge_people(now.pk, before.pk, actor=world.coordinator)
    second = workflow.merge_people(newest.pk, now.pk, actor=world.coordinator)
    with pytest.raises(workflow.Refusal, match="Undo that first"):
        workflow.undo_merge(first.pk, actor=world.coordinator)
    workflow.undo_merge(second.pk, actor=world.coordinator)
    workflow.undo_merge(first.pk, actor=world.coordinator)
    assert len({referral.person_id for referral in Referral.objects.all()}) == 3


_KNOWN = st.fixed_dictionaries(
    {
        "phone": st.sampled_from(["", "020 7946 0000", "07700 900123"]),
        "email": st.sampled_from(["", "jon@example.org"]),
        "postcode": st.sampled_from(["", "NW5 2AA"]),
        "address": st.sampled_from(["", "12 Falkland Road"]),
        "date_of_birth": st.sampled_from([None, date(1980, 4, 12)]),
        "safe_to_write": st.sampled_from(list(ContactSafety)),
    }
)


@settings(max_examples=gate_or_all(10, 60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=_KNOWN, merged=_KNOWN)
def test_undoing_a_merge_leaves_everything_as_it_was(world, pair, kept, merged):
    before, now = pair
    Person.objects.filter(pk=now.person_id).update(**kept)
    Person.objects.filter(pk=before.person_id).update(**merged)
    rows = list(Person.objects.order_by("pk").values())
    merge = workflow.merge_people(now.pk, before.pk, actor=world.coordinator)
    person = Person.objects.get(pk=now.person_id)
    assert all(getattr(person, name) == value for name, value in kept.items() if value and name != "safe_to_write")
    assert (ContactSafety.UNSAFE in (kept["safe_to_write"], merged["safe_to_write"])) == (
        person.safe_to_write == ContactSafety.UNSAFE
    )
    workflow.undo_merge(merge.pk, actor=world.coordinator)
    assert list(Person.objects.order_by("pk").values()) == rows
    assert [Referral.objects.get(pk=one.pk).person_id for one in pair] == [before.person_id, now.person_id]


def test_whoever_was_merged_into_somebody_is_deleted_with_them(world, pair):
    before, now = pair
    third = world.submit(person=JON)
    workflow.merge_people(before.pk, now.pk, actor=world.coordinator)
    workflow.merge_people(third.pk, before.pk, actor=world.coordinator)
    Referral.objects.all().delete()
    Person.objects.get(pk=third.person_id).delete()
    assert not Person.objects.filter(pk__in=[before.person_id, now.person_id]).exists()


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_who_merge_in_both_directions_at_once_end_in_one_person():
    world = World()
    before, now = (world.submit(person=person) for person in (JON, JOHN))
    results = at_once(
        lambda: workflow.merge_people(now.pk, before.pk, actor=world.coordinator),
        lambda: workflow.merge_people(before.pk, now.pk, actor=world.coordinator),
        lambda: workflow.say_same(before.pk, now.pk, actor=world.coordinator, is_same=True),
        lambda: workflow.say_same(now.pk, before.pk, actor=world.coordinator, is_same=False),
    )
    assert sum(isinstance(result, PersonMerge) for result in results) == 1
    assert len({referral.person_id for referral in Referral.objects.all()}) == 1
    assert Event.objects.filter(kind=EventKind.MERGED).count() == 2
