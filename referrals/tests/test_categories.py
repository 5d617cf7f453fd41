import pytest

from referrals.models import Category, Network
from referrals.tests.factories import CategoryFactory, NetworkFactory
from referrals.tests.loops import loop_categories

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    return NetworkFactory()


def add(network, name, parent=None, position=0) -> Category:
    return CategoryFactory(network=network, name=name, slug=name.lower(), parent=parent, position=position)


def loop_of_two(network) -> tuple[Category, Category]:
    first = add(network, "First")
    second = add(network, "Second")
    loop_categories(first, second)
    return first, second


def test_children_follow_their_parent_by_position_then_name(network):
    money, food = add(network, "Money", position=2), add(network, "Food", position=1)
    parcels, meals = add(network, "Parcels", food), add(network, "Meals", food)
    hot = add(network, "Hot", meals)
    rows = Category.objects.in_tree_order([network.pk])
    assert list(rows) == [food, meals, hot, parcels, money]
    assert [row.tree_depth for row in rows] == [0, 1, 2, 1, 0]
    assert rows[2].tree_path == [food.pk, meals.pk, hot.pk]


def test_networks_follow_each_other_by_name(network):
    other = NetworkFactory(name="A network")
    last, first = add(network, "Debt"), add(other, "Money")
    assert list(Category.objects.in_tree_order()) == [first, last]


def test_a_loop_is_in_no_tree(network):
    loop_of_two(network)
    food = add(network, "Food")
    assert list(Category.objects.in_tree_order([network.pk])) == [food]


def test_a_category_goes_neither_below_itself_nor_into_a_loop(network):
    food, money = add(network, "Food"), add(network, "Money")
    meals = add(network, "Meals", food)
    add(network, "Hot", meals)
    loop_of_two(network)
    add(NetworkFactory(), "Elsewhere")
    assert set(Category.objects.possible_parents(meals)) == {food, money}
    assert set(Category.objects.possible_parents(food)) == {money}


@pytest.mark.parametrize("none", [[], Network.objects.none(), Network.objects.filter(pk__in=[]).values("pk")])
def test_no_networks_have_no_categories(none, network):
    add(network, "Food")
    assert list(Category.objects.in_tree_order(none)) == []
    assert list(Category.objects.filter(network__in=none).in_tree_order()) == []
