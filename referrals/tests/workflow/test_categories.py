import pytest

from referrals import workflow
from referrals.models import Category, Need
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand
from referrals.workflow.categories import CategoryUse

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(needs=2)


def merge(world: World, category: Category, into: Category) -> Category:
    return workflow.merge_categories(category.pk, into_id=into.pk, actor=world.coordinator)


def needs_of(referral) -> set[Category]:
    return {need.category for need in Need.objects.filter(referral=referral)}


def test_what_is_retired_stays_where_it_is_used_and_can_be_taken_back(world):
    food = world.needs[0]
    referral = world.submit()
    retired = workflow.retire_category(food.pk, actor=world.coordinator)
    assert retired.retired_at
    assert food not in Category.objects.offered()
    assert food in Category.objects.offered(also=[food.pk])
    assert (food in needs_of(referral), food in world.services[0].categories.all()) == (True, True)
    with pytest.raises(workflow.AlreadyDone):
        workflow.retire_category(food.pk, actor=world.coordinator)
    assert workflow.take_category_back(food.pk, actor=world.coordinator).retired_at is None


def test_everything_that_used_the_one_uses_the_other(world):
    old, new = f.CategoryFactory(network=world.network), f.CategoryFactory(network=world.network)
    below = f.CategoryFactory(network=world.network, parent=old)
    only_old, both = world.add_organisation(), world.add_organisation()
    only_old.categories.set([old])
    both.categories.set([old, new])
    option = f.QuestionOptionFactory(question=f.QuestionFactory(network=world.network))
    option.needs.set([old, new])
    referral = world.submit(services=[only_old], need_ids=frozenset({old.pk}))
    assert workflow.count_uses(old) == CategoryUse(services=2, answers=1, referrals=1, below=1)
    assert merge(world, old, new) == new
    assert [set(each.categories.all()) for each in (only_old, both)] == [{new}, {new}]
    assert set(option.needs.all()) == {new}
    assert needs_of(referral) == {new}
    assert Category.objects.get(pk=below.pk).parent == new
    assert Category.objects.get(pk=old.pk).retired_at
    assert workflow.count_uses(old) == CategoryUse(services=0, answers=0, referrals=0, below=0)


def test_a_referral_with_both_keeps_one_of_them_in_the_same_part(world):
    referral = world.submit()
    merge(world, *world.needs)
    assert needs_of(referral) == {world.needs[1]}


def test_no_part_of_a_referral_is_left_without_a_need(world):
    referral = world.submit()
    offer = live_on(only_strand(referral))
    other = next(service for service in world.services if service.organisation != offer.organisation)
    kept, handed = world.needs
    workflow.split(offer.pk, actor=world.owner_of(offer), keep=[kept.pk], service_id=other.pk)
    merge(world, kept, handed)
    assert [set(strand.needs.values_list("category", flat=True)) for strand in referral.strands.order_by("pk")] == [
        {kept.pk},
        {handed.pk},
    ]


def test_a_category_is_merged_neither_with_itself_nor_below_itself_nor_elsewhere(world):
    old = world.needs[0]
    below = f.CategoryFactory(network=world.network, parent=old)
    elsewhere = f.CategoryFactory()
    for into in (old, below, elsewhere):
        with pytest.raises(workflow.Refusal):
            merge(world, old, into)
    workflow.retire_category(world.needs[1].pk, actor=world.coordinator)
    with pytest.raises(workflow.Refusal, match="is retired"):
        merge(world, old, world.needs[1])


def test_only_coordinators_of_the_network_retire_and_merge(world):
    for actor in (world.owners[0], world.commissioner, World(needs=1).coordinator):
        with pytest.raises(workflow.NotAllowed):
            workflow.retire_category(world.needs[0].pk, actor=actor)
        with pytest.raises(workflow.NotAllowed):
            workflow.merge_categories(world.needs[0].pk, into_id=world.needs[1].pk, actor=actor)


def test_what_was_sensitive_stays_sensitive_in_the_other(world):
    above = f.CategoryFactory(network=world.network, is_sensitive=True)
    old, new, other = (f.CategoryFactory(network=world.network, parent=parent) for parent in (above, None, None))
    assert merge(world, other, new).is_sensitive is False
    assert merge(world, old, new).is_sensitive
    new.refresh_from_db()
    assert new.is_sensitive


def test_what_is_merged_leads_to_the_last_that_took_its_place(world):
    first, second = world.needs
    third = f.CategoryFactory(network=world.network)
    merge(world, first, second)
    merge(world, second, third)
    assert set(third.merged.all()) == {first, second}
    back = workflow.take_category_back(first.pk, actor=world.coordinator)
    assert (back.retired_at, back.merged_into) == (None, None)
