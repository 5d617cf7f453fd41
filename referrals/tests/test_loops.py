"""No loops in the tree of categories, nor in the flow chart of questions."""

import threading
from functools import partial
from importlib import import_module
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from referrals.models import Category, Question, QuestionOption
from referrals.questions import Box, Choice, FlowChart, find_reached
from referrals.refusals import constraint_message
from referrals.tests import factories as f
from referrals.tests.loops import loop_categories, loop_questions
from referrals.tests.threads import wait_for_lock

BELOW_ITSELF = "A category cannot be below itself."
BACK_TO_ITSELF = "A question cannot lead back to itself."


@pytest.fixture
def network(db):
    return f.NetworkFactory()


def chain(network, length: int) -> list[Category]:
    """Return categories of which each is the parent of the next."""
    found: list[Category] = []
    for _ in range(length):
        found.append(f.CategoryFactory(network=network, parent=found[-1] if found else None))
    return found


def flow(network, length: int) -> list[QuestionOption]:
    """Return options of which each reveals the question of the next."""
    options = [f.QuestionOptionFactory(question=f.QuestionFactory(network=network)) for _ in range(length)]
    for option, following in pairwise(options):
        option.reveals.add(following.question)
    return options


def refused(change) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        change()
    return constraint_message(error.value, Category, QuestionOption)


@pytest.mark.parametrize("length", [2, 3, 7])
def test_no_category_goes_below_itself(network, length):
    top, *_, bottom = chain(network, length)
    assert refused(partial(Category.objects.filter(pk=top.pk).update, parent=bottom)) == BELOW_ITSELF
    assert refused(partial(Category.objects.filter(pk=top.pk).update, parent=top)) == (
        "A category cannot be its own parent."
    )


def test_categories_cannot_change_places_in_one_statement(network):
    first, second = f.CategoryFactory(network=network), f.CategoryFactory(network=network)
    swap = "UPDATE referrals_category SET parent_id = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)"
    keys = [first.pk, second.pk, first.pk, first.pk, second.pk]
    assert refused(lambda: connection.cursor().execute(swap, keys)) == BELOW_ITSELF


def test_a_category_stays_in_its_parents_network(network):
    top, bottom = chain(network, 2)
    elsewhere = f.CategoryFactory()
    message = "The category above belongs to another network."
    assert refused(partial(Category.objects.filter(pk=bottom.pk).update, parent=elsewhere)) == message
    for moved in (top, bottom):
        assert refused(partial(Category.objects.filter(pk=moved.pk).update, network=elsewhere.network)) == message


def test_a_branch_moves_and_a_loop_can_be_broken(network):
    top, middle, bottom = chain(network, 3)
    Category.objects.filter(pk=bottom.pk).update(parent=top)
    loop_categories(top, middle)
    Category.objects.filter(pk=top.pk).update(parent=None)
    assert list(Category.objects.in_tree_order([network.pk])) == [top, middle, bottom]


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_no_question_leads_back_to_itself(network, length):
    first, *_, last = flow(network, length) if length > 1 else flow(network, 1) * 2
    assert refused(lambda: last.reveals.add(first.question)) == BACK_TO_ITSELF


def test_an_answer_cannot_be_moved_into_a_loop(network):
    first, second = flow(network, 2)
    moved = f.QuestionOptionFactory(question=f.QuestionFactory(network=network))
    moved.reveals.add(first.question)
    assert refused(partial(QuestionOption.objects.filter(pk=moved.pk).update, question=second.question)) == (
        BACK_TO_ITSELF
    )


def test_two_answers_may_lead_to_one_question(network):
    first, second, last = flow(network, 3)
    first.reveals.add(last.question)
    f.QuestionOptionFactory(question=second.question).reveals.add(last.question)
    assert Question.objects.filter(revealed_by__isnull=False).count() == 4


def test_an_answer_reveals_no_question_of_another_network(network):
    [option] = flow(network, 1)
    message = "An answer can only reveal questions of its own network."
    assert refused(lambda: option.reveals.add(f.QuestionFactory())) == message


def test_a_network_is_not_linked_with_itself(network):
    with pytest.raises(IntegrityError, match="A network cannot be linked with itself"), transaction.atomic():
        network.linked_networks.add(network)


@pytest.mark.parametrize("what", ["categories", "questions"])
@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_cannot_make_a_loop_between_them(what):
    """Neither transaction sees what the other has changed: the second waits, and is refused."""
    network = f.NetworkFactory()
    if what == "categories":
        first, second = f.CategoryFactory(network=network), f.CategoryFactory(network=network)
        changes = [
            partial(Category.objects.filter(pk=a.pk).update, parent=b) for a, b in ((first, second), (second, first))
        ]
    else:
        options = [f.QuestionOptionFactory(question=f.QuestionFactory(network=network)) for _ in range(2)]
        changes = [partial(a.reveals.add, b.question) for a, b in (options, options[::-1])]
    refusals = []

    def change_second() -> None:
        refusals.append(refused(changes[1]))
        connection.close()

    other = threading.Thread(target=change_second)
    with transaction.atomic():
        changes[0]()
        other.start()
        wait_for_lock()
    other.join(timeout=30)
    assert refusals == [BELOW_ITSELF if what == "categories" else BACK_TO_ITSELF]


keys = st.integers(1, 6)


@given(st.dictionaries(keys, st.frozensets(keys, max_size=3)), st.frozensets(keys, max_size=2))
def test_what_is_reached_is_closed_and_ends_whatever_the_chart(targets, start):
    chart = FlowChart(
        tuple(Box(id=key, choices=(Choice(id=key, reveals=tuple(sorted(to))),)) for key, to in targets.items())
    )
    reached = find_reached(chart, start)
    assert start <= reached
    assert all(targets.get(key, frozenset()) <= reached for key in reached)
    smaller = set(start)
    for _ in range(7):
        smaller |= {target for key in smaller for target in targets.get(key, ())}
    assert reached == smaller


def test_the_migration_cuts_the_loops_it_finds(network):
    top, middle, bottom = chain(network, 3)
    loop_categories(top, middle)
    first, second, last = flow(network, 3)
    loop_questions(first, second)
    with connection.cursor() as cursor:
        cursor.execute(import_module("referrals.migrations.0018_no_knots").CUT)
    assert set(Category.objects.values_list("pk", "parent")) == {
        (top.pk, None),
        (middle.pk, None),
        (bottom.pk, middle.pk),
    }
    reveals = QuestionOption.reveals.through.objects.values_list("questionoption", "question")
    assert list(reveals) == [(second.pk, last.question_id)]
